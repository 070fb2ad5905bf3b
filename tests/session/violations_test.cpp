// Every packet that is none, sent to a client that is connected.
#include "base/text.hpp"
#include "script.hpp"
#include "wire/vectors.hpp"

namespace mq {

TEST_CASE(
    "[MQTT311-4.8.0-1][MQTTKIT-5-ZERO-1][MQTTKIT-5-ZERO-2][MQTTKIT-5-ZERO-3][MQTTKIT-5-ZERO-4][MQTTKIT-5-"
    "BOOL-1]"
    "[MQTTKIT-5-REASON-1][MQTTKIT-5-REASON-2][MQTTKIT-5-FRAME-3][MQTTKIT-5-FRAME-4][MQTTKIT-5-FRAME-5]"
    "[MQTTKIT-5-PROP-1][MQTTKIT-5-PROP-2][MQTTKIT-5-PROP-3][MQTTKIT-5-PROP-4][MQTTKIT-5-PROP-5]"
    "[MQTTKIT-311-FRAME-3][MQTTKIT-311-CONN-2] a packet that is none ends the connection, which in 5.0 is "
    "told why") {
  std::size_t fed = 0;
  for (const testing::InvalidVector& vector : testing::invalid_vectors()) {
    if (vector.sender != Sender::server) continue;
    CAPTURE(vector.name);
    Script s(config_of(vector.version));
    s.connect();
    s.publish(QoS::at_least_once);
    s.take_publishes(1);
    s.feed(vector.hex);
    const Broken broken = s.event<Broken>();
    CHECK(static_cast<int>(broken.error.kind) == static_cast<int>(vector.kind));
    CHECK(broken.error.reason == vector.reason);
    CHECK(s.session.over());
    CHECK_FALSE(s.session.deadline());
    if (vector.version == Version::v5)
      s.sent(Disconnect{static_cast<ReasonCode>(vector.reason), {}});
    else
      s.sent_nothing();
    s.no_event();
    CHECK(s.session.unacknowledged() == 1);
    ++fed;
  }
  CHECK(fed > 100);
}

// Before CONNACK the client has nobody to tell.
TEST_CASE(
    "[MQTTKIT-5-CONN-1][MQTTKIT-5-CONN-5][MQTTKIT-5-ZERO-1][MQTTKIT-5-ZERO-2][MQTTKIT-5-BOOL-1] "
    "a packet that is none in CONNACK's place ends the connection without a word") {
  for (const testing::InvalidVector& vector : testing::invalid_vectors()) {
    if (vector.sender != Sender::server) continue;
    CAPTURE(vector.name);
    Script s(config_of(vector.version));
    s.up();
    s.take<Connect>();
    s.feed(vector.hex);
    s.event<Broken>();
    CHECK(s.session.over());
    CHECK_FALSE(s.session.connected());
    s.sent_nothing();
  }
}

}  // namespace mq
