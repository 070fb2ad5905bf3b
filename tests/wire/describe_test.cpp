// Most of describe() is shown by the vectors; here is what it must never show.
#include "wire/describe.hpp"

#include <doctest/doctest.h>

#include <string>

#include "wire/testing.hpp"

namespace mq {
namespace {

using testing::properties;

TEST_CASE("describe: a PUBLISH on one line") {
  const PropertyList list = properties(testing::bytes(PropertyId::content_type, "text/plain"));
  Publish packet;
  packet.qos = QoS::at_least_once;
  packet.packet_id = 7;
  packet.topic = "a/b";
  packet.payload = "hello, world";
  packet.properties = list.view();
  CHECK_EQ(describe(packet, Version::v5), "PUBLISH q1 m7 r0 d0 'a/b' 12 bytes {content-type 'text/plain'}");
}

TEST_CASE("describe: passwords, payloads of wills and authentication data stay secret") {
  const PropertyList list = properties(testing::bytes(PropertyId::authentication_method, "m"),
                                       testing::bytes(PropertyId::authentication_data, "secret"));
  Connect packet;
  packet.client_id = "a";
  packet.user_name = "ada";
  packet.password = "secret";
  packet.will.emplace().topic = "w";
  packet.will->payload = "secret";
  packet.properties = list.view();
  const std::string line = describe(packet, Version::v5);
  CHECK_EQ(line.find("secret"), std::string::npos);
  CHECK_EQ(line,
           "CONNECT v5 'a' c1 k60 user 'ada' password of 6 bytes will (q0 r0 'w' 6 bytes) "
           "{authentication-method 'm', authentication-data of 6 bytes}");
  CHECK_EQ(
      describe(Auth{.reason = ReasonCode::continue_authentication, .properties = list.view()}, Version::v5)
          .find("secret"),
      std::string::npos);
}

TEST_CASE("describe: control characters are escaped, long text is cut") {
  Publish packet;
  packet.topic = "a\x1b]0;b\x07";
  CHECK_EQ(describe(packet, Version::v311), "PUBLISH q0 m0 r0 d0 'a\\x1b]0;b\\x07' 0 bytes");
  const std::string topic(100, 'x');
  packet.topic = topic;
  CHECK_EQ(describe(packet, Version::v311),
           std::string("PUBLISH q0 m0 r0 d0 '").append(80, 'x').append("'... 0 bytes"));
}

TEST_CASE("describe: reasons only where the version has them") {
  const Puback packet{{.packet_id = 3, .reason = ReasonCode::success, .properties = {}}};
  CHECK_EQ(describe(packet, Version::v311), "PUBACK m3");
  CHECK_EQ(describe(packet, Version::v5), "PUBACK m3 0x00 success");
  CHECK_EQ(describe(Disconnect{}, Version::v31), "DISCONNECT");
}

}  // namespace
}  // namespace mq
