#include "bridge/via.hpp"

#include <doctest/doctest.h>

using namespace mq;

TEST_CASE("each bridge adds where a message was, and what belongs to a connection stays behind") {
  PropertyList first;
  REQUIRE(first.add(PropertyId::topic_alias, 3));
  REQUIRE(first.add(PropertyId::subscription_identifier, 7));
  REQUIRE(first.add_user("site", "7"));
  REQUIRE(first.add(PropertyId::message_expiry_interval, 60));
  PropertyList once, twice;
  pass_on(first.view(), "bridge", "plant", once);
  pass_on(once.view(), "other", "cloud", twice);
  PropertyList wanted;
  REQUIRE(wanted.add_user("site", "7"));
  REQUIRE(wanted.add(PropertyId::message_expiry_interval, 60));
  REQUIRE(wanted.add_user("mqttkit-via", "plant bridge"));
  REQUIRE(wanted.add_user("mqttkit-via", "cloud other"));
  CHECK(twice.view() == wanted.view());

  CHECK(way_of({}, "bridge", "plant", "cloud").hops == 0);
  const Way way = way_of(twice.view(), "bridge", "archive", "field");
  CHECK(way.hops == 2);
  CHECK_FALSE(way.was_there);
  CHECK_FALSE(way.was_here);
  CHECK(way_of(twice.view(), "bridge", "archive", "plant").was_there);
  CHECK(way_of(twice.view(), "bridge", "plant", "field").was_here);
  CHECK_FALSE(way_of(twice.view(), "other", "plant", "field").was_here);
}

TEST_CASE("what others have written under that name harms nothing") {
  PropertyList properties;
  for (const char* text : {"", " ", "plant", "plant bridge more"})
    REQUIRE(properties.add_user(via_name, text));
  const Way way = way_of(properties.view(), "bridge", "plant", "cloud");
  CHECK(way.hops == 4);
  CHECK_FALSE(way.was_there);
  CHECK_FALSE(way.was_here);
}
