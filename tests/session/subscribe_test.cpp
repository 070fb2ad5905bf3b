// SUBSCRIBE and UNSUBSCRIBE.
#include "script.hpp"

namespace mq {

TEST_CASE("[MQTT-3.8.1-1][MQTT311-3.8.1-1][MQTT-3.10.1-1][MQTT311-3.10.1-1] a request and its answer") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    const auto asked =
        s.session.subscribe({{.filter = "a/+", .qos = QoS::at_least_once}, {.filter = "b"}}, {}, s.now);
    REQUIRE(asked);
    s.sent(version == Version::v5 ? "82 0d 0001 00 0003 612f2b 01 0001 62 00"
                                  : "82 0c 0001 0003 612f2b 01 0001 62 00");
    s.feed(Suback{1, {}, "\x01\x80"});
    const Subscribed subscribed = s.event<Subscribed>();
    CHECK(subscribed.ticket == *asked);
    CHECK(subscribed.suback.codes == "\x01\x80");
    const auto ended = s.session.unsubscribe({"a/+", "b"}, {}, s.now);
    REQUIRE(ended);
    s.sent(version == Version::v5 ? "a2 0b 0002 00 0003 612f2b 0001 62" : "a2 0a 0002 0003 612f2b 0001 62");
    s.feed(Unsuback{2, {}, version == Version::v5 ? std::string_view("\x00\x11", 2) : std::string_view{}});
    const Unsubscribed unsubscribed = s.event<Unsubscribed>();
    CHECK(unsubscribed.ticket == *ended);
    CHECK(unsubscribed.unsuback.codes.size() == (version == Version::v5 ? 2 : 0));
  }
}

TEST_CASE("[MQTT-3.8.3-5] every option has its bits") {
  Script s(config_of(Version::v5));
  s.connect();
  const Subscription all{.filter = "a",
                         .qos = QoS::exactly_once,
                         .no_local = true,
                         .retain_as_published = true,
                         .retain_handling = RetainHandling::never};
  REQUIRE(s.session.subscribe({all}, Props().set(PropertyId::subscription_identifier, 5), s.now));
  s.sent("82 09 0001 02 0b 05 0001 61 2e");
  Script old(config_of(Version::v311));
  old.connect();
  REQUIRE(old.session.subscribe({all}, {}, old.now));
  old.sent("82 06 0001 0001 61 02");  // [MQTT311-3.8.3-4]
}

TEST_CASE(
    "[MQTT-3.8.3-1][MQTT311-3.8.3-1][MQTT-3.8.3-2][MQTT311-3.8.3-3][MQTT311-3.8.3-4][MQTT-3.10.3-1][MQTT311-"
    "3.10.3-1]"
    "[MQTT-3.10.3-2][MQTT311-3.10.3-2][MQTT-4.7.1-1][MQTT311-4.7.1-2][MQTT-4.7.1-2][MQTT311-4.7.1-3]"
    "[MQTT-4.7.3-3][MQTT311-4.7.3-3] requests that are none are refused before a byte is sent") {
  using namespace std::string_view_literals;
  const std::string too_long(65536, 'f');
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    for (const std::string_view filter : {"\xC3\x28"sv, ""sv, "a\0b"sv, "a#"sv, "a/#/b"sv, "#/a"sv, "a+"sv,
                                          "+a/b"sv, std::string_view(too_long)}) {
      CHECK(s.session.subscribe({{.filter = filter}}, {}, s.now).error().kind == ErrorKind::usage);
      CHECK(s.session.unsubscribe({filter}, {}, s.now).error().kind == ErrorKind::usage);
    }
    CHECK(s.session.subscribe({}, {}, s.now).error().kind == ErrorKind::usage);
    CHECK(s.session.unsubscribe({}, {}, s.now).error().kind == ErrorKind::usage);
    CHECK(s.session.subscribe({{.filter = "a", .qos = static_cast<QoS>(3)}}, {}, s.now).error().kind ==
          ErrorKind::usage);
    s.sent_nothing();
    for (const std::string_view filter :
         {"#"sv, "a/#"sv, "+"sv, "+/b"sv, "a/+/c"sv, "a/+"sv, std::string_view(too_long).substr(1)}) {
      s.subscribe(filter);
      CHECK(s.take<Subscribe>().subscriptions[0].filter == filter);
    }
  }
}

TEST_CASE("[MQTT-3.8.3-4][MQTT-4.8.2-1][MQTT-4.8.2-2] shared filters") {
  Script s(config_of(Version::v5));
  s.connect();
  const Subscription no_local{.filter = "$share/g/t", .no_local = true};
  CHECK(s.session.subscribe({no_local}, {}, s.now).error().kind == ErrorKind::usage);
  for (const std::string_view filter : {"$share//t", "$share/g", "$share/g/", "$share/g+/t", "$share/#/t"})
    CHECK(s.session.subscribe({{.filter = filter}}, {}, s.now).error().kind == ErrorKind::usage);
  s.sent_nothing();
  s.subscribe("$share/g/t");
  CHECK(s.take<Subscribe>().subscriptions[0].filter == "$share/g/t");
}

TEST_CASE("requests need a connection") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    CHECK(s.session.subscribe({{.filter = "a"}}, {}, s.now).error().kind == ErrorKind::lost);
    CHECK(s.session.unsubscribe({"a"}, {}, s.now).error().kind == ErrorKind::lost);
    s.up();
    CHECK(s.session.subscribe({{.filter = "a"}}, {}, s.now).error().kind == ErrorKind::lost);
  }
}

TEST_CASE("answers come in any order") {
  Script s(config_of(Version::v5));
  s.connect();
  const Ticket first = s.subscribe("a");
  const Ticket second = s.subscribe("b");
  s.feed(Suback{2, {}, std::string_view("\0", 1)});
  s.feed(Suback{1, {}, "\x87"});
  CHECK(s.event<Subscribed>().ticket == second);
  const Subscribed refused = s.event<Subscribed>();
  CHECK(refused.ticket == first);
  CHECK(refused.suback.codes == "\x87");
}

}  // namespace mq
