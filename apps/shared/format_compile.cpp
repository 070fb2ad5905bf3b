// The -F language: %[-][0][width][.limit][separator]LETTER, @ with a letter of strftime, and escapes behind a
// backslash.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "shared/format.hpp"

namespace mq {
namespace {

using Kind = FormatPiece::Kind;

// Which of the marks between % and the letter a token obeys; the others are taken and ignored.
struct Marks {
  bool width = false, zeros = false, limit = false;
};
constexpr Marks no_marks{};
constexpr Marks number_marks{.width = true, .zeros = true};
constexpr Marks text_marks{.width = true, .limit = true};
constexpr Marks byte_marks{.width = true, .zeros = true, .limit = true};

struct Row {
  char letter;
  Kind kind;
  Marks marks;
  PropertyId property = {};
};

constexpr Row rows[] = {
    {'A', Kind::number_property, number_marks, PropertyId::topic_alias},
    {'C', Kind::text_property, text_marks, PropertyId::content_type},
    {'D', Kind::text_property, no_marks, PropertyId::correlation_data},
    {'d', Kind::float64, byte_marks},
    {'E', Kind::number_property, number_marks, PropertyId::message_expiry_interval},
    {'F', Kind::number_property, number_marks, PropertyId::payload_format_indicator},
    {'f', Kind::float32, byte_marks},
    {'I', Kind::calendar, text_marks},
    {'j', Kind::json_text, no_marks},
    {'J', Kind::json_value, no_marks},
    {'l', Kind::length, number_marks},
    {'m', Kind::packet_id, number_marks},
    {'P', Kind::user_properties, no_marks},
    {'p', Kind::payload, byte_marks},
    {'q', Kind::qos, no_marks},
    {'R', Kind::text_property, text_marks, PropertyId::response_topic},
    {'r', Kind::retain, no_marks},
    {'S', Kind::number_property, number_marks, PropertyId::subscription_identifier},
    {'t', Kind::topic, text_marks},
    {'U', Kind::unix_time, no_marks},
    {'V', Kind::verdict, text_marks},
    {'x', Kind::hex, byte_marks},
    {'X', Kind::hex_upper, byte_marks},
};

// Where messages are answers.
constexpr Row answer_rows[] = {
    {'L', Kind::latency, byte_marks},
    {'n', Kind::request, number_marks},
    {'w', Kind::responder, text_marks},
};

const Row* find_row(char letter, bool answers) {
  const auto has_letter = [letter](const Row& row) { return row.letter == letter; };
  if (const auto* row = std::ranges::find_if(rows, has_letter); row != std::end(rows)) return row;
  const auto* const row = std::ranges::find_if(answer_rows, has_letter);
  return answers && row != std::end(answer_rows) ? row : nullptr;
}

constexpr std::string_view calendar_letters = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%";
constexpr std::string_view escape_letters = "\\0aenrtv";
constexpr std::string_view escaped{"\\\0\a\x1B\n\r\t\v", 8};
constexpr std::string_view separators = "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~";
constexpr std::uint32_t widest = 65535;

class Parser {
 public:
  Parser(std::string_view format, const FormatStyle& style)
      : rest_(format), lenient_(style.dialect == FormatStyle::Dialect::mosquitto), answers_(style.answers) {}

  Result<std::vector<FormatPiece>> parse() {
    while (!rest_.empty()) {
      add_literal(take_while([](char c) { return c != '%' && c != '@' && c != '\\'; }));
      if (rest_.empty()) break;
      start_ = rest_;
      const char mark = take();
      if (rest_.empty()) return refuse("is cut off");
      const Result<void> done = mark == '%' ? token() : mark == '@' ? calendar() : escape();
      if (!done) return std::unexpected(done.error());
    }
    return std::move(pieces_);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool take_if(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  template <class Predicate>
  std::string_view take_while(Predicate predicate) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), predicate);
    const std::string_view taken(rest_.begin(), end);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // The digits that follow as a number, 0 when there are none; nullopt when it is too large.
  std::optional<std::uint32_t> take_number() {
    const std::string_view digits = take_while([](char c) { return c >= '0' && c <= '9'; });
    if (digits.empty()) return 0;
    const auto value = parse_number<std::uint32_t>(digits);
    return value && *value <= widest ? value : std::nullopt;
  }

  void add_literal(std::string_view literal) {
    if (!literal.empty()) pieces_.push_back({.text = std::string(literal)});
  }

  std::unexpected<Error> refuse(std::string_view why) const {
    const std::string_view token = start_.substr(0, start_.size() - rest_.size());
    return fail(
        ErrorKind::usage, fmt::format("format token {} {}", quoted(token), why), 0,
        fmt::format(
            "a token is % and one of ACDdEFfIjJ{}lm{}PpqRrStU{}xX%, @ and a letter of strftime, @ or N, or "
            "a backslash and one of \\0aenrtv",
            answers_ ? "L" : "", answers_ ? "n" : "", answers_ ? "w" : ""));
  }

  Result<void> token() {
    FormatPiece piece;
    piece.left = take_if('-');
    piece.zeros = take_if('0');
    const auto width = take_number();
    if (take_if('.')) piece.limit = 0;
    const auto limit = piece.limit ? take_number() : 0;
    if (!width || !limit) return refuse("has a width above 65535");
    if (piece.limit) piece.limit = limit;
    // A separator stands only before x and X: elsewhere it would hide a mistyped token.
    const bool hex = piece.limit && rest_.size() > 1 && (rest_[1] == 'x' || rest_[1] == 'X');
    if ((hex || (lenient_ && rest_.size() > 1)) && separators.contains(rest_.front())) {
      piece.separator = take();
    }
    if (rest_.empty()) return refuse("is cut off");
    const char letter = take();
    if (letter == '%') {
      add_literal("%");
      return {};
    }
    const Row* const row = find_row(letter, answers_);
    if (row == nullptr) return refuse("is unknown");
    piece.kind = row->kind;
    piece.property = row->property;
    piece.width = row->marks.width ? *width : 0;
    piece.zeros = piece.zeros && row->marks.zeros;
    if (!row->marks.limit) piece.limit.reset();
    if (letter == 'I') piece.text = "%FT%T%z";
    pieces_.push_back(std::move(piece));
    return {};
  }

  Result<void> calendar() {
    const char letter = take();
    if (letter == '@') {
      add_literal("@");
    } else if (letter == 'N') {
      pieces_.push_back({.kind = Kind::nanoseconds});
    } else if (lenient_ || calendar_letters.contains(letter)) {
      pieces_.push_back({.kind = Kind::calendar, .text = {'%', letter}});
    } else {
      return refuse("is unknown");
    }
    return {};
  }

  Result<void> escape() {
    const std::size_t number = escape_letters.find(take());
    if (number == std::string_view::npos) return refuse("is unknown");
    add_literal(escaped.substr(number, 1));
    return {};
  }

  std::string_view rest_;
  std::string_view start_;  // of the token at hand
  bool lenient_;            // a separator may stand anywhere, and strftime judges its letters itself
  bool answers_;            // what messages are
  std::vector<FormatPiece> pieces_;
};

}  // namespace

Result<Format> Format::compile(std::string_view format, FormatStyle style) {
  auto pieces = Parser(format, style).parse();
  if (!pieces) return std::unexpected(std::move(pieces.error()));
  return Format(std::move(*pieces), style);
}

}  // namespace mq
