#include "input/composer.hpp"

#include <fmt/core.h>

#include <string>
#include <utility>

#include "base/text.hpp"

namespace mq {

Result<std::unique_ptr<Composer>> Composer::make(const PayloadSettings& settings,
                                                 std::optional<Compression> compress, const Log& log) {
  if (!settings.asked() && !compress) return nullptr;
  std::unique_ptr<Composer> composer(new Composer(settings, compress, log));
  auto reader = PayloadReader::make(settings.reader_options());
  if (!reader) return std::unexpected(std::move(reader.error()));
  composer->reader_ = std::move(*reader);
  return composer;
}

Result<Bytes> Composer::compose(std::string_view topic, Bytes text, const Properties& properties) {
  payload_.clear();
  // An empty message says nothing in any format, but removes a retained one.
  if (text.empty()) {
    if (settings_.reader.validate && refuses_empty_)
      return fail(ErrorKind::schema, "the payload: empty: expected a payload, found nothing");
    return Bytes();
  }
  if (settings_.format == "raw" || !settings_.asked()) {
    payload_ = text;
  } else if (auto encoded = reader_->encode(topic, text, payload_); !encoded) {
    return std::unexpected(std::move(encoded.error()));
  }
  if (auto right = check(topic, payload_, properties); !right)
    return std::unexpected(std::move(right.error()));
  if (compress_) {
    auto packed = compress(*compress_, payload_);
    if (!packed) return std::unexpected(std::move(packed.error()));
    payload_ = std::move(*packed);
  }
  return payload_;
}

Result<void> Composer::check(std::string_view topic, Bytes payload, const Properties& properties) {
  if (!settings_.reader.validate) return {};
  const Reading& reading =
      reader_->read({.topic = topic,
                     .payload = payload,
                     .content_type = properties.bytes(PropertyId::content_type).value_or(Bytes()),
                     .is_utf8 = properties.number(PropertyId::payload_format_indicator).value_or(0) == 1});
  if (!reading.checked && !warned_) {
    warned_ = true;
    log_.warn(
        fmt::format("nothing is said about payloads of {}: they are not held to anything", quoted(topic)));
  }
  if (reading.violations.empty()) return {};
  std::string text = in_words(reading.violations.front());
  if (const std::size_t more = reading.violations.size() - 1; more > 0)
    text += fmt::format(", and {} more", more);
  return fail(ErrorKind::schema, std::move(text));
}

}  // namespace mq
