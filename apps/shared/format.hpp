// What a subscriber prints for a message: a format (mosquitto's -F language, "%t %p at @H:@M") compiled once
// into a list of pieces, which are then appended for each message. The usual outputs are such lists too.
// Appends only: writing is Output's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "shared/json_message.hpp"
#include "shared/local_time.hpp"
#include "wire/packet.hpp"

namespace mq {

struct FormatStyle {
  // mosquitto: as its own mosquitto_sub prints, for scripts that count on it: widths in octets, which cut
  // payloads too; %J without blanks; nothing for an empty payload without a topic.
  enum class Dialect : std::uint8_t { own, mosquitto };

  bool newline = true;   // something at the end of each message
  char end = '\n';       // which
  bool pretty = false;   // %j and %J over several lines
  bool answers = false;  // messages are answers: %n, %L and %w
  Dialect dialect = Dialect::own;
};

// What is known of a message that answers a request.
struct AnswerFacts {
  std::uint64_t request = 0;  // its number, from 1 (%n)
  Duration latency{};         // from the request to this answer (%L)
};

// What stands for the payload (%p), whether that is valid (%V), and what it answers.
struct ShownPayload {
  Bytes text;
  std::string_view verdict{};
  AnswerFacts answer{};
};

struct FormatPiece {
  enum class Kind : std::uint8_t {
    literal,
    topic,
    payload,
    payload_or_null,
    verdict,
    hex,
    hex_upper,
    float32,
    float64,
    length,
    packet_id,
    qos,
    retain,
    number_property,
    text_property,
    user_properties,
    json_text,
    json_value,
    calendar,
    unix_time,
    nanoseconds,
    request,
    latency,
    responder,
  };
  Kind kind = Kind::literal;
  std::string text{};  // of a literal; strftime's pattern of a calendar
  PropertyId property{};
  bool left = false;                     // '-': blanks on the right
  bool zeros = false;                    // '0': zeros, not blanks, on the left
  bool octets = false;                   // width and limit count octets, not characters
  char separator = ' ';                  // between groups of hexadecimal digits
  std::uint32_t width = 0;               // least number of characters
  std::optional<std::uint32_t> limit{};  // most characters, digits in a group, or decimals
  std::size_t calendar = 0;              // number of the pattern in the format's LocalTime
};

// In one go, for what is printed by the million.
inline void append_line(Bytes line, Buffer& out) {
  const std::size_t start = out.size();
  const std::size_t end = start + line.size() + 1;
  // libstdc++ 12 hands over the capacity that it made, not the size that was asked for.
  out.resize_and_overwrite(end, [line, start, end](char* to, std::size_t) {
    line.copy(to + start, line.size());
    to[end - 1] = '\n';
    return end;
  });
}

class Format {
 public:
  // Kind usage for a token, strftime letter or escape that is unknown or cut off.
  static Result<Format> compile(std::string_view format, FormatStyle style = {});
  static Format payloads(FormatStyle style = {});
  static Format topics_and_payloads(FormatStyle style = {});  // "(null)" stands for an empty payload
  // Number, latency and payload, of answers to many requests.
  static Format numbered_answers(FormatStyle style = {});
  static Format verdicts(FormatStyle style = {});  // whether it is valid, topic, payload

  bool needs_time() const { return needs_time_; }
  bool embeds_json() const { return embeds_json_; }  // %J
  // Keeps the current second's text between calls: a Format is one thread's.
  // `received` is looked at only if the format needs_time().
  void append(const Publish& publish, LocalTime::Moment received, Buffer& out) const {
    append(publish, {.text = publish.payload}, received, out);
  }
  void append(const Publish& publish, ShownPayload shown, LocalTime::Moment received, Buffer& out) const {
    if (payload_lines_)
      append_line(shown.text, out);
    else
      append_pieces(publish, shown, received, out);
  }

 private:
  Format(std::vector<FormatPiece> pieces, FormatStyle style);
  void append_pieces(const Publish& publish, ShownPayload shown, LocalTime::Moment received,
                     Buffer& out) const;
  void append(const FormatPiece& piece, const Publish& publish, ShownPayload shown, Buffer& out) const;
  void append_json_line(JsonPayload payload, const Publish& publish, Buffer& out) const;

  std::vector<FormatPiece> pieces_;
  bool payload_lines_ = false;      // nothing but payload and newline, as usual
  bool silent_when_empty_ = false;  // nothing at all for an empty payload
  bool pretty_ = false;
  JsonPayload embedded_ = JsonPayload::value;
  bool embeds_json_ = false;
  bool needs_time_ = false;
  mutable LocalTime time_;
};

}  // namespace mq
