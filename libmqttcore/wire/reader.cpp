#include "wire/reader.hpp"

#include <fmt/core.h>

#include "wire/strings.hpp"
#include "wire/topic.hpp"

namespace mq {

std::string_view Reader::text(std::string_view field) {
  const std::string_view value = cursor_.prefixed();
  const std::string_view fault = string_fault(value);
  if (!fault.empty()) malformed(fmt::format("{} {}", field, fault));
  return value;
}

void Reader::require_topic_name(std::string_view topic, std::string_view field) {
  if (!topic.empty() && marks_of(topic) == 0) return;
  if (const std::string_view fault = string_fault(topic); !fault.empty()) {
    malformed(fmt::format("{} {}", field, fault));
  } else if (topic.empty()) {
    breach(fmt::format("{} is empty", field), ReasonCode::topic_name_invalid);  // [MQTT-4.7.3-1]
  } else {
    breach(fmt::format("{} holds a wildcard", field), ReasonCode::topic_name_invalid);  // [MQTT-3.3.2-2]
  }
}

std::string_view Reader::topic_filter() {
  const std::string_view filter = text("topic filter");
  if (error_ || cursor_.state() != Cursor::State::good) return filter;
  if (auto checked = check_topic_filter(filter); !checked) {
    breach(checked.error().text, ReasonCode::topic_filter_invalid);
  }
  return filter;
}

ReasonCode Reader::reason(std::uint8_t code) {
  const auto reason = static_cast<ReasonCode>(code);
  if (find_reason(code) == nullptr) {
    malformed(fmt::format("reason code 0x{:02X} is unknown", code));
  } else if (!reason_allowed(reason, type_, sender_)) {
    breach(fmt::format("reason code 0x{:02X} ({}) does not belong here", code, name_of(reason, type_)));
  }
  return reason;
}

Properties Reader::read_properties(PacketSet in) {
  const Bytes block = cursor_.take(cursor_.variable());
  if (!block.empty()) {
    if (auto checked = check_properties(block, in, sender_); !checked) {
      const Error& fault = checked.error();
      if (fault.kind == ErrorKind::malformed) {
        malformed(fault.text);
      } else {
        breach(fault.text, static_cast<ReasonCode>(fault.reason));
      }
    }
  }
  return Properties(block);
}

void Reader::malformed(std::string_view what) {
  refuse(ErrorKind::malformed, fmt::format("malformed {}: {}", name_of(type_), what),
         ReasonCode::malformed_packet);
}

void Reader::breach(std::string_view what, ReasonCode reason) {
  refuse(ErrorKind::protocol, fmt::format("{} breaks the protocol: {}", name_of(type_), what), reason);
}

void Reader::refuse(ErrorKind kind, std::string text, ReasonCode reason) {
  // Zeros that stand for missing bytes must not be blamed on the sender.
  if (error_ || cursor_.state() != Cursor::State::good) return;
  error_ = Error{.kind = kind, .text = std::move(text), .reason = value_of(reason), .hint = {}};
  cursor_.take_rest();
}

Error Reader::take_error() {
  if (!error_ && cursor_.state() == Cursor::State::good && !cursor_.empty()) {
    malformed(fmt::format("{} bytes too many", cursor_.left()));
  }
  if (!error_) {
    const bool overlong = cursor_.state() == Cursor::State::overlong;
    error_ =
        Error{.kind = ErrorKind::malformed,
              .text = fmt::format("malformed {}: {}", name_of(type_),
                                  overlong ? "a variable byte integer is overlong" : "it ends too early"),
              .reason = value_of(ReasonCode::malformed_packet),
              .hint = {}};
  }
  return *std::move(error_);
}

}  // namespace mq
