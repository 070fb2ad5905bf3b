#include "engine/open_requests.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace mq;

namespace {

OpenRequests::Times at(std::uint64_t number) {
  return {.due = Time(Duration(static_cast<Duration::rep>(number))), .sent = {}};
}

}  // namespace

TEST_CASE("what waits is found again by its number, in whatever order it is answered") {
  std::mt19937_64 random(5);
  OpenRequests open;
  std::map<std::uint64_t, Time> model;
  std::uint64_t number = 0;
  for (int i = 0; i < 50'000; ++i) {
    if (model.empty() || random() % 2 == 0) {
      number += 1 + random() % 3;
      open.add(number, at(number));
      model.emplace(number, at(number).due);
    } else {
      // Mostly the oldest, now and then a much later one.
      auto entry = model.begin();
      if (random() % 4 == 0) std::advance(entry, random() % model.size());
      REQUIRE(open.find(entry->first)->due == entry->second);
      REQUIRE(open.take(entry->first)->due == entry->second);
      REQUIRE_FALSE(open.take(entry->first));
      model.erase(entry);
    }
    REQUIRE(open.size() == model.size());
  }
  std::size_t visited = 0;
  open.visit([&](std::uint64_t each, const OpenRequests::Times& times) {
    ++visited;
    CHECK(model.at(each) == times.due);
  });
  CHECK(visited == model.size());
}

TEST_CASE("one that is never answered costs no more than itself") {
  OpenRequests open;
  open.add(1, at(1));
  for (std::uint64_t number = 2; number < 1'000'000; ++number) {
    open.add(number, at(number));
    if (number > 100) REQUIRE(open.take(number - 50));
  }
  CHECK(open.places() <= 512);
  CHECK(open.find(1)->due == at(1).due);
  CHECK(open.take(1));
}
