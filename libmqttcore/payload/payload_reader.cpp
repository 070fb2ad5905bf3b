#include "payload/payload_reader.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "payload/codecs.hpp"
#include "payload/detect.hpp"
#include "payload/json.hpp"

namespace mq {
namespace {

PayloadContext context_of(const Received& received) {
  return {.topic = received.topic, .content_type = received.content_type};
}

bool is_sparkplug(std::string_view topic) { return topic.starts_with("spBv1.0/"); }

// Formats for which bytes are nothing but bytes.
bool shows_bytes(std::string_view format) {
  return format == "hex" || format == "hexdump" || format == "base64";
}

// A few bytes can unpack to anything; what is larger than this is not unpacked.
constexpr std::size_t most_unpacked = std::size_t{32} << 20;

template <class T>
void prefer(const T& own, T& to) {
  if (!own.empty()) to = own;
}

}  // namespace

Result<std::unique_ptr<PayloadReader>> PayloadReader::make(ReaderOptions options) {
  std::unique_ptr<PayloadReader> reader(new PayloadReader(std::move(options)));
  if (auto loaded = reader->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  return reader;
}

Result<void> PayloadReader::load() {
  const auto usable = [this](const std::string& format, const PayloadRule* rule) -> Result<void> {
    if (format.empty()) return {};
    const auto made = codec(format, rule);
    if (!made) return std::unexpected(made.error());
    return {};
  };
  const auto readable = [this](const std::string& file) -> Result<void> {
    if (file.empty() || !options_.validate) return {};
    const auto loaded = schema(file);
    if (!loaded) return std::unexpected(loaded.error());
    return {};
  };
  if (auto done = usable(options_.format, nullptr); !done) return done;
  if (auto done = readable(options_.schema); !done) return done;
  if (options_.map_file.empty()) return {};
  auto rules = load_payload_map(options_.map_file);
  if (!rules) return std::unexpected(std::move(rules.error()));
  rules_ = std::move(*rules);
  for (const PayloadRule& rule : rules_) {
    if (auto done = usable(rule.format, &rule); !done) return done;
    if (auto done = readable(rule.schema); !done) return done;
    for (const auto& [version, file] : rule.versions)
      if (auto done = readable(file); !done) return done;
  }
  return {};
}

CodecOptions PayloadReader::codec_options(const PayloadRule* rule) const {
  CodecOptions options = options_.codec;
  if (rule == nullptr) return options;
  prefer(rule->codec.proto_files, options.proto_files);
  prefer(rule->codec.proto_paths, options.proto_paths);
  prefer(rule->codec.descriptor_sets, options.descriptor_sets);
  prefer(rule->codec.message_type, options.message_type);
  prefer(rule->codec.avro_schema, options.avro_schema);
  return options;
}

Result<Codec*> PayloadReader::codec(std::string_view format, const PayloadRule* rule) {
  const CodecRow* row = find_codec(format);
  if (row == nullptr) return fail(ErrorKind::usage, fmt::format("there is no format {}", quoted(format)));
  auto& kept = codecs_[{row->name, rule}];
  if (kept == nullptr) {
    auto made = row->make(codec_options(rule));
    if (!made) return std::unexpected(std::move(made.error()));
    kept = std::move(*made);
  }
  return kept.get();
}

Result<Schema*> PayloadReader::schema(const std::string& file) {
  auto& kept = schemas_[file];
  if (kept == nullptr) {
    auto loaded = load_schema(file, options_.schema_folders);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    kept = std::move(*loaded);
  }
  return kept.get();
}

const Reading& PayloadReader::read(const Received& received) {
  reading_.codec = nullptr;
  reading_.data = received.payload;
  reading_.undecoded.reset();
  reading_.checked = false;
  reading_.violations.clear();
  const PayloadRule* rule = rules_.empty() ? nullptr : rule_for(rules_, received.topic);
  if (received.payload.empty()) {
    reading_.format = "text";
    reading_.value = Value::null();
    return reading_;
  }
  if (unpack(received.payload)) {
    decode(received, rule);
  } else {
    reading_.format = "hex";
    reading_.value = Value::of_bytes(std::string(received.payload));
  }
  if (options_.validate) check(received, rule);
  return reading_;
}

// False when the payload should be compressed and isn't. Where nobody says so, what can't be unpacked is a
// payload that only begins like a compressed one.
bool PayloadReader::unpack(Bytes payload) {
  const bool told = options_.compression.has_value();
  if (!told && (!options_.unpack || shows_bytes(options_.format))) return true;
  const auto compression = told ? options_.compression : compression_of(payload);
  if (!compression) return true;
  auto unpacked = decompress(*compression, payload, most_unpacked);
  if (!unpacked) {
    if (told) reading_.undecoded = std::move(unpacked.error());
    return !told;
  }
  reading_.unpacked = std::move(*unpacked);
  reading_.data = reading_.unpacked;
  return true;
}

void PayloadReader::decode(const Received& received, const PayloadRule* rule) {
  if (!options_.format.empty()) return decode_as(options_.format, received, rule);
  const bool ruled = rule != nullptr && !rule->format.empty();
  const CodecRow* typed =
      received.content_type.empty() ? nullptr : codec_for_content_type(received.content_type);
  const bool plain = typed != nullptr && typed->name == "text";
  // What a sender says must not let it off what its topic is held to; and that something is text says little.
  if (ruled && (options_.validate || typed == nullptr || plain))
    return decode_as(rule->format, received, rule);
  if (typed != nullptr) return decode_as(typed->name, received, rule);
  if (!received.is_utf8 && is_sparkplug(received.topic)) return decode_as("sparkplug", received, rule);
  decode_by_bytes(received);
}

void PayloadReader::decode_as(std::string_view format, const Received& received, const PayloadRule* rule) {
  Result<Codec*> chosen = codec(format, rule);
  if (chosen) {
    if (auto value = (*chosen)->decode(reading_.data, context_of(received))) {
      reading_.format = find_codec(format)->name;
      reading_.codec = *chosen;
      reading_.value = std::move(*value);
      return;
    } else {
      reading_.undecoded = std::move(value.error());
    }
  } else {
    reading_.undecoded = std::move(chosen.error());
  }
  reading_.format = "hex";
  reading_.value = Value::of_bytes(std::string(reading_.data));
}

void PayloadReader::decode_by_bytes(const Received& received) {
  if (may_be_json(reading_.data)) {
    if (auto value = parse_json(reading_.data)) {
      reading_.format = "json";
      reading_.value = std::move(*value);
      if (const auto json = codec("json", nullptr)) reading_.codec = *json;
      return;
    }
  }
  const std::string_view format = detect_format(reading_.data);
  if (format != "hex") return decode_as(format, received, nullptr);
  reading_.format = format;
  reading_.value = Value::of_bytes(std::string(reading_.data));
}

std::string PayloadReader::schema_file(const Received& received, const PayloadRule* rule) {
  if (!options_.schema.empty()) return options_.schema;
  if (rule == nullptr) return {};
  if (!rule->version) return rule->schema;
  const auto version = version_of(*rule->version, reading_.data, received.content_type, reading_.value);
  if (const auto found = version ? rule->versions.find(*version) : rule->versions.end();
      found != rule->versions.end())
    return found->second;
  std::string known;
  for (const auto& [name, file] : rule->versions) known.append(known.empty() ? "" : ", ").append(name);
  const auto* pointer = std::get_if<VersionByPointer>(&*rule->version);
  reading_.violations.push_back({.pointer = pointer != nullptr ? pointer->pointer : "",
                                 .rule = "version",
                                 .expected = "one of " + known,
                                 .found = version ? quoted(*version) : "none"});
  return {};
}

void PayloadReader::check(const Received& received, const PayloadRule* rule) {
  if (reading_.undecoded) {
    reading_.checked = true;
    reading_.violations.push_back({.pointer = "",
                                   .rule = "format",
                                   .expected = "a payload that can be read",
                                   .found = reading_.undecoded->text});
    return;
  }
  // What the format itself asks for is checked where somebody has said what the format is.
  const bool known = !options_.format.empty() || (rule != nullptr && !rule->format.empty());
  if (known && reading_.codec != nullptr)
    if (auto strict = reading_.codec->check_strict(reading_.data, context_of(received)))
      reading_.violations = std::move(*strict);
  const std::string file = schema_file(received, rule);
  reading_.checked = known || !file.empty() || !reading_.violations.empty();
  if (file.empty()) return;
  // Loaded by load().
  if (const auto held = schema(file))
    std::ranges::move((*held)->check(reading_.value), std::back_inserter(reading_.violations));
}

Result<void> PayloadReader::encode(std::string_view topic, std::string_view text, Buffer& out) {
  const PayloadRule* rule = rules_.empty() ? nullptr : rule_for(rules_, topic);
  std::string_view format = options_.format;
  if (format.empty() && rule != nullptr) format = rule->format;
  if (format.empty()) {
    out += text;
    return {};
  }
  const auto chosen = codec(format, rule);
  if (!chosen) return std::unexpected(chosen.error());
  return (*chosen)->encode(text, out);
}

}  // namespace mq
