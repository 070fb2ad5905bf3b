#include "shared/property_option.hpp"

#include <doctest/doctest.h>

#include <string>

#include "command_lines.hpp"

namespace mq {
namespace {

using test::Arguments;

Arguments property(std::initializer_list<const char*> words) {
  Arguments arguments{"-D"};
  arguments.insert(arguments.end(), words);
  return arguments;
}

}  // namespace

TEST_CASE("properties go where the command says") {
  const auto settings =
      test::pub_with({"-D", "connect",    "receive-maximum",     "7",                 //
                      "-D", "publish",    "content-type",        "text/plain",        //
                      "-D", "publish",    "user-property",       "k",          "-v",  //
                      "-D", "publish",    "user-property",       "k",          "",    //
                      "-D", "disconnect", "user-property",       "why",        "me",  //
                      "-D", "will",       "will-delay-interval", "5",          "--will-topic",
                      "w"});
  REQUIRE(settings);
  const SessionConfig& session = settings->connection.client.session;
  CHECK(session.properties.view().number(PropertyId::receive_maximum) == 7U);
  REQUIRE(session.will);
  CHECK(session.will->properties.view().number(PropertyId::will_delay_interval) == 5U);
  const Properties publish = settings->properties.view();
  CHECK(publish.bytes(PropertyId::content_type) == "text/plain");
  std::string pairs;
  for (const Property one : publish) {
    if (one.id == PropertyId::user_property) pairs.append(one.name).append(":").append(one.value).append(";");
  }
  CHECK(pairs == "k:-v;k:;");
  CHECK(settings->connection.disconnect_properties.view().contains(PropertyId::user_property));
  CHECK(settings->connection.needs_v5 == "-D/--property");
  CHECK_FALSE(settings->connection.client.fall_back_to_v311);

  const auto subscriber = test::sub_with(
      {"-D", "subscribe", "subscription-identifier", "9", "-D", "unsubscribe", "user-property", "a", "b"});
  REQUIRE(subscriber);
  CHECK(subscriber->subscribe_properties.view().number(PropertyId::subscription_identifier) == 9U);
  CHECK(subscriber->unsubscribe_properties.view().contains(PropertyId::user_property));
}

TEST_CASE("a later property replaces an earlier one of its kind") {
  const auto settings =
      test::pub_with({"-D", "publish", "content-type", "a", "-D", "publish", "content-type", "b"});
  REQUIRE(settings);
  int count = 0;
  for (const Property one : settings->properties.view()) count += one.id == PropertyId::content_type ? 1 : 0;
  CHECK(count == 1);
  CHECK(settings->properties.view().bytes(PropertyId::content_type) == "b");

  const auto expiry = test::pub_with({"-x", "5", "-D", "connect", "session-expiry-interval", "6"});
  REQUIRE(expiry);
  CHECK(expiry->connection.client.session.properties.view().number(PropertyId::session_expiry_interval) ==
        6U);
}

TEST_CASE("binary properties can be given as text, hexadecimal or base64") {
  struct Row {
    const char* value;
    std::string expected;
  };
  const Row table[] = {
      {"plain", "plain"},
      {"", ""},
      {"hex:00a1FF", std::string("\x00\xA1\xFF", 3)},
      {"hex:", ""},
      {"base64:AAECAw==", std::string("\x00\x01\x02\x03", 4)},
      {"text:hex:00", "hex:00"},
      {"\xFF\xFE", "\xFF\xFE"},
  };
  for (const Row& row : table) {
    CAPTURE(row.value);
    const auto settings = test::pub_with(property({"publish", "correlation-data", row.value}));
    REQUIRE(settings);
    CHECK(settings->properties.view().bytes(PropertyId::correlation_data) == row.expected);
  }
}

TEST_CASE("properties that can't be meant are refused") {
  struct Row {
    Arguments arguments;
    const char* expected;
  };
  const Row table[] = {
      {property({"pubish", "content-type", "x"}), "'pubish' is none of publish, connect, disconnect, will"},
      {property({"subscribe", "user-property", "k", "v"}),
       "'subscribe' is none of publish, connect, disconnect, will"},
      {property({"publish", "contenttype", "x"}), "there is no property 'contenttype'"},
      {property({"publish", "", "x"}), "there is no property ''"},
      {property({"connect", "topic-alias", "1"}), "topic-alias has no place in connect"},
      {property({"publish", "subscription-identifier", "1"}),
       "subscription-identifier has no place in publish"},
      {property({"connect", "server-keep-alive", "1"}), "server-keep-alive has no place in connect"},
      {property({"publish", "topic-alias", "0"}), "topic-alias '0' is not a whole number from 1 to 65535"},
      {property({"publish", "topic-alias", "65536"}),
       "topic-alias '65536' is not a whole number from 1 to 65535"},
      {property({"publish", "payload-format-indicator", "2"}),
       "payload-format-indicator '2' is not a whole number from 0 to 1"},
      {property({"publish", "message-expiry-interval", "-1"}),
       "message-expiry-interval '-1' is not a whole number from 0 to 4294967295"},
      {property({"publish", "correlation-data", "hex:0"}),
       "'hex:0' does not hold pairs of hexadecimal digits"},
      {property({"publish", "correlation-data", "base64:?"}), "'base64:?' is not base64"},
      // A secret is not shown.
      {property({"connect", "authentication-data", "hex:sesame"}),
       "authentication-data does not hold pairs of hexadecimal digits"},
      {property({"connect", "authentication-data", "base64:sesame"}), "authentication-data is not base64"},
  };
  for (const Row& row : table) {
    CAPTURE(row.expected);
    const auto settings = test::pub_with(row.arguments);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().kind == ErrorKind::usage);
    CHECK(settings.error().text == std::string("-D/--property: ").append(row.expected));
  }
}

TEST_CASE("text properties hold valid UTF-8") {
  CHECK_FALSE(test::pub_with(property({"publish", "content-type", "\xFF"})));
  CHECK_FALSE(test::pub_with(property({"publish", "user-property", "\xC0\x80", "v"})));
  CHECK(test::pub_with(property({"publish", "user-property", "schlüssel", "välue"})));
}

TEST_CASE("hints name what is allowed and what was nearly meant") {
  CHECK(test::hint_of(test::pub_with(property({"publish", "content-typ", "x"}))) ==
        "did you mean content-type?");
  CHECK(test::hint_of(test::pub_with(property({"disconnect", "content-type", "x"}))) ==
        "disconnect takes session-expiry-interval, reason-string, user-property");
}

TEST_CASE("a user property at the end of the line lacks its value") {
  CHECK(test::error_of(test::pub({"-t", "a", "-n", "-D", "publish", "user-property", "k"})) ==
        "-D/--property: user-property needs a name and a value");
}

TEST_CASE("authentication data needs its method") {
  CHECK(test::error_of(test::pub_with(property({"connect", "authentication-data", "x"}))) ==
        "authentication-data needs authentication-method");
  CHECK(test::pub_with(
      {"-D", "connect", "authentication-data", "x", "-D", "connect", "authentication-method", "y"}));
}

}  // namespace mq
