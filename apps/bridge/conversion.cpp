#include "bridge/conversion.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "payload/json.hpp"
#include "payload/payload_map.hpp"
#include "shared/message_value.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

// Formats in which a text stands without quotes: for these codecs it is written as a person would.
bool takes_bare_text(std::string_view format) {
  constexpr std::array<std::string_view, 4> bare{"text", "hex", "hexdump", "base64"};
  return std::ranges::find(bare, format) != bare.end();
}

bool has_definitions(std::string_view format, const PayloadRule& rule) {
  if (format == "avro") return !rule.codec.avro_schema.empty();
  return !rule.codec.message_type.empty() &&
         !(rule.codec.proto_files.empty() && rule.codec.descriptor_sets.empty());
}

// What writes protobuf and Avro needs their definitions, which the payload map names; better told now than of
// every message.
Result<void> check_definitions(const TreatmentPlan& plan) {
  if (plan.to_format != "protobuf" && plan.to_format != "avro") return {};
  std::vector<PayloadRule> rules;
  if (!plan.payload_map.empty()) {
    auto loaded = load_payload_map(plan.payload_map);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    rules = std::move(*loaded);
  }
  bool any = false;
  for (const PayloadRule& rule : rules) {
    if (!has_definitions(plan.to_format, rule)) continue;
    any = true;
    if (auto made = find_codec(plan.to_format)->make(rule.codec); !made)
      return std::unexpected(std::move(made.error()));
  }
  if (any) return {};
  return usage(fmt::format("to-format {} needs a payload-map that has its definitions", plan.to_format),
               plan.to_format == "avro" ? "a rule's avro-schema" : "a rule's proto and proto-type");
}

}  // namespace

Result<std::unique_ptr<Conversion>> Conversion::make(const TreatmentPlan& plan) {
  if (plan.jq.empty() && plan.to_format.empty()) return nullptr;
  std::unique_ptr<Conversion> made(new Conversion());
  made->format_ = find_codec(plan.to_format.empty() ? "json" : plan.to_format);
  if (made->format_ == nullptr) return usage(fmt::format("there is no format {}", quoted(plan.to_format)));
  if (auto checked = check_definitions(plan); !checked) return std::unexpected(std::move(checked.error()));
  ReaderOptions options;
  options.format = made->format_->name;
  options.map_file = plan.payload_map;
  auto writer = PayloadReader::make(std::move(options));
  if (!writer) return std::unexpected(std::move(writer.error()));
  made->writer_ = std::move(*writer);
  if (!plan.jq.empty()) {
    auto program = compile_jq(plan.jq);
    if (!program) return std::unexpected(std::move(program.error()));
    made->jq_ = std::move(*program);
  }
  return made;
}

Result<std::span<const Buffer>> Conversion::convert(const Publish& message, const Reading& reading,
                                                    std::int64_t arrived) {
  payloads_.clear();
  if (reading.undecoded) return std::unexpected(*reading.undecoded);
  same_ = jq_ == nullptr && reading.format == format_->name;
  if (same_) {
    // What was compressed is read, and written, without.
    payloads_.emplace_back(reading.data);
    return payloads_;
  }
  if (jq_ == nullptr && reading.codec == nullptr)
    return fail(ErrorKind::payload, "nothing says what format the payload has, and it doesn't show");
  const auto done = jq_ != nullptr ? run(message, reading, arrived) : write(message.topic, reading.value);
  if (!done) return std::unexpected(done.error());
  return payloads_;
}

Result<void> Conversion::run(const Publish& message, const Reading& reading, std::int64_t arrived) {
  results_.clear();
  time_.set(LocalTime::Moment(std::chrono::milliseconds(arrived)));
  if (auto done = jq_->run(message_value(message, time_.rfc3339(), reading), results_, most_results); !done)
    return done;
  std::size_t bytes = 0;
  for (const Value& result : results_) {
    if (auto written = write(message.topic, result); !written) return written;
    bytes += payloads_.back().size();
    if (bytes > most_bytes)
      return fail(ErrorKind::payload, fmt::format("the program makes more than {} bytes", most_bytes));
  }
  return {};
}

Result<void> Conversion::write(std::string_view topic, const Value& value) {
  text_.clear();
  if (value.kind == Value::Kind::text && takes_bare_text(format_->name))
    text_ = value.text;
  else
    append_json(value, text_);
  Buffer& payload = payloads_.emplace_back();
  if (format_->name != "json") return writer_->encode(topic, text_, payload);
  payload = text_;
  return {};
}

// Both are the publisher's word about the payload (3.3.2.3.2, 3.3.2.3.9), and the publisher of this one is
// the bridge. A content type that names the format already may say more than ours would.
void Conversion::describe(Properties came, PropertyList& made) const {
  made = PropertyList(came);
  const bool is_text = format_->name == "text" || format_->name == "json";
  made.remove(PropertyId::payload_format_indicator);
  if (is_text) (void)made.add(PropertyId::payload_format_indicator, 1U);
  const auto type = came.bytes(PropertyId::content_type);
  if (same_ && type && codec_for_content_type(*type) == format_) return;
  made.remove(PropertyId::content_type);
  const std::string_view types = format_->content_types;
  if (!types.empty()) (void)made.add(PropertyId::content_type, Bytes(types.substr(0, types.find(' '))));
}

}  // namespace mq
