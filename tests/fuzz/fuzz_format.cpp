// An output format and a message: a byte that chooses the style, the format, a NUL, the topic, a NUL, and the
// rest as payload. What compiles prints the same of the same message every time; what is a line of its own in
// JSON is JSON.
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "drop_in/output_rows.hpp"
#include "fuzz/target.hpp"
#include "payload/json_text.hpp"
#include "payload/payload_reader.hpp"
#include "shared/format.hpp"
#include "wire/topic.hpp"

namespace {

using namespace mq;

Bytes take(Bytes& from) {
  const std::size_t end = std::min(from.find('\0'), from.size());
  const Bytes taken = from.substr(0, end);
  from.remove_prefix(std::min(end + 1, from.size()));
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const Bytes text = take(rest);
  const Bytes topic = take(rest);
  if (!topic.empty() && !check_topic_name(topic)) return 0;
  const FormatStyle style{
      .newline = (data[0] & 1U) != 0,
      .end = (data[0] & 2U) != 0 ? '\0' : '\n',
      .pretty = (data[0] & 4U) != 0,
      .answers = (data[0] & 8U) != 0,
      .dialect = (data[0] & 16U) != 0 ? FormatStyle::Dialect::mosquitto : FormatStyle::Dialect::own};
  if (const auto checked = check_drop_in_format(text); !checked) require(!checked.error().text.empty());
  const auto format = Format::compile(text, style);
  if (!format) {
    require(format.error().kind == ErrorKind::usage && !format.error().text.empty());
    return 0;
  }
  // A width is bounded, but a hundred of them are not worth a fuzzer's time.
  if (std::ranges::count(text, '%') > 20) return 0;

  PropertyList properties;
  require(properties.add(PropertyId::content_type, "text/plain").has_value());
  require(properties.add(PropertyId::topic_alias, 7).has_value());
  require(properties.add_user("a", "\x1b[31m").has_value());
  const Publish message{.qos = QoS::at_least_once,
                        .topic = topic,
                        .packet_id = 65535,
                        .properties = properties.view(),
                        .payload = rest};
  const LocalTime::Moment moment{std::chrono::seconds(data[0] * std::int64_t{12345678})};
  const ShownPayload shown{.text = rest, .verdict = "ok", .answer = {.request = 3}};
  Buffer once;
  format->append(message, shown, moment, once);
  Buffer twice;
  format->append(message, shown, moment, twice);
  require(once == twice);
  if (text == "%j" && style.dialect == FormatStyle::Dialect::own && style.newline && !once.empty())
    require(is_json(Bytes(once).substr(0, once.size() - 1)));
  return 0;
}
