#include "wire/frame.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "wire/decode.hpp"

namespace mq {
namespace {

Result<std::optional<Frame>> frame_of(std::string_view hex, std::uint64_t max_size = max_packet_bytes) {
  static Buffer bytes;
  bytes = from_hex(hex).value();
  return next_frame(bytes, max_size);
}

TEST_CASE("[MQTT-1.5.5-1] variable byte integers take their shortest form") {
  struct Example {
    std::uint32_t value;
    std::string_view hex;
  };
  constexpr Example examples[] = {
      {0, "00"},         {127, "7f"},         {128, "8001"},         {16383, "ff7f"},
      {16384, "808001"}, {2097151, "ffff7f"}, {2097152, "80808001"}, {268435455, "ffffff7f"}};
  for (const Example& example : examples) {
    Buffer out;
    append_variable_integer(example.value, out);
    CHECK_EQ(to_hex(out), example.hex);
    CHECK_EQ(variable_integer_size(example.value), out.size());
  }
}

TEST_CASE(
    "[MQTT-1.5.5-1][MQTTKIT-5-FRAME-2][MQTTKIT-311-FRAME-2] overlong remaining lengths are malformed, and at "
    "once") {
  for (const std::string_view hex :
       {"308000", "30ff00", "30808000", "3080808000", "3080808080", "30ffffff80"}) {
    CAPTURE(hex);
    const auto frame = frame_of(hex);
    REQUIRE_FALSE(frame);
    CHECK_EQ(frame.error().kind, ErrorKind::malformed);
    CHECK_EQ(frame.error().reason, 0x81);
  }
  for (const std::string_view hex : {"", "30", "3080", "308080", "30808080", "3002", "300261"}) {
    CAPTURE(hex);
    const auto frame = frame_of(hex);
    REQUIRE(frame);
    CHECK_FALSE(frame->has_value());
  }
}

TEST_CASE("frame: type, flags, body and size") {
  const auto frame = frame_of("3b 03 00 01 61 c0 00");
  REQUIRE(frame);
  REQUIRE(frame->has_value());
  CHECK_EQ((*frame)->type, PacketType::publish);
  CHECK_EQ((*frame)->flags, 0xB);
  CHECK_EQ(to_hex((*frame)->body), "000161");
  CHECK_EQ((*frame)->size, 5);
}

TEST_CASE("[MQTTKIT-5-FRAME-1] frame: packet type 0 is malformed before its length is there") {
  const auto frame = frame_of("0f");
  REQUIRE_FALSE(frame);
  CHECK_EQ(frame.error().reason, 0x81);
}

TEST_CASE(
    "[MQTT-3.1.2-24] a packet above the limit is refused when its header is there, whole packet counted") {
  CHECK(frame_of("30 03", 5));
  const auto large = frame_of("30 04", 5);
  REQUIRE_FALSE(large);
  CHECK_EQ(large.error().kind, ErrorKind::protocol);
  CHECK_EQ(large.error().reason, 0x95);
  CHECK(frame_of("30 80 01", 131));
  CHECK_FALSE(frame_of("30 80 01", 130));
  CHECK(frame_of("30 ff ff ff 7f"));
  CHECK_FALSE(frame_of("30 ff ff ff 7f", max_packet_bytes - 1));
}

TEST_CASE("frame: packets behind one another") {
  const Buffer bytes = from_hex("d000 4002 0007 d000").value();
  Bytes rest = bytes;
  std::vector<PacketType> types;
  while (!rest.empty()) {
    const auto frame = next_frame(rest);
    REQUIRE(frame);
    REQUIRE(frame->has_value());
    types.push_back((*frame)->type);
    rest.remove_prefix((*frame)->size);
  }
  CHECK_EQ(types, std::vector{PacketType::pingresp, PacketType::puback, PacketType::pingresp});
}

TEST_CASE("[MQTTKIT-5-FRAME-5][MQTTKIT-311-FRAME-1] packet types: names, and who sends them") {
  CHECK_EQ(name_of(PacketType::connect), "CONNECT");
  CHECK_EQ(name_of(PacketType::auth), "AUTH");
  struct Example {
    PacketType type;
    bool client_3, server_3, client_5, server_5;
  };
  using enum PacketType;
  constexpr Example examples[] = {
      {connect, true, false, true, false},  {connack, false, true, false, true},
      {publish, true, true, true, true},    {puback, true, true, true, true},
      {pubrec, true, true, true, true},     {pubrel, true, true, true, true},
      {pubcomp, true, true, true, true},    {subscribe, true, false, true, false},
      {suback, false, true, false, true},   {unsubscribe, true, false, true, false},
      {unsuback, false, true, false, true}, {pingreq, true, false, true, false},
      {pingresp, false, true, false, true}, {disconnect, true, false, true, true},
      {auth, false, false, true, true},
  };
  for (const Example& example : examples) {
    CAPTURE(name_of(example.type));
    for (const Version version : {Version::v31, Version::v311}) {
      CHECK_EQ(packet_allowed(example.type, version, Sender::client), example.client_3);
      CHECK_EQ(packet_allowed(example.type, version, Sender::server), example.server_3);
    }
    CHECK_EQ(packet_allowed(example.type, Version::v5, Sender::client), example.client_5);
    CHECK_EQ(packet_allowed(example.type, Version::v5, Sender::server), example.server_5);
  }
}

}  // namespace
}  // namespace mq
