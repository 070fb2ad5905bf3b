#include "shared/format.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "payload/json_text.hpp"

namespace mq {
namespace {

using Kind = FormatPiece::Kind;

constexpr std::uint32_t latency_decimals = 3;  // of milliseconds

// What follows the first byte of a character in UTF-8; in other bytes each counts as a character unless it
// looks like that.
bool is_continuation(char c) { return (octet(c) & 0xC0) == 0x80; }

Bytes cut(Bytes text, std::optional<std::uint32_t> limit) {
  if (!limit || text.size() <= *limit) return text;
  std::size_t characters = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (!is_continuation(text[end]) && characters++ == *limit) break;
  }
  return text.substr(0, end);
}

// Mosquitto's width is the most of a payload too.
Bytes within_width(Bytes payload, const FormatPiece& piece) {
  return piece.width == 0 ? payload : payload.substr(0, piece.width);
}

// Brings what stands at the end of `out` from `start` on to the piece's width.
void pad(const FormatPiece& piece, std::size_t start, Buffer& out) {
  const auto characters =
      piece.octets
          ? out.size() - start
          : static_cast<std::size_t>(std::count_if(out.begin() + static_cast<std::ptrdiff_t>(start),
                                                   out.end(), [](char c) { return !is_continuation(c); }));
  if (characters >= piece.width) return;
  if (piece.left) {
    out.append(piece.width - characters, ' ');
  } else {
    // A value that is not there must not look like a zero; mosquitto's does.
    const bool zeros = piece.zeros && (characters > 0 || piece.octets);
    out.insert(start, piece.width - characters, zeros ? '0' : ' ');
  }
}

void append_hex(Bytes payload, const FormatPiece& piece, Buffer& out) {
  if (payload.empty()) return;
  const char* digits = piece.kind == Kind::hex ? "0123456789abcdef" : "0123456789ABCDEF";
  const std::size_t count = 2 * payload.size();
  const std::size_t group = piece.limit.value_or(0) == 0 ? count : *piece.limit;
  const std::size_t start = out.size();
  out.resize(start + count + (count - 1) / group);
  char* to = out.data() + start;
  std::size_t left = group;
  const auto put = [&](int digit) {
    if (left == 0) {
      *to++ = piece.separator;
      left = group;
    }
    *to++ = digits[digit];
    --left;
  };
  for (const char c : payload) {
    put(octet(c) >> 4);
    put(octet(c) & 0xF);
  }
}

// The payload as a number in this machine's byte order; nothing when it has another size.
template <class Number>
void append_floating(Bytes payload, const FormatPiece& piece, Buffer& out) {
  if (payload.size() != sizeof(Number)) return;
  Number number{};
  std::memcpy(&number, payload.data(), sizeof number);
  const std::uint32_t decimals = piece.limit.value_or(6);
  if (piece.zeros && !piece.left) {
    fmt::format_to(std::back_inserter(out), "{:0{}.{}f}", number, piece.width, decimals);
  } else {
    fmt::format_to(std::back_inserter(out), "{:.{}f}", number, decimals);
  }
}

void append_user_properties(const Properties& properties, Buffer& out) {
  bool first = true;
  for (const Property& property : properties) {
    if (property.id != PropertyId::user_property) continue;
    if (!first) out += ' ';
    out.append(property.name).append(":").append(property.value);
    first = false;
  }
}

// Who sent an answer, if it says so as answers of mqtt-rr serve do.
Bytes responder_of(const Properties& properties) {
  for (const Property& property : properties)
    if (property.id == PropertyId::user_property && property.name == "responder") return property.value;
  return {};
}

bool tells_time(Kind kind) {
  return kind == Kind::calendar || kind == Kind::unix_time || kind == Kind::nanoseconds ||
         kind == Kind::json_text || kind == Kind::json_value;
}

}  // namespace

Format::Format(std::vector<FormatPiece> pieces, FormatStyle style) : pretty_(style.pretty) {
  if (style.newline) pieces.push_back({.text = std::string(1, style.end)});
  const bool octets = style.dialect == FormatStyle::Dialect::mosquitto;
  if (octets) embedded_ = JsonPayload::compact_value;
  for (FormatPiece& piece : pieces) {
    piece.octets = octets;
    embeds_json_ = embeds_json_ || piece.kind == Kind::json_value;
    if (piece.kind == Kind::calendar) piece.calendar = time_.add(piece.text);
    needs_time_ = needs_time_ || tells_time(piece.kind);
    if (piece.kind == Kind::literal && !pieces_.empty() && pieces_.back().kind == Kind::literal) {
      pieces_.back().text += piece.text;
    } else {
      pieces_.push_back(std::move(piece));
    }
  }
}

Format Format::payloads(FormatStyle style) {
  Format format({{.kind = Kind::payload}}, style);
  format.silent_when_empty_ = style.dialect == FormatStyle::Dialect::mosquitto;
  format.payload_lines_ = style.newline && style.end == '\n' && !format.silent_when_empty_;
  return format;
}

Format Format::topics_and_payloads(FormatStyle style) {
  Format format({{.kind = Kind::topic}, {.text = " "}, {.kind = Kind::payload_or_null}}, style);
  format.silent_when_empty_ = style.dialect == FormatStyle::Dialect::mosquitto && !style.newline;
  return format;
}

Format Format::verdicts(FormatStyle style) {
  return Format({{.kind = Kind::verdict, .left = true, .width = 9},
                 {.text = " "},
                 {.kind = Kind::topic},
                 {.text = " "},
                 {.kind = Kind::payload_or_null}},
                style);
}

Format Format::numbered_answers(FormatStyle style) {
  return Format({{.kind = Kind::request},
                 {.text = " "},
                 {.kind = Kind::latency, .limit = latency_decimals},
                 {.text = " ms "},
                 {.kind = Kind::payload}},
                style);
}

void Format::append_pieces(const Publish& publish, ShownPayload shown, LocalTime::Moment received,
                           Buffer& out) const {
  if (silent_when_empty_ && publish.payload.empty()) return;
  if (needs_time_) time_.set(received);
  for (const FormatPiece& piece : pieces_) {
    if (piece.width == 0) {
      append(piece, publish, shown, out);
    } else {
      const std::size_t start = out.size();
      append(piece, publish, shown, out);
      // Of all that may be missing, mosquitto leaves no room for this one alone.
      if (piece.octets && piece.property == PropertyId::response_topic && out.size() == start) continue;
      pad(piece, start, out);
    }
  }
}

void Format::append(const FormatPiece& piece, const Publish& publish, ShownPayload shown, Buffer& out) const {
  switch (piece.kind) {
    case Kind::literal:
      out += piece.text;
      break;
    case Kind::payload:
      out += piece.octets ? within_width(shown.text, piece) : cut(shown.text, piece.limit);
      break;
    case Kind::topic:
      out += cut(publish.topic, piece.limit);
      break;
    case Kind::payload_or_null:
      out += publish.payload.empty() ? "(null)" : shown.text;
      break;
    case Kind::verdict:
      out += shown.verdict;
      break;
    case Kind::hex:
    case Kind::hex_upper:
      append_hex(piece.octets ? within_width(publish.payload, piece) : publish.payload, piece, out);
      break;
    case Kind::float32:
      append_floating<float>(publish.payload, piece, out);
      break;
    case Kind::float64:
      append_floating<double>(publish.payload, piece, out);
      break;
    case Kind::length:
      append_digits(publish.payload.size(), 1, out);
      break;
    case Kind::packet_id:
      append_digits(publish.packet_id, 1, out);
      break;
    case Kind::qos:
      append_digits(static_cast<std::uint64_t>(publish.qos), 1, out);
      break;
    case Kind::retain:
      out += publish.retain ? '1' : '0';
      break;
    case Kind::number_property:
      if (const auto number = publish.properties.number(piece.property)) append_digits(*number, 1, out);
      break;
    case Kind::text_property:
      if (const auto bytes = publish.properties.bytes(piece.property)) out += cut(*bytes, piece.limit);
      break;
    case Kind::user_properties:
      append_user_properties(publish.properties, out);
      break;
    case Kind::json_text:
      append_json_line(JsonPayload::text, publish, out);
      break;
    case Kind::json_value:
      // Mosquitto shows nothing of a message whose payload it can't embed.
      if (embedded_ == JsonPayload::value || publish.payload.empty() || is_json(publish.payload))
        append_json_line(embedded_, publish, out);
      break;
    case Kind::calendar:
      out += cut(time_.text(piece.calendar), piece.limit);
      break;
    case Kind::unix_time:
      out += std::to_string(time_.seconds());
      out += '.';
      append_digits(time_.nanoseconds(), 9, out);
      break;
    case Kind::nanoseconds:
      append_digits(time_.nanoseconds(), 9, out);
      break;
    case Kind::request:
      append_digits(shown.answer.request, 1, out);
      break;
    case Kind::latency:
      fmt::format_to(std::back_inserter(out), "{:.{}f}",
                     std::chrono::duration<double, std::milli>(shown.answer.latency).count(),
                     piece.limit.value_or(latency_decimals));
      break;
    case Kind::responder:
      out += cut(responder_of(publish.properties), piece.limit);
      break;
  }
}

void Format::append_json_line(JsonPayload payload, const Publish& publish, Buffer& out) const {
  std::string time(time_.rfc3339());
  // Mosquitto's zone has no colon.
  if (embedded_ == JsonPayload::compact_value) time.erase(time.size() - 3, 1);
  if (!pretty_) return append_json(publish, time, payload, out);
  Buffer line;
  append_json(publish, time, payload, line);
  append_indented(line, out);
}

}  // namespace mq
