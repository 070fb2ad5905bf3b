#include "payload/schema/ecma.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace mq {
namespace {

using Fault = TranslatedPattern::Fault;

// ECMA 262, 12.2 and 12.3: what \s takes, and all the rest.
constexpr std::string_view spaces =
    R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view no_spaces =
    R"(\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view any_but_line_ends = R"([^\n\r\x{2028}\x{2029}])";
constexpr std::string_view anything = R"([\x{0}-\x{10ffff}])";
constexpr std::string_view nothing = R"([^\x{0}-\x{10ffff}])";

constexpr std::uint32_t most_repeats = 1000;    // RE2's bound for one {n,m}
constexpr std::size_t longest_repeated = 4096;  // of what is spelt out more than once: they nest
constexpr std::uint32_t without_end = std::numeric_limits<std::uint32_t>::max();

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Translator {
 public:
  explicit Translator(std::string_view ecma) : rest_(ecma) {}

  TranslatedPattern run() {
    while (!rest_.empty() && result_.fault == Fault::none) step();
    return std::move(result_);
  }

 private:
  void step() {
    const char c = rest_.front();
    if (c == '\\') {
      begin_atom();
      escape(false);
    } else if (c == '[') {
      begin_atom();
      character_class();
    } else if (c == '(') {
      group();
    } else if (c == ')') {
      if (!open_.empty()) {
        atom_ = open_.back();
        open_.pop_back();
      }
      take(1);
    } else if (c == '.') {
      begin_atom();
      replace(1, any_but_line_ends);
    } else if (c == '{') {
      repeat();
    } else {
      if (!std::string_view("*+?|^$").contains(c)) begin_atom();
      take(std::max<std::size_t>(utf8_sequence(rest_), 1));
    }
  }

  void begin_atom() { atom_ = result_.text.size(); }

  void take(std::size_t size) {
    result_.text += rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  void replace(std::size_t size, std::string_view by) {
    result_.text += by;
    rest_.remove_prefix(size);
  }

  void stop(Fault fault, std::string what) {
    result_.fault = fault;
    result_.what = std::move(what);
  }

  void group() {
    for (const std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"})
      if (rest_.starts_with(look))
        return stop(Fault::beyond_linear, fmt::format("{}...) looks around", look));
    open_.push_back(result_.text.size());
    if (rest_.starts_with("(?<")) return replace(3, "(?P<");
    take(rest_.starts_with("(?") ? 2 : 1);
  }

  // More repeats than RE2 takes at once are as many in a row: x{0,1500} is x{0,1000}x{0,500}.
  void repeat() {
    const std::size_t end = rest_.find('}');
    const std::string_view inside = rest_.substr(1, end == std::string_view::npos ? 0 : end - 1);
    const std::size_t comma = std::min(inside.find(','), inside.size());
    const auto least = parse_number<std::uint32_t>(inside.substr(0, comma));
    const auto most = comma == inside.size()       ? least
                      : comma + 1 == inside.size() ? without_end
                                                   : parse_number<std::uint32_t>(inside.substr(comma + 1));
    if (!least || !most || (*least <= most_repeats && (*most <= most_repeats || *most == without_end)) ||
        *least > *most)
      return take(1);
    const std::string atom = result_.text.substr(atom_);
    if (atom.empty() || atom.size() > longest_repeated ||
        (*most == without_end ? *least : *most) > 100 * most_repeats)
      return stop(Fault::beyond_linear, fmt::format("{{{}}} repeats too often", inside));
    rest_.remove_prefix(end + 1);
    result_.text.erase(atom_);
    add_repeats(atom, *least, *most);
  }

  void add_repeats(const std::string& atom, std::uint32_t least, std::uint32_t most) {
    for (; least > most_repeats; least -= most_repeats) {
      result_.text.append(atom).append(fmt::format("{{{}}}", most_repeats));
      if (most != without_end) most -= most_repeats;
    }
    if (most == without_end) {
      result_.text.append(atom).append(fmt::format("{{{},}}", least));
      return;
    }
    for (; most > most_repeats; most -= most_repeats, least = 0)
      result_.text.append(atom).append(fmt::format("{{{},{}}}", least, most_repeats));
    result_.text.append(atom).append(fmt::format("{{{},{}}}", least, most));
  }

  void character_class() {
    if (rest_.starts_with("[^]")) return replace(3, anything);
    if (rest_.starts_with("[]")) return replace(2, nothing);
    take(rest_.starts_with("[^") ? 2 : 1);
    while (!rest_.empty() && rest_.front() != ']' && result_.fault == Fault::none) {
      if (rest_.front() == '\\') {
        const bool set = rest_.size() > 1 && std::string_view("dDwWsSpP").contains(rest_[1]);
        escape(true);
        // Behind a set a hyphen stands for itself.
        if (set && rest_.starts_with('-') && !rest_.starts_with("-]")) replace(1, "\\-");
      } else if (rest_.front() == '[') {
        replace(1, "\\[");  // RE2 would see the beginning of [:alpha:]
      } else {
        take(std::max<std::size_t>(utf8_sequence(rest_), 1));
      }
    }
    if (result_.fault == Fault::none && !rest_.empty()) take(1);
  }

  void escape(bool in_class) {
    if (rest_.size() < 2) return stop(Fault::no_regex, "it ends with a backslash");
    const char c = rest_[1];
    switch (c) {
      case 's':
        return replace(2, in_class ? std::string(spaces) : fmt::format("[{}]", spaces));
      case 'S':
        return replace(2, in_class ? std::string(no_spaces) : fmt::format("[^{}]", spaces));
      case 'b':
        return in_class ? replace(2, "\\x{8}") : take(2);
      case 'u':
        return code_point();
      case 'c':
        if (rest_.size() > 2 && is_letter(rest_[2]))
          return replace(3, fmt::format("\\x{{{:x}}}", octet(rest_[2]) & 31U));
        return unknown(c);
      case 'x':
        if (hex(2, 2)) return take(4);
        return unknown(c);
      case '0':
        if (rest_.size() > 2 && is_digit(rest_[2])) return unknown(c);
        return replace(2, "\\x{0}");
      case 'k':
        return stop(Fault::beyond_linear, "\\k refers back");
      case 'p':
      case 'P':
        return property();
      default:
        break;
    }
    if (is_digit(c)) return stop(Fault::beyond_linear, fmt::format("\\{} refers back", c));
    if (is_letter(c))
      return std::string_view("dDwWBfnrtv").contains(c) && !(in_class && c == 'B') ? take(2) : unknown(c);
    if (octet(c) >= 0x80) return replace(1, "");  // the character itself
    take(2);
  }

  void unknown(char c) { stop(Fault::no_regex, fmt::format("\\{} is no escape of ECMA 262", c)); }

  // \p{Script=Greek} is \p{Greek}.
  void property() {
    take(2);
    for (const std::string_view kind : {"{Script=", "{sc=", "{General_Category=", "{gc="})
      if (rest_.starts_with(kind)) return replace(kind.size(), "{");
  }

  std::optional<std::uint32_t> hex(std::size_t from, std::size_t size) const {
    if (rest_.size() < from + size) return std::nullopt;
    std::uint32_t value = 0;
    const char* end = rest_.data() + from + size;
    const auto [stopped, error] = std::from_chars(rest_.data() + from, end, value, 16);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return value;
  }

  void code_point() {
    if (rest_.starts_with("\\u{")) {
      const std::size_t end = rest_.find('}');
      const auto value = end > 12 ? std::nullopt : hex(3, end - 3);
      return value ? add_code_point(*value, end + 1) : unknown('u');
    }
    const auto value = hex(2, 4);
    if (!value) return unknown('u');
    if (*value >= 0xD800 && *value < 0xDC00 && rest_.substr(6).starts_with("\\u"))
      if (const auto low = hex(8, 4); low && *low >= 0xDC00 && *low < 0xE000)
        return add_code_point(0x10000 + ((*value - 0xD800) << 10U) + (*low - 0xDC00), 12);
    add_code_point(*value, 6);
  }

  void add_code_point(std::uint32_t value, std::size_t size) {
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
      return stop(Fault::no_regex, fmt::format("\\u{:04x} is no character", value));
    replace(size, fmt::format("\\x{{{:x}}}", value));
  }

  std::string_view rest_;
  TranslatedPattern result_;
  std::size_t atom_ = 0;           // where in the result the last atom begins: what a repeat repeats
  std::vector<std::size_t> open_;  // where the open groups begin
};

}  // namespace

TranslatedPattern translated_pattern(std::string_view ecma) { return Translator(ecma).run(); }

}  // namespace mq
