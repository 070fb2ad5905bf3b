#include "payload/cbor/read_notation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "payload/cbor/notation_text.hpp"
#include "payload/cbor/number.hpp"
#include "payload/cbor/write_head.hpp"
#include "payload/value.hpp"

namespace mq::cbor {
namespace {

using Done = Result<void>;

std::optional<Buffer> from_any_base64(std::string_view digits) {
  std::string text;
  for (const char c : digits) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    text += c == '-' ? '+' : c == '_' ? '/' : c;
  }
  // Padding may be left out (RFC 8949, 8).
  while (text.size() % 4 != 0 && !text.ends_with("==")) text += '=';
  return from_base64(text);
}

// One item after the other; recursion ends at deepest_value.
class Reader {
 public:
  Reader(std::string_view text, Buffer& out) : text_(text), out_(out) {}

  // Blanks have been passed over.
  Done item(std::size_t depth) {
    switch (text_.peek()) {
      case '[':
        return items(Major::array, ']', depth);
      case '{':
        return items(Major::map, '}', depth);
      case '(':
        return chunks();
      case '<':
        return embedded(depth);
      case '"':
      case '\'':
      case 'h':
      case 'b':
        return string();
      default:
        return text_.peek() == '-' || (text_.peek() >= '0' && text_.peek() <= '9') ? number(depth) : word();
    }
  }

  // Items up to `end` or the end of the text.
  Done sequence(std::string_view end, std::size_t depth) {
    if (auto fine = text_.skip_blanks(); !fine) return fine;
    while (!text_.done() && (end.empty() || !text_.next_is(end))) {
      if (auto fine = item(depth); !fine) return fine;
      const std::size_t ended = text_.at();
      if (auto fine = text_.skip_blanks(); !fine) return fine;
      const bool comma = text_.take(",");
      if (auto fine = text_.skip_blanks(); !fine) return fine;
      const bool over = text_.done() || (!end.empty() && text_.next_is(end));
      if (comma && over) return text_.wrong("a comma without an item behind it");
      if (!over && text_.at() == ended) return text_.wrong("no comma and no blank between two items");
    }
    return {};
  }

  NotationText& text() { return text_; }

 private:
  // "_0" to "_3".
  Indicator indicator() {
    for (std::uint8_t i = 0; i <= 3; ++i)
      if (text_.take(std::string{'_', static_cast<char>('0' + i)})) return i;
    return std::nullopt;
  }

  // A head for what has been appended since `begin`.
  Done put_head_before(std::size_t begin, Major major, std::uint64_t argument, Indicator indicator) {
    Buffer head;
    if (!put_head(major, argument, indicator, head)) return too_narrow();
    out_.insert(begin, head);
    return {};
  }

  std::unexpected<Error> too_narrow() const {
    return text_.wrong("it does not fit the width that the _ says");
  }

  Done enter(std::size_t depth) const {
    if (depth < deepest_value) return {};
    return text_.wrong(fmt::format("nested deeper than {} levels", deepest_value));
  }

  Done items(Major major, char end, std::size_t depth) {
    if (auto fine = enter(depth); !fine) return fine;
    text_.take(major == Major::map ? "{" : "[");
    const Indicator width = indicator();
    const bool indefinite = !width && text_.take("_");
    const std::size_t begin = out_.size();
    if (indefinite) put_indefinite(major, out_);
    std::uint64_t count = 0;
    if (auto fine = text_.skip_blanks(); !fine) return fine;
    while (text_.peek() != end) {
      if (count++ > 0) {
        if (!text_.take(",")) return text_.wrong(fmt::format("neither a comma nor {}", end));
        if (auto fine = text_.skip_blanks(); !fine) return fine;
      }
      if (auto fine = element(major, depth + 1); !fine) return fine;
    }
    text_.take({&end, 1});
    if (!indefinite) return put_head_before(begin, major, count, width);
    put_break(out_);
    return {};
  }

  // An element or a pair, and the blanks behind it.
  Done element(Major major, std::size_t depth) {
    if (auto fine = item(depth); !fine) return fine;
    if (auto fine = text_.skip_blanks(); !fine || major == Major::array) return fine;
    if (!text_.take(":")) return text_.wrong("no colon behind a key");
    if (auto fine = text_.skip_blanks(); !fine) return fine;
    if (auto fine = item(depth); !fine) return fine;
    return text_.skip_blanks();
  }

  // "(_ h'01', h'02')"
  Done chunks() {
    const std::size_t begin = text_.at();
    if (!text_.take("(_")) return text_.wrong("a parenthesis without a tag before it or _ behind it");
    std::optional<Major> all;
    do {
      if (auto fine = text_.skip_blanks(); !fine) return fine;
      if (all && text_.peek() == ')') break;
      if (std::string_view("\"'hb").find(text_.peek()) == std::string_view::npos || text_.done())
        return text_.wrong("no string");
      const Major kind = text_.peek() == '"' ? Major::text : Major::bytes;
      if (all.value_or(kind) != kind) return text_.wrong("a chunk of another kind than the first");
      if (!all) put_indefinite(kind, out_);
      all = kind;
      chunk_ = true;
      auto fine = string();
      chunk_ = false;
      if (fine) fine = text_.skip_blanks();
      if (!fine) return fine;
    } while (text_.take(","));
    if (!text_.take(")")) return NotationText::wrong_at(begin, "chunks without their closing parenthesis");
    put_break(out_);
    return {};
  }

  // << ... >>
  Done embedded(std::size_t depth) {
    if (auto fine = enter(depth); !fine) return fine;
    const std::size_t begin = text_.at();
    if (!text_.take("<<")) return text_.wrong("no item");
    const std::size_t data = out_.size();
    if (auto fine = sequence(">>", depth + 1); !fine) return fine;
    if (!text_.take(">>")) return NotationText::wrong_at(begin, "<< without its >>");
    return put_head_before(data, Major::bytes, out_.size() - data, indicator());
  }

  Done string() {
    const std::size_t begin = text_.at();
    if (text_.peek() == '"' || text_.peek() == '\'') {
      const Major major = text_.peek() == '"' ? Major::text : Major::bytes;
      const auto text = text_.quoted_text(text_.peek());
      return text ? put_string(major, *text) : std::unexpected(text.error());
    }
    const std::string_view base = text_.take("h'") ? "h" : text_.take("b64'") ? "b64" : "";
    if (base.empty()) return word();
    const auto digits = text_.rest_of_quoted();
    if (!digits) return std::unexpected(digits.error());
    const auto bytes = base == "h" ? from_hex(*digits) : from_any_base64(*digits);
    if (!bytes)
      return NotationText::wrong_at(
          begin, base == "h" ? "digits that are not hexadecimal" : "digits that are not base64");
    return put_string(Major::bytes, *bytes);
  }

  Done put_string(Major major, Bytes string) {
    const Indicator width = indicator();
    // "" and '' with a bare _ are of indefinite length and without chunks (8.1).
    if (!width && string.empty() && !chunk_ && text_.take("_")) {
      put_indefinite(major, out_);
      put_break(out_);
      return {};
    }
    if (!put_head(major, string.size(), width, out_)) return too_narrow();
    out_ += string;
    return {};
  }

  Done number(std::size_t depth) {
    if (text_.take("-Infinity")) return put_number(-std::numeric_limits<double>::infinity());
    const std::size_t begin = text_.at();
    const std::string_view spelling = text_.number();
    if (spelling.empty()) return text_.wrong("a number that JSON doesn't have");
    if (spelling.find_first_of(".eE") == std::string_view::npos) return integer(spelling, begin, depth);
    double value = 0;
    const auto read = std::from_chars(spelling.data(), spelling.data() + spelling.size(), value);
    if (read.ec != std::errc{})
      return NotationText::wrong_at(begin,
                                    fmt::format("{} is beyond what a float can hold", quoted(spelling)));
    return put_number(value);
  }

  Done put_number(double value) {
    if (!put_float(value, indicator(), out_)) return too_narrow();
    return {};
  }

  Done integer(std::string_view digits, std::size_t begin, std::size_t depth) {
    const bool negative = digits.starts_with('-');
    const auto n = big_integer(digits);
    if (!n)
      return NotationText::wrong_at(begin, fmt::format("an integer of {} digits, longer than {} bytes",
                                                       digits.size(), longest_big_integer));
    const Indicator width = indicator();
    if (n->size() > sizeof(std::uint64_t)) {
      // 3.4.3
      if (auto fine = enter(depth); !fine) return fine;
      put_head(Major::tag, negative ? 3 : 2, {}, out_);
      if (!put_head(Major::bytes, n->size(), width, out_)) return too_narrow();
      out_ += *n;
      return {};
    }
    std::uint64_t value = 0;
    for (const char byte : *n) value = (value << 8) | octet(byte);
    const bool tag = !negative && text_.take("(");
    const bool is_negative =
        negative && !(n->empty() && digits.find_first_not_of("-0") == std::string_view::npos);
    if (!put_head(tag ? Major::tag : is_negative ? Major::negative : Major::positive, value, width, out_))
      return too_narrow();
    return tag ? tagged(depth) : Done{};
  }

  Done tagged(std::size_t depth) {
    if (auto fine = enter(depth); !fine) return fine;
    if (auto fine = text_.skip_blanks(); !fine) return fine;
    if (auto fine = item(depth + 1); !fine) return fine;
    if (auto fine = text_.skip_blanks(); !fine) return fine;
    if (!text_.take(")")) return text_.wrong("a tag without its closing parenthesis");
    return {};
  }

  Done word() {
    const std::size_t begin = text_.at();
    const std::string_view word = text_.word();
    if (word == "false") return simple(20);
    if (word == "true") return simple(21);
    if (word == "null") return simple(22);
    if (word == "undefined") return simple(23);
    if (word == "NaN") return put_number(std::numeric_limits<double>::quiet_NaN());
    if (word == "Infinity") return put_number(std::numeric_limits<double>::infinity());
    if (word == "simple" && text_.take("(")) {
      const auto number = parse_number<std::uint8_t>(text_.number());
      // 24 to 31 are reserved (3.3).
      if (!number || (*number >= 24 && *number < 32) || !text_.take(")"))
        return NotationText::wrong_at(
            begin, "a simple value is simple(0) to simple(23) or simple(32) to simple(255)");
      return simple(*number);
    }
    if (word.empty())
      return NotationText::wrong_at(begin,
                                    text_.done() ? "the text ends where an item should be" : "no item");
    return NotationText::wrong_at(begin, fmt::format("{} is no word of it", quoted(word)));
  }

  Done simple(std::uint8_t number) {
    put_head(Major::simple, number, {}, out_);
    return {};
  }

  NotationText text_;
  Buffer& out_;
  bool chunk_ = false;
};

Done read_one(Reader& reader) {
  if (auto fine = reader.text().skip_blanks(); !fine) return fine;
  if (auto fine = reader.item(0); !fine) return fine;
  if (auto fine = reader.text().skip_blanks(); !fine) return fine;
  if (reader.text().done()) return {};
  auto wrong = reader.text().wrong("something behind the item");
  wrong.error().hint = "--format cbor-seq takes a sequence of items";
  return wrong;
}

}  // namespace

Result<void> read_item(std::string_view text, Buffer& out) {
  Buffer bytes;
  Reader reader(text, bytes);
  auto done = read_one(reader);
  if (done) out += bytes;
  return done;
}

Result<void> read_sequence(std::string_view text, Buffer& out) {
  Buffer bytes;
  Reader reader(text, bytes);
  auto done = reader.sequence("", 1);
  if (done) out += bytes;
  return done;
}

}  // namespace mq::cbor
