#include "shared/message_record.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "shared/message.hpp"
#include "shared/message_value.hpp"

namespace mq {
namespace {

MessageRecord read(Bytes line, RecordTime time = RecordTime::ignored) {
  MessageRecord record;
  const auto done = read_record(line, time, record);
  CAPTURE(line);
  REQUIRE(done);
  return record;
}

std::string error_of(Bytes line, RecordTime time = RecordTime::read) {
  MessageRecord record;
  const auto done = read_record(line, time, record);
  CAPTURE(line);
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::payload);
  return done.error().text;
}

TEST_CASE("an object that a person wrote: topic and payload are enough, or the topic alone") {
  const MessageRecord plain = read(R"({"topic":"a/b","payload":"x"})");
  CHECK(plain.topic == "a/b");
  CHECK(plain.payload == "x");
  CHECK_FALSE(plain.qos);
  CHECK_FALSE(plain.retain);
  CHECK_FALSE(plain.time);
  CHECK(plain.properties.empty());
  CHECK(read(R"({"topic":"a"})").payload.empty());
  CHECK(read(R"({"payload":"x"})").topic.empty());
  CHECK(read(R"({"topic":"a","payload":1.50})").payload == "1.50");
  CHECK(read(R"({"topic":"a","payload":null})").payload == "null");
  CHECK(read(R"({"topic":"a","payload":{ "b": [1, 2] }})").payload == R"({"b":[1,2]})");
  CHECK(read(R"({"topic":"a","raw":"AP8="})").payload == Buffer("\0\xFF", 2));
  CHECK(read(R"({"topic":"a","payload":"x","comment":{"by":"hand"},"dup":7,"time":12})").payload == "x");
  CHECK(read(R"({"topic":"a","topic":"b","retain":1})").topic == "b");
}

TEST_CASE("the encoding says what the payload's bytes are") {
  CHECK(read(R"({"encoding":"json","payload":"x"})").payload == "\"x\"");
  CHECK(read(R"({"encoding":"json","payload":{"a":1.0}})").payload == R"({"a":1.0})");
  CHECK(read(R"({"encoding":"utf8","payload":"{\"a\": 1}\n"})").payload == "{\"a\": 1}\n");
  CHECK(read(R"({"encoding":"base64","payload":"//4="})").payload == "\xFF\xFE");
  CHECK(read(R"({"encoding":"base64","payload":{"any":"value"},"raw":"//4="})").payload == "\xFF\xFE");
  CHECK(read(R"({"encoding":"utf8","payload":""})").payload.empty());
}

TEST_CASE("all properties of a message, and those that belong to the way it came") {
  const MessageRecord record = read(
      R"({"topic":"t","qos":2,"retain":true,"properties":{"payload_format_indicator":1,"message_expiry_interval":4294967295,)"
      R"("content_type":"text/plain","response_topic":"r/é","correlation_data":"AP8=","topic_alias":3,"subscription_identifiers":[1,2],)"
      R"("user_properties":[["k","1"],["k","2"],["",""]]},"payload":""})");
  CHECK(record.qos == QoS::exactly_once);
  CHECK(record.retain == true);
  const Properties properties = record.properties.view();
  CHECK(properties.number(PropertyId::payload_format_indicator) == 1);
  CHECK(properties.number(PropertyId::message_expiry_interval) == 4294967295);
  CHECK(properties.bytes(PropertyId::content_type) == "text/plain");
  CHECK(properties.bytes(PropertyId::response_topic) == "r/é");
  CHECK(properties.bytes(PropertyId::correlation_data) == Bytes("\0\xFF", 2));
  CHECK_FALSE(properties.contains(PropertyId::topic_alias));
  CHECK_FALSE(properties.contains(PropertyId::subscription_identifier));
  std::string pairs;
  for (const Property& property : properties)
    if (property.id == PropertyId::user_property)
      pairs.append(property.name).append("=").append(property.value).append(" ");
  CHECK(pairs == "k=1 k=2 = ");
  CHECK(read(R"({"properties":{"content-type":"x","user-properties":{"a":"b"}}})")
            .properties.view()
            .bytes(PropertyId::content_type) == "x");
}

TEST_CASE("the time is read where it counts") {
  const MessageRecord record =
      read(R"({"topic":"t","time":"1970-01-01T01:00:01.000002+01:00"})", RecordTime::read);
  REQUIRE(record.time);
  CHECK(record.time->time_since_epoch() == std::chrono::microseconds(1'000'002));
  CHECK_FALSE(read(R"({"topic":"t"})", RecordTime::read).time);
}

TEST_CASE("what does not fit is told with the member's name") {
  const std::pair<Bytes, std::string_view> table[] = {
      {"", "not JSON"},
      {"{", "not JSON"},
      {"[]", "it is JSON, but no object"},
      {"17", "it is JSON, but no object"},
      {R"({"topic":7})", "topic is a number, not a text"},
      {R"({"topic":""})", "topic name is empty"},
      {R"({"topic":"a/#"})", "topic name 'a/#' holds a wildcard, which only a filter may"},
      {R"({"topic":"a\u0000"})", "topic name 'a\\x00' holds U+0000"},
      {R"({"qos":3})", "qos is 3, not 0, 1 or 2"},
      {R"({"qos":"1"})", "qos is '1', not 0, 1 or 2"},
      {R"({"qos":1.0})", "qos is 1.0, not 0, 1 or 2"},
      {R"({"retain":"yes"})", "retain is 'yes', neither true nor false"},
      {R"({"properties":[]})", "properties is a list, not an object"},
      {R"({"properties":{"content_type":7}})", "properties.content_type is a number, not a text"},
      {R"({"properties":{"content_type":"\u0000"}})", "properties.content_type: "},
      {R"({"properties":{"message_expiry_interval":-1}})",
       "properties.message_expiry_interval is -1, no whole number from 0 to 4294967295"},
      {R"({"properties":{"payload_format_indicator":2}})",
       "properties.payload_format_indicator is 2, no whole number from 0 to 1"},
      {R"({"properties":{"correlation_data":"?"}})", "properties.correlation_data is not base64"},
      {R"({"properties":{"receive_maximum":1}})", "properties has 'receive_maximum', which no message can"},
      {R"({"properties":{"colour":1}})", "properties has 'colour', which no message can"},
      {R"({"properties":{"user_property":"x"}})", "properties has 'user_property', which no message can"},
      {R"({"properties":{"user_properties":"x"}})",
       "properties.user_properties is a text, not a list of pairs"},
      {R"({"properties":{"user_properties":[["a"]]}})",
       "properties.user_properties: not each is a list of a name and a value"},
      {R"({"properties":{"user_properties":[["a",1]]}})",
       "properties.user_properties: a value is a number, not a text"},
      {R"({"encoding":"latin1","payload":""})", "encoding is 'latin1', none of json, utf8, base64"},
      {R"({"encoding":1,"payload":""})", "encoding is a number, not a text"},
      {R"({"encoding":"utf8","payload":1})", "payload is a number, not a text"},
      {R"({"encoding":"base64","payload":1})", "payload is a number, not a text of base64"},
      {R"({"encoding":"base64","payload":"="})", "payload is not base64"},
      {R"({"encoding":"base64","payload":"","raw":"~"})", "raw is not base64"},
      {R"({"encoding":"json"})", "there is an encoding, but no payload"},
      {R"({"time":12})", "time is 12, no time with a zone as RFC 3339 has it"},
      {R"({"time":"2026-11-22 06:00"})",
       "time is '2026-11-22 06:00', no time with a zone as RFC 3339 has it"},
  };
  for (const auto& [line, text] : table) {
    CAPTURE(text);
    CHECK(error_of(line).contains(text));
  }
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  std::string bytes() {
    std::string out(below(30), '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
  }

  std::string text() {
    static constexpr std::string_view parts[] = {"a",    "\"", "\\",     "\n", "\x01",
                                                 "\x7F", "é",  "\u2028", "😀", "/"};
    std::string out;
    for (unsigned i = below(8); i > 0; --i) out += parts[below(std::size(parts))];
    return out;
  }

  // What some reader might call JSON, text, or something else.
  std::string payload() {
    static constexpr std::string_view some[] = {"",           "null",
                                                "1",          "1.50",
                                                "-0",         R"({"a":[1,2]})",
                                                "\"x\"",      "true",
                                                R"({"a":1})", R"({ "a": 1 })",
                                                "1e999",      R"({"a":1,"a":2})",
                                                "{",          "[]",
                                                "{}",         "12345678901234567890"};
    switch (below(3)) {
      case 0:
        return bytes();
      case 1:
        return text();
      default:
        return std::string(some[below(std::size(some))]);
    }
  }

  PropertyList properties() {
    PropertyList list;
    if (below(2) == 0) REQUIRE(list.add(PropertyId::payload_format_indicator, below(2)));
    if (below(2) == 0)
      REQUIRE(list.add(PropertyId::message_expiry_interval, static_cast<std::uint32_t>(random_())));
    if (below(2) == 0) REQUIRE(list.add(PropertyId::content_type, text()));
    if (below(2) == 0) REQUIRE(list.add(PropertyId::response_topic, "r" + text()));
    if (below(2) == 0) REQUIRE(list.add(PropertyId::correlation_data, bytes()));
    for (unsigned i = below(4); i > 0; --i) REQUIRE(list.add_user(below(2) == 0 ? "k" : text(), text()));
    return list;
  }

 private:
  std::mt19937 random_;
};

// The properties in one order, user properties in theirs.
std::string listing(const Properties& properties) {
  std::string single, user;
  for (const PropertyRow& row : property_rows())
    for (const Property& property : properties)
      if (property.id == row.id)
        (property.id == PropertyId::user_property ? user : single)
            .append(row.name)
            .append(quoted(property.name))
            .append(quoted(property.value))
            .append(std::to_string(property.number));
  return single + user;
}

TEST_CASE("whatever message_value writes comes back byte for byte") {
  Maker make(11);
  for (const char* format : {"auto", "text", "json", "hex", "base64"}) {
    ReaderOptions options;
    if (std::string_view(format) != "auto") options.format = format;
    const auto reader = PayloadReader::make(options);
    REQUIRE(reader);
    MessageRecord record;
    for (int i = 0; i < 2000; ++i) {
      const std::string topic = "t/" + make.text();
      const std::string payload = make.payload();
      const PropertyList properties = make.properties();
      const Publish publish{.qos = static_cast<QoS>(make.below(3)),
                            .retain = make.below(2) == 0,
                            .topic = topic,
                            .packet_id = 7,
                            .properties = properties.view(),
                            .payload = payload};
      const Reading& reading = (*reader)->read({.topic = topic, .payload = payload});
      Buffer line;
      append_json(message_value(publish, "2026-11-22T06:47:58.597706+01:00", reading), line);
      CAPTURE(line);
      REQUIRE(read_record(line, RecordTime::read, record));
      CHECK(record.topic == topic);
      CHECK(record.qos == publish.qos);
      CHECK(record.retain == publish.retain);
      CHECK((record.payload == payload));
      CHECK(listing(record.properties.view()) == listing(properties.view()));
      CHECK(record.time);
    }
  }
}

}  // namespace
}  // namespace mq
