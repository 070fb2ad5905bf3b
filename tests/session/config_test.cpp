// What check() makes of a configuration.
#include "script.hpp"

namespace mq {

TEST_CASE(
    "[MQTT-3.1.3-4][MQTT311-3.1.3-4][MQTT-3.1.3-11][MQTT311-3.1.3-10][MQTT-3.1.3-12][MQTT311-3.1.3-11]"
    "[MQTT-3.1.2-12][MQTT311-3.1.2-14] what CONNECT cannot say is known before there is a connection") {
  for (const Version version : all_versions) {
    const SessionConfig good = config_of(version);
    CHECK(check(good));
    SessionConfig config = good;
    config.client_id = "\xC0\x80";
    CHECK(check(config).error().kind == ErrorKind::usage);
    config = good;
    config.user_name = "\xFF\xFE";
    CHECK(check(config).error().kind == ErrorKind::usage);
    config.user_name = "u";
    config.password = "\xFF\xFE";
    CHECK(check(config));
    for (const std::string topic : {"\xFF", "a/#", "a/+", ""}) {
      config = good;
      config.will = WillConfig{.topic = topic, .payload = {}, .properties = {}};
      CHECK(check(config).error().kind == ErrorKind::usage);
    }
    config.will = WillConfig{.topic = "w", .payload = {}, .qos = static_cast<QoS>(3), .properties = {}};
    CHECK(check(config).error().kind == ErrorKind::usage);
  }
}

TEST_CASE(
    "[MQTT311-3.1.2-22][MQTT311-3.1.3-7][MQTTKIT-311-OLD-1] what only 5.0 has is refused, not left out") {
  SessionConfig config = config_of(Version::v311);
  config.password = "p";
  CHECK(check(config).error().kind == ErrorKind::usage);
  config = config_of(Version::v311);
  config.client_id.clear();
  CHECK(check(config).error().kind == ErrorKind::usage);
  config.clean_start = true;
  CHECK(check(config));
  config = config_of(Version::v311);
  config.properties = Props().set(PropertyId::receive_maximum, 5);
  CHECK(check(config).error().kind == ErrorKind::usage);
  config = config_of(Version::v311);
  config.will =
      WillConfig{.topic = "w", .payload = {}, .properties = Props().set(PropertyId::will_delay_interval, 5)};
  CHECK(check(config).error().kind == ErrorKind::usage);
}

}  // namespace mq
