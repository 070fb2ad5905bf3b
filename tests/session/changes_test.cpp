// What an owner that keeps the session's state elsewhere is told of it.
#include "script.hpp"

namespace mq {

namespace {

using Kind = SessionChange::Kind;

SessionConfig kept(Version version) {
  SessionConfig config = config_of(version);
  config.keeps_changes = true;
  return config;
}

// Exactly these since the last question.
void changed(Script& s, const std::vector<SessionChange>& wanted) {
  REQUIRE(s.session.changes().size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK(s.session.changes()[i].kind == wanted[i].kind);
    CHECK(s.session.changes()[i].id == wanted[i].id);
    CHECK(s.session.changes()[i].ticket == wanted[i].ticket);
  }
  s.session.clear_changes();
}

}  // namespace

TEST_CASE("identifiers given, PUBRECs and PUBRELs are told as changes") {
  for (const Version version : all_versions) {
    Script s(kept(version));
    s.connect();
    const Ticket one = s.publish(QoS::at_least_once);
    const Ticket two = s.publish(QoS::exactly_once);
    s.publish(QoS::at_most_once);
    const auto ids = s.take_publishes(2);
    changed(s, {{Kind::identified, ids[0], one}, {Kind::identified, ids[1], two}});
    s.feed(puback(ids[0]));
    s.feed(pubrec(ids[1]));
    s.event<Published>();
    s.no_event();
    changed(s, {{Kind::received, ids[1], two}});
    s.feed(pubrec(ids[1]));  // again: known already
    s.no_event();
    changed(s, {});
    s.feed(numbered(message(QoS::exactly_once), 7));
    s.event<Message>();
    changed(s, {});
    s.feed(pubrel(7));
    s.feed(pubrel(7));
    s.no_event();
    changed(s, {{Kind::released, 7, 0}});
  }
}

TEST_CASE("a publish that becomes a new message has another identifier") {
  Script s(kept(Version::v5));
  s.connect();
  s.publish(QoS::at_least_once);
  const Ticket second = s.publish(QoS::exactly_once);
  s.take_publishes(2);
  s.feed(puback(1));
  s.event<Published>();
  s.session.clear_changes();
  s.reconnect(false);
  const PacketId id = s.take_publishes(1).front();
  changed(s, {{Kind::identified, id, second}});
}

TEST_CASE("after a lost session all that goes out anew is told in its order, not the renewed alone") {
  Script s(kept(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::receive_maximum, 1)));
  const Ticket first = s.publish(QoS::at_least_once);
  const Ticket second = s.publish(QoS::at_least_once);
  s.take_publishes(1);
  s.session.clear_changes();
  s.reconnect(false);
  REQUIRE(s.session.changes().size() == 2);
  CHECK(s.session.changes()[0].ticket == first);
  CHECK(s.session.changes()[1].ticket == second);
}

TEST_CASE("who does not ask for changes has none") {
  Script s(config_of(Version::v5));
  s.connect();
  s.publish(QoS::exactly_once);
  changed(s, {});
}

}  // namespace mq
