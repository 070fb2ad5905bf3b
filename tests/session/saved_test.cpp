// A session that goes on in another run of the program.
#include "session/saved.hpp"
#include "base/text.hpp"
#include "script.hpp"

namespace mq {

namespace {

constexpr std::int64_t wall = 1'800'000'000;

Script restored(const Buffer& saved, SessionConfig config, std::int64_t later = 0) {
  Script s(std::move(config));
  s.now += 500h;  // another machine, another steady clock
  const auto taken = s.session.restore(saved, s.now, wall + later);
  REQUIRE(taken);
  return s;
}

}  // namespace

TEST_CASE("a message that is no repeat is new, whatever identifiers a run before has left") {
  for (const Version version : all_versions) {
    SessionConfig config = config_of(version);
    Script s(config);
    s.connect();
    s.feed(numbered(message(QoS::exactly_once), 7));
    s.event<Message>();
    Script next = restored(s.session.save(s.now, wall), config);
    next.connect(accepted(version != Version::v31));
    next.feed(numbered(message(QoS::exactly_once), 7));
    next.event<Message>();
    next.sent(pubrec(7));
    next.feed(numbered(message(QoS::exactly_once), 7, true));
    next.no_event();
    next.sent(pubrec(7));
  }
}

TEST_CASE("unacknowledged publishes, PUBRELs and QoS 2 identifiers go on in another run") {
  for (const Version version : all_versions) {
    SessionConfig config = config_of(version);
    Script s(config);
    s.connect();
    s.publish(message(QoS::exactly_once, "a", "released"));
    s.publish(message(QoS::exactly_once, "b", "two"));
    s.publish(message(QoS::at_least_once, "c", "one"));
    const auto ids = s.take_publishes(3);
    s.feed(pubrec(ids[0]));
    s.feed(numbered(message(QoS::exactly_once), 7));
    s.event<Message>();
    s.subscribe("#");
    s.down();
    s.publish(message(QoS::at_least_once, "d", "never sent"));

    Script next = restored(s.session.save(s.now, wall), config);
    CHECK(next.session.unacknowledged() == 4);
    next.connect(accepted(version != Version::v31));
    next.sent(pubrel(ids[0]));
    next.sent(numbered(message(QoS::exactly_once, "b", "two"), ids[1], true));
    next.sent(numbered(message(QoS::at_least_once, "c", "one"), ids[2], true));
    const Publish last = next.take<Publish>();
    CHECK(last.topic == "d");
    CHECK_FALSE(last.dup);
    const PacketId last_id = last.packet_id;
    next.sent_nothing();
    next.feed(numbered(message(QoS::exactly_once), 7, true));
    next.no_event();
    next.sent(pubrec(7));
    next.feed(puback(ids[2]));
    next.feed(puback(last_id));
    next.feed(pubcomp(ids[0]));
    for (int i = 0; i < 3; ++i) next.event<Published>();
    next.publish(QoS::at_least_once);
    CHECK(next.take<Publish>().packet_id != ids[1]);
  }
}

TEST_CASE("a saved session can be made of its parts, and the publishes get the tickets 1, 2, 3") {
  const auto saved =
      saved_session(Version::v5, "c", {7},
                    {{.id = 3, .published = wall},
                     {.id = 9, .published = wall, .message = message(QoS::at_least_once, "a", "one")},
                     {.id = 2, .published = wall, .message = message(QoS::exactly_once), .sent = false}});
  REQUIRE(saved);
  Script s = restored(*saved, config_of(Version::v5));
  s.connect(accepted(true));
  s.sent(pubrel(3));
  s.sent(numbered(message(QoS::at_least_once, "a", "one"), 9, true));
  s.sent(numbered(message(QoS::exactly_once), 2));
  s.feed(puback(9));
  s.feed(pubcomp(3));
  CHECK(s.event<Published>().ticket == 2);
  CHECK(s.event<Published>().ticket == 1);
  s.feed(numbered(message(QoS::exactly_once), 7, true));
  s.no_event();
  CHECK(s.publish(QoS::at_least_once) == 4);
  CHECK_FALSE(
      saved_session(Version::v5, "c", {}, {{.id = 1, .message = message(QoS::at_least_once, "a/#")}}));
}

TEST_CASE("a restored session is one that the client has") {
  Script s = restored(Script(config_of(Version::v5)).session.save(Time{}, wall), config_of(Version::v5));
  s.connect(accepted(true));
  CHECK(s.session.connected());
}

TEST_CASE("a restored session that the server has lost goes out as new") {
  Script s(config_of(Version::v5));
  s.connect();
  s.publish(QoS::exactly_once);
  s.take_publishes(1);
  s.feed(numbered(message(QoS::exactly_once), 7));
  s.event<Message>();
  Script next = restored(s.session.save(s.now, wall), config_of(Version::v5));
  CHECK(next.connect(accepted(false)).possible_doubles == 1);
  CHECK_FALSE(next.take<Publish>().dup);
  next.feed(numbered(message(QoS::exactly_once), 7));
  next.event<Message>();
}

TEST_CASE("[MQTTKIT-5-EXPIRY-3] expiry goes on counting between runs") {
  Script s(config_of(Version::v5));
  s.connect();
  const Props expiry = Props().set(PropertyId::message_expiry_interval, 100);
  s.publish(message(QoS::at_least_once, "sent", "x", expiry));
  s.take_publishes(1);
  s.down();
  s.publish(message(QoS::at_least_once, "unsent", "x", expiry));
  s.advance(10s);
  const Buffer saved = s.session.save(s.now, wall);
  {
    Script next = restored(saved, config_of(Version::v5), 20);
    next.connect(accepted(true));
    for (int i = 0; i < 2; ++i)
      CHECK(next.take<Publish>().properties.number(PropertyId::message_expiry_interval) == 70U);
  }
  {
    Script next = restored(saved, config_of(Version::v5), 1000);
    next.connect(accepted(true));
    const Publish sent = next.take<Publish>();
    CHECK(sent.topic == "sent");
    CHECK(sent.properties.number(PropertyId::message_expiry_interval) == 1U);
    next.sent_nothing();
    next.event<Dropped>();
  }
  {  // a wall clock that was set back: no younger than new
    Script next = restored(saved, config_of(Version::v5), -100'000);
    next.connect(accepted(true));
    CHECK(next.take<Publish>().properties.number(PropertyId::message_expiry_interval) == 100U);
  }
}

TEST_CASE("a message is never older than an expiry can be, however often it is saved") {
  constexpr std::int64_t seventy_years = 70LL * 365 * 86400;
  const Props forever = Props().set(PropertyId::message_expiry_interval, UINT32_MAX);
  for (const std::int64_t published : {INT64_MIN, std::int64_t{0}, wall - seventy_years}) {
    CAPTURE(published);
    const auto saved = saved_session(
        Version::v5, "c", {},
        {{.id = 1, .published = published, .message = message(QoS::at_least_once, "a", "x", forever)}});
    REQUIRE(saved);
    Script s = restored(*saved, config_of(Version::v5));
    s.advance(2s);
    const Buffer later = s.session.save(s.now, wall + 2);
    Script next = restored(later, config_of(Version::v5), 2);
    CHECK(next.session.save(next.now, wall + 2) == later);
    next.connect(accepted(true));
    const auto left = next.take<Publish>().properties.number(PropertyId::message_expiry_interval);
    CHECK(left ==
          std::max<std::int64_t>(1, UINT32_MAX - (wall - std::max(published, wall - UINT32_MAX)) - 2));
  }
}

TEST_CASE(
    "a QoS 2 message that the caller has not acknowledged is delivered again in the next run, one "
    "acknowledged is not") {
  SessionConfig config = config_of(Version::v5);
  config.manual_acknowledgement = true;
  Script s(config);
  s.connect();
  std::vector<Ticket> tickets;
  for (PacketId id = 1; id <= 4; ++id) {
    s.feed(numbered(message(QoS::exactly_once), id));
    tickets.push_back(s.event<Message>().ticket);
  }
  REQUIRE(s.session.acknowledge(tickets[0], s.now));
  REQUIRE(s.session.acknowledge(tickets[2], s.now));                              // waits for the second
  REQUIRE(s.session.acknowledge(tickets[3], s.now, ReasonCode::quota_exceeded));  // the same
  s.sent(pubrec(1));
  s.sent_nothing();
  Script next = restored(s.session.save(s.now, wall), config);
  next.connect(accepted(true));
  next.feed(numbered(message(QoS::exactly_once), 1, true));
  next.no_event();
  next.sent(pubrec(1));
  next.feed(numbered(message(QoS::exactly_once), 2, true));
  next.event<Message>();
  next.feed(numbered(message(QoS::exactly_once), 3, true));
  next.no_event();
  next.feed(numbered(message(QoS::exactly_once), 4, true));
  next.event<Message>();
}

TEST_CASE("[MQTT-3.1.3-2][MQTT311-3.1.3-2] a saved session belongs to one client, at one version") {
  for (const Version version : all_versions) {
    const Buffer saved = Script(config_of(version)).session.save(Time{}, wall);
    SessionConfig other = config_of(version);
    other.client_id = "d";
    CHECK(Session(other).restore(saved, Time{}, wall).error().kind == ErrorKind::usage);
    CHECK(Session(config_of(version == Version::v5 ? Version::v311 : Version::v5))
              .restore(saved, Time{}, wall)
              .error()
              .kind == ErrorKind::usage);
  }
}

TEST_CASE("a damaged file is told from a session, wherever the damage is") {
  SessionConfig config = config_of(Version::v5);
  Script s(config);
  s.connect();
  s.publish(
      message(QoS::exactly_once, "topic", "payload", Props().set(PropertyId::message_expiry_interval, 9)));
  s.publish(QoS::at_least_once);
  const auto ids = s.take_publishes(2);
  s.feed(numbered(message(QoS::exactly_once), 7));
  s.event<Message>();
  const Buffer saved = s.session.save(s.now, wall);
  const auto restore = [&](Bytes bytes) { return Session(config).restore(bytes, s.now, wall); };
  REQUIRE(restore(saved));
  for (std::size_t size = 0; size < saved.size(); ++size) {
    const auto refused = restore(Bytes(saved).substr(0, size));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::malformed);
  }
  CHECK_FALSE(restore(Buffer(saved).append(1, '\0')));
  // Any one byte changed: refused, or something that a client could have sent.
  for (std::size_t at = 0; at < saved.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
      Buffer changed = saved;
      changed[at] = static_cast<char>(octet(changed[at]) ^ flip);
      Session next(config);
      if (!next.restore(changed, s.now, wall)) continue;
      next.transport_up(s.now);
      next.received(Bytes("\x20\x03\x01\x00\x00", 5), s.now);
      CHECK(next.next_event(s.now));
    }
  }
}

TEST_CASE("what no client would have kept is refused") {
  const auto head = *from_hex("6d71747474 6b6974");  // decoys do not begin right
  CHECK_FALSE(Session(config_of(Version::v5)).restore(head, Time{}, wall));
  const Buffer empty = Script(config_of(Version::v5)).session.save(Time{}, wall);
  const auto with = [&](std::string_view held, std::string_view publishes) {
    Buffer bytes = empty.substr(0, empty.size() - 4);
    bytes.append(*from_hex(held)).append(*from_hex(publishes));
    return Session(config_of(Version::v5)).restore(bytes, Time{}, wall);
  };
  const auto entry = [](std::string_view id, std::string_view size, std::string_view packet) {
    return std::string("0001 ").append(id).append(" 01 0000000000000000 000000").append(size).append(packet);
  };
  CHECK(with("0001 0005", "0000"));
  CHECK(with("0000", entry("0001", "08", "32 06 0001 74 0001 00")));
  CHECK(with("0000", entry("0001", "00", "")));
  CHECK_FALSE(with("0001 0000", "0000"));                                           // identifier 0 held
  CHECK_FALSE(with("0000", entry("0000", "00", "")));                               // identifier 0 sent
  CHECK_FALSE(with("0000", entry("0002", "08", "32 06 0001 74 0001 00")));          // another identifier
  CHECK_FALSE(with("0000", entry("0001", "08", "3a 06 0001 74 0001 00")));          // DUP
  CHECK_FALSE(with("0000", entry("0001", "06", "30 04 0001 74 00")));               // QoS 0
  CHECK_FALSE(with("0000", entry("0001", "08", "36 06 0001 74 0001 00")));          // QoS 3
  CHECK_FALSE(with("0000", entry("0001", "07", "32 05 0000 0001 00")));             // no topic
  CHECK_FALSE(with("0000", entry("0001", "0b", "32 09 0001 74 0001 03 23 0001")));  // an alias
  CHECK_FALSE(with("0000", entry("0001", "0a", "32 08 0001 74 0001 02 0b 01")));    // a server's property
  CHECK_FALSE(with("0000", entry("0001", "0a", "32 06 0001 74 0001 00 c0 00")));    // more than a PUBLISH
  CHECK_FALSE(with("0000", entry("0001", "04", "62 02 0001")));                     // no PUBLISH
  // The same identifier twice.
  CHECK_FALSE(with("0000", "0002 0001 01 0000000000000000 00000000 0001 01 0000000000000000 00000000"));
  // Times as far apart as numbers can be.
  CHECK(with("0000", "0001 0001 01 8000000000000000 00000000"));
  CHECK(with("0000", "0001 0001 01 7fffffffffffffff 00000000"));
}

}  // namespace mq
