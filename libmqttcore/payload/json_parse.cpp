// JSON read straight into a Value. Not by nlohmann's parser, which refuses 1e999, loses the sign of -0, and
// takes three times as long as all the rest of decoding and printing a message; the tests hold this one to
// it.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/json.hpp"

namespace mq {
namespace {

// Bytes of a string that stand for themselves and need no second look.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (std::size_t i = 0x20; i < 0x80; ++i) plain[i] = i != '"' && i != '\\';
  return plain;
}
constexpr std::array<bool, 256> plain = make_plain();

void append_utf8(std::uint32_t point, std::string& out) {
  const auto tail = [&out, point](unsigned shift) {
    out += static_cast<char>(0x80 | ((point >> shift) & 0x3F));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Every function takes what it is named for from the front of the text; false, and why_ says what is wrong
// there.
class Parser {
 public:
  Parser(Bytes text, std::size_t most) : text_(text), most_(most) {}

  Result<Value> parse() {
    Value value;
    if (take_value(value, 0)) {
      skip_space();
      if (at_ == text_.size()) return value;
      (void)unexpected();
    }
    return fail(ErrorKind::payload, fmt::format("this is not JSON: {}", where()));
  }

 private:
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool wrong(std::string_view why) {
    why_ = why;
    return false;
  }

  bool unexpected() { return wrong(at_ < text_.size() ? "unexpected" : "it ends too early"); }

  // "line 2, column 5: unexpected '}'"
  std::string where() const {
    const Bytes before = text_.substr(0, at_);
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t column = at_ - (before.rfind('\n') + 1) + 1;
    const std::string what =
        why_ == "unexpected" ? fmt::format("unexpected {}", quoted(text_.substr(at_, 1))) : why_;
    return fmt::format("line {}, column {}: {}", line, column, what);
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }

  // Recursion ends at deepest_value.
  bool take_value(Value& to, std::size_t depth) {
    skip_space();
    if (++parts_ > most_) return wrong(fmt::format("it has more than {} parts", most_));
    switch (next()) {
      case '{':
      case '[':
        return take_items(to, depth);
      case '"':
        to.kind = Value::Kind::text;
        return take_string(to.text);
      case 't':
        to.truth = true;
        to.kind = Value::Kind::boolean;
        return take_word("true");
      case 'f':
        to.kind = Value::Kind::boolean;
        return take_word("false");
      case 'n':
        return take_word("null");
      default:
        to.kind = Value::Kind::number;
        return take_number(to.text);
    }
  }

  bool take_items(Value& to, std::size_t depth) {
    if (depth == deepest_value)
      return wrong(fmt::format("it is nested deeper than {} levels", deepest_value));
    const bool members = next() == '{';
    const char end = members ? '}' : ']';
    to.kind = members ? Value::Kind::object : Value::Kind::array;
    ++at_;
    skip_space();
    if (next() == end) return take(end);
    to.items.reserve(members ? 8 : 2);
    while (true) {
      Value& item = to.items.emplace_back();
      if (members && !take_name(item.name)) return false;
      if (!take_value(item, depth + 1)) return false;
      skip_space();
      if (next() == end) return take(end);
      if (!take(',')) return false;
    }
  }

  bool take_name(std::string& name) {
    skip_space();
    if (next() != '"')
      return at_ < text_.size() ? wrong("a name in double quotes is expected") : unexpected();
    if (!take_string(name)) return false;
    skip_space();
    return take(':');
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return unexpected();
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    for (const char c : word)
      if (!take(c)) return false;
    return true;
  }

  bool take_string(std::string& to) {
    ++at_;
    while (true) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && plain[octet(text_[at_])]) ++at_;
      to.append(text_, begin, at_ - begin);
      if (at_ == text_.size()) return unexpected();
      if (text_[at_] == '"') break;
      if (text_[at_] == '\\' ? !take_escape(to) : !take_character(to)) return false;
    }
    ++at_;
    return true;
  }

  bool take_character(std::string& to) {
    if (octet(text_[at_]) < 0x20) return wrong("a control character in a text");
    const std::size_t size = utf8_sequence(text_.substr(at_, 4));
    if (size == 0) return wrong("a text that is not UTF-8");
    to.append(text_, at_, size);
    at_ += size;
    return true;
  }

  bool take_escape(std::string& to) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    ++at_;
    if (next() == 'u' && at_ < text_.size()) return take_unicode(to);
    const std::size_t letter = at_ < text_.size() ? letters.find(text_[at_]) : std::string_view::npos;
    if (letter == std::string_view::npos) return unexpected();
    to += meant[letter];
    ++at_;
    return true;
  }

  // \uXXXX, or a pair of them.
  bool take_unicode(std::string& to) {
    std::uint32_t point = 0;
    if (!take_hex(point)) return false;
    if (point >= 0xDC00 && point <= 0xDFFF) return wrong("half a surrogate pair");
    if (point >= 0xD800 && point <= 0xDBFF) {
      std::uint32_t low = 0;
      if (next() != '\\') return wrong("half a surrogate pair");
      ++at_;
      if (next() != 'u') return wrong("half a surrogate pair");
      if (!take_hex(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return wrong("half a surrogate pair");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(point, to);
    return true;
  }

  // What stands behind the backslash.
  bool take_hex(std::uint32_t& to) {
    const Bytes digits = text_.substr(at_ + 1, 4);
    const auto digit = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    if (digits.size() < 4 || !std::ranges::all_of(digits, digit))
      return wrong("four hexadecimal digits are expected");
    for (const char c : digits)
      to = to * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    at_ += 5;
    return true;
  }

  bool take_digits() {
    if (next() < '0' || next() > '9') return unexpected();
    while (next() >= '0' && next() <= '9') ++at_;
    return true;
  }

  bool take_number(std::string& to) {
    const std::size_t begin = at_;
    if (next() == '-') ++at_;
    if (next() == '0') {
      ++at_;
    } else if (!take_digits()) {
      return false;
    }
    if (next() == '.') {
      ++at_;
      if (!take_digits()) return false;
    }
    if (next() == 'e' || next() == 'E') {
      ++at_;
      if (next() == '+' || next() == '-') ++at_;
      if (!take_digits()) return false;
    }
    to.assign(text_, begin, at_ - begin);
    return true;
  }

  Bytes text_;
  std::size_t most_;
  std::size_t at_ = 0;
  std::size_t parts_ = 0;
  std::string why_;
};

class JsonCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override { return parse_json(data); }
  Result<void> encode(std::string_view text, Buffer& out) override {
    if (auto parsed = parse_json(text); !parsed) return std::unexpected(parsed.error());
    out += text;
    return {};
  }
};

}  // namespace

Result<Value> parse_json(Bytes text, std::size_t parts) {
  if (text.starts_with("\xEF\xBB\xBF"))
    return fail(ErrorKind::payload, "this is not JSON: it begins with a byte order mark");
  return Parser(text, parts).parse();
}

MadeCodec make_json_codec(const CodecOptions&) { return std::make_unique<JsonCodec>(); }

}  // namespace mq
