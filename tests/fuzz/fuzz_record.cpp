// Arbitrary bytes as whatever mqtt-pub reads messages from: a record, and, with a first line that is a line
// format, a rule for topics or a template, what these make of the rest. What comes out can be published;
// what a record says is said again by the record that is made of it.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "fuzz/target.hpp"
#include "payload/json.hpp"
#include "payload/payload_reader.hpp"
#include "shared/line_format.hpp"
#include "shared/message_record.hpp"
#include "shared/message_value.hpp"
#include "shared/template.hpp"
#include "shared/topic_lint.hpp"
#include "shared/topic_map.hpp"
#include "wire/encode.hpp"
#include "wire/topic.hpp"

namespace {

using namespace mq;

void record(Bytes line) {
  static const auto reader = PayloadReader::make({});
  MessageRecord record;
  if (const auto read = read_record(line, RecordTime::read, record); !read) {
    require(read.error().kind == ErrorKind::payload && read.error().text.size() < 1000);
    return;
  }
  require(record.topic.empty() || check_topic_name(record.topic).has_value());
  const Publish publish{
      .qos = record.qos.value_or(QoS::at_most_once),
      .retain = record.retain.value_or(false),
      .topic = record.topic.empty() ? "t" : std::string_view(record.topic),
      .packet_id = PacketId(record.qos.value_or(QoS::at_most_once) == QoS::at_most_once ? 0 : 1),
      .properties = record.properties.view(),
      .payload = record.payload};
  Buffer packet;
  require(encode(publish, Version::v5, Sender::client, packet).has_value());
  Buffer again;
  append_json(message_value(publish, "2026-11-22T06:47:58.597706+01:00",
                            (*reader)->read({.topic = publish.topic, .payload = publish.payload})),
              again);
  MessageRecord twice;
  // A record is a level deeper and a few parts larger than its payload, which may be as large as can be read.
  constexpr std::size_t small = 2000;
  if (!read_record(again, RecordTime::read, twice)) return require(again.size() > small);
  require(twice.topic == publish.topic && twice.payload == record.payload && twice.qos == publish.qos &&
          twice.retain == publish.retain);
}

void line_format(Bytes format, Bytes line) {
  const auto made = LineFormat::compile(format);
  if (!made) return require(made.error().kind == ErrorKind::usage);
  const auto parts = made->parse(line);
  if (!parts) return require(parts.error().kind == ErrorKind::payload);
  require(parts->topic.has_value() == made->gives_topic());
}

void map(Bytes rule, Bytes topic) {
  TopicMap map;
  if (!map.add(rule) || !check_topic_name(topic)) return;
  Buffer made;
  const std::string_view mapped = map.apply(topic, made);
  require(mapped.empty() || mapped.size() > 65535 || check_topic_name(mapped).has_value());
  (void)lint_topic(topic);
}

void fill(Bytes text, Bytes line) {
  static constexpr std::string_view own[] = {"line"};
  const auto made = Template::compile(
      text, own, [](const char* name) -> const char* { return *name == 'A' ? name : nullptr; });
  if (!made) return require(made.error().kind == ErrorKind::usage);
  TemplateValues values{Random(1)};
  values.next({});
  values.set({&line, 1});
  Buffer out;
  made->append(values, out);
  if (text.find('{') == Bytes::npos) require(out == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(reinterpret_cast<const char*>(data), size);
  record(input);
  const Bytes first = input.substr(0, input.find('\n'));
  const Bytes rest = input.substr(std::min(input.size(), first.size() + 1));
  line_format(first, rest);
  map(first, rest);
  fill(first, rest);
  (void)lint_payload(input);
  return 0;
}
