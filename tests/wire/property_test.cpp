#include "wire/property.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/text.hpp"
#include "wire/testing.hpp"

namespace mq {
namespace {

using namespace std::string_view_literals;
using testing::properties;

constexpr PacketSet publish = bit_of(PacketType::publish);

std::string hex(const PropertyList& list) { return to_hex(list.view().block()); }

// The reason of the refusal, 0 when there is none.
int refusal(std::string_view block, PacketSet in, Sender sender) {
  const auto checked = check_properties(from_hex(block).value(), in, sender);
  if (checked) return 0;
  CHECK_EQ(checked.error().kind, checked.error().reason == 0x81 ? ErrorKind::malformed : ErrorKind::protocol);
  return checked.error().reason;
}

TEST_CASE("properties: 27 rows, found by id and by name, all for some packet") {
  CHECK_EQ(property_rows().size(), 27);
  for (const PropertyRow& row : property_rows()) {
    CAPTURE(row.name);
    CHECK_EQ(find_property(static_cast<std::uint8_t>(row.id)), &row);
    CHECK_EQ(find_property(row.name), &row);
    CHECK_NE(row.by_client | row.by_server, 0);
  }
  for (const int id : {0x00, 0x04, 0x0A, 0x20, 0x2B, 0x7F, 0x80, 0xFF}) {
    CHECK_EQ(find_property(static_cast<std::uint8_t>(id)), nullptr);
  }
  CHECK_EQ(find_property("no-such-property"), nullptr);
}

TEST_CASE("properties: a list writes each type") {
  PropertyList list;
  CHECK(list.add(PropertyId::payload_format_indicator, 1));
  CHECK(list.add(PropertyId::topic_alias, 258));
  CHECK(list.add(PropertyId::message_expiry_interval, 0x01020304));
  CHECK(list.add(PropertyId::subscription_identifier, 128));
  CHECK(list.add(PropertyId::content_type, "é"));
  CHECK(list.add(PropertyId::correlation_data, "\xff\0"sv));
  CHECK(list.add_user("k", ""));
  CHECK_EQ(list.view().block(), from_hex("0101 230102 0201020304 0b8001 030002c3a9 090002ff00 2600016b0000"));
}

TEST_CASE("[MQTTKIT-5-PROP-6] properties: a view gives back what a list took, in order") {
  PropertyList list;
  CHECK(list.add_user("a", "1"));
  CHECK(list.add(PropertyId::message_expiry_interval, 7));
  CHECK(list.add_user("a", "2"));
  std::string seen;
  for (const Property& property : list.view()) {
    seen.append(find_property(static_cast<std::uint8_t>(property.id))->name).append("=");
    seen.append(property.value).append(std::to_string(property.number)).append(" ");
  }
  CHECK_EQ(seen, "user-property=10 message-expiry-interval=7 user-property=20 ");
  CHECK_EQ(list.view().number(PropertyId::message_expiry_interval), 7U);
  CHECK_EQ(list.view().bytes(PropertyId::user_property), "1");
  CHECK_FALSE(list.view().number(PropertyId::topic_alias));
  CHECK_FALSE(list.view().bytes(PropertyId::content_type));
  CHECK(list.view().contains(PropertyId::user_property));
  CHECK_FALSE(list.view().contains(PropertyId::topic_alias));

  list.remove(PropertyId::user_property);
  CHECK_EQ(hex(list), "0200000007");
  list.clear();
  CHECK(list.empty());
  CHECK(list.view().begin() == list.view().end());
}

TEST_CASE("properties: walking a torn block ends before the tear") {
  const Buffer block = from_hex("0101 2600016b00").value();
  std::size_t count = 0;
  for (const Property& property : Properties(block)) count += property.number;
  CHECK_EQ(count, 1);
  CHECK(Properties("\x04").begin() == Properties().end());
}

TEST_CASE(
    "[MQTTKIT-5-ZERO-1][MQTTKIT-5-ZERO-2][MQTTKIT-5-ZERO-3][MQTTKIT-5-BOOL-1] properties: a list refuses "
    "numbers out of range, and the wrong type") {
  struct Example {
    PropertyId id;
    std::uint32_t number;
  };
  using enum PropertyId;
  constexpr Example examples[] = {{receive_maximum, 0},
                                  {receive_maximum, 65'536},
                                  {maximum_packet_size, 0},
                                  {payload_format_indicator, 2},
                                  {maximum_qos, 2},
                                  {retain_available, 2},
                                  {request_problem_information, 2},
                                  {subscription_identifier, 0},
                                  {subscription_identifier, 268'435'456},
                                  {topic_alias, 65'536},
                                  {topic_alias_maximum, 65'536},
                                  {server_keep_alive, 65'536},
                                  {content_type, 1},
                                  {static_cast<PropertyId>(0x7F), 1}};
  PropertyList list;
  for (const Example& example : examples) {
    CAPTURE(static_cast<int>(example.id));
    const auto added = list.add(example.id, example.number);
    REQUIRE_FALSE(added);
    CHECK_EQ(added.error().kind, ErrorKind::usage);
  }
  CHECK_FALSE(list.add(topic_alias, "7"));
  CHECK_FALSE(list.add(user_property, "7"));
  CHECK_FALSE(list.add(static_cast<PropertyId>(0x7F), "7"));
  CHECK(list.empty());
  CHECK_EQ(list.add(receive_maximum, 0).error().text,
           "property receive-maximum must be from 1 to 65535, not 0");
}

TEST_CASE("[MQTT-3.3.2-8] topic alias 0 is refused both ways") {
  PropertyList list;
  CHECK_FALSE(list.add(PropertyId::topic_alias, 0));
  CHECK_EQ(refusal("230000", publish, Sender::client), 0x94);
  CHECK_EQ(refusal("230001", publish, Sender::client), 0);
}

TEST_CASE(
    "[MQTT-1.5.4-1][MQTT-1.5.4-2][MQTT-1.5.7-1][MQTT-3.3.2-13][MQTT-3.3.2-19] strings in properties are "
    "UTF-8") {
  PropertyList list;
  for (const std::string_view text : {"\xed\xa0\x80"sv, "\xff"sv, "a\0"sv}) {
    CHECK_FALSE(list.add(PropertyId::content_type, text));
    CHECK_FALSE(list.add(PropertyId::response_topic, text));
    CHECK_FALSE(list.add_user(text, ""));
    CHECK_FALSE(list.add_user("", text));
    CHECK(list.empty());
    for (const Property& property :
         {testing::bytes(PropertyId::content_type, text), testing::bytes(PropertyId::response_topic, text),
          testing::user(text, ""), testing::user("", text)}) {
      CHECK_EQ(refusal(hex(properties(property)), publish, Sender::server), 0x81);
    }
  }
  CHECK(list.add(PropertyId::correlation_data, "\xff"));
}

TEST_CASE("[MQTTKIT-5-PROP-7] properties: 65535 bytes of text, and not one more") {
  const std::string longest(65'535, 'x');
  const std::string longer(65'536, 'x');
  PropertyList list;
  CHECK_FALSE(list.add(PropertyId::content_type, longer));
  CHECK_FALSE(list.add(PropertyId::correlation_data, longer));
  CHECK_FALSE(list.add_user(longer, ""));
  CHECK(list.empty());
  CHECK(list.add(PropertyId::content_type, longest));
  CHECK(list.add_user(longest, longest));
  CHECK(check_properties(list.view().block(), publish, Sender::client));
}

TEST_CASE("[MQTT-3.3.2-14] response topics have no wildcards") {
  PropertyList list;
  CHECK_FALSE(list.add(PropertyId::response_topic, "a/#"));
  CHECK_FALSE(list.add(PropertyId::response_topic, "+"));
  CHECK(list.add(PropertyId::response_topic, "a/b"));
  CHECK_EQ(refusal("080003612f23", publish, Sender::client), 0x82);
  CHECK_EQ(refusal("080003612f23", will_bit, Sender::client), 0x82);
}

TEST_CASE(
    "[MQTTKIT-5-PASS-1] what a server passes on of another client's values does not end the connection") {
  CHECK_EQ(refusal("080003612f23", publish, Sender::server), 0);
  CHECK_EQ(refusal("080000", publish, Sender::server), 0);
  CHECK_EQ(refusal("0102", publish, Sender::server), 0);
  CHECK_EQ(refusal("0102", publish, Sender::client), 0x82);
  CHECK_EQ(refusal("01020102", publish, Sender::server), 0x82);
  CHECK_EQ(refusal("080001ff", publish, Sender::server), 0x81);
}

TEST_CASE("[MQTT-3.14.2-2][MQTT-3.3.4-6] what the other side alone may send is a protocol error") {
  CHECK_EQ(refusal("1100000001", bit_of(PacketType::disconnect), Sender::client), 0);
  CHECK_EQ(refusal("1100000001", bit_of(PacketType::disconnect), Sender::server), 0x82);
  CHECK_EQ(refusal("0b01", publish, Sender::server), 0);
  CHECK_EQ(refusal("0b01", publish, Sender::client), 0x82);
}

TEST_CASE(
    "[MQTTKIT-5-PROP-1][MQTTKIT-5-PROP-2][MQTTKIT-5-PROP-3][MQTTKIT-5-PROP-4][MQTTKIT-5-PROP-5] properties: "
    "misplaced, unknown, torn and repeated ones are refused") {
  CHECK_EQ(refusal("", publish, Sender::client), 0);
  CHECK_EQ(refusal("210001", publish, Sender::client), 0x81);                          // misplaced
  CHECK_EQ(refusal("040000", publish, Sender::client), 0x81);                          // unknown
  CHECK_EQ(refusal("ff", publish, Sender::client), 0x81);                              // unknown
  CHECK_EQ(refusal("8101", publish, Sender::client), 0x81);                            // an id of two bytes
  CHECK_EQ(refusal("02000000", publish, Sender::client), 0x81);                        // torn
  CHECK_EQ(refusal("030002ff", publish, Sender::client), 0x81);                        // torn
  CHECK_EQ(refusal("0b8100", publish, Sender::server), 0x81);                          // overlong
  CHECK_EQ(refusal("0b00", publish, Sender::server), 0x82);                            // out of range
  CHECK_EQ(refusal("01000100", publish, Sender::server), 0x82);                        // twice
  CHECK_EQ(refusal("0b010b01", publish, Sender::server), 0);                           // may repeat
  CHECK_EQ(refusal("0b010b01", bit_of(PacketType::subscribe), Sender::client), 0x82);  // may not, there
  CHECK_EQ(refusal("26000000002600000000", bit_of(PacketType::puback), Sender::client), 0);  // may repeat
}

TEST_CASE(
    "[MQTTKIT-5-PROP-1][MQTTKIT-5-PROP-3] properties: every one that may not repeat is refused the second "
    "time, in every packet") {
  for (const PropertyRow& row : property_rows()) {
    if (row.repeats) continue;
    CAPTURE(row.name);
    PropertyList list;
    list.add(testing::number(row.id, row.least));
    list.add(testing::number(row.id, row.least));
    for (unsigned bit = 0; bit < 16; ++bit) {
      const auto in = static_cast<PacketSet>(1U << bit);
      if ((row.by_client & in) != 0) CHECK_EQ(refusal(hex(list), in, Sender::client), 0x82);
      if ((row.by_server & in) != 0) CHECK_EQ(refusal(hex(list), in, Sender::server), 0x82);
      if (((row.by_client | row.by_server) & in) == 0) {
        CHECK_EQ(refusal(hex(list), in, Sender::client), 0x81);
        CHECK_EQ(refusal(hex(list), in, Sender::server), 0x81);
      }
    }
  }
}

}  // namespace
}  // namespace mq
