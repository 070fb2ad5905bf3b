#include "payload/schema/text_format.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "payload/schema/pattern.hpp"

namespace mq {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name(char c) { return is_letter(c) || is_digit(c); }

// Takes what it wants off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // `size` digits as a number no less than `least` and no more than `most`.
  std::optional<int> number(std::size_t size, int least, int most) {
    int value = 0;
    if (rest_.size() < size || !std::ranges::all_of(rest_.substr(0, size), is_digit)) return std::nullopt;
    for (const char digit : rest_.substr(0, size)) value = value * 10 + (digit - '0');
    rest_.remove_prefix(size);
    if (value < least || value > most) return std::nullopt;
    return value;
  }

  bool any_of(std::string_view characters) {
    if (rest_.empty() || !characters.contains(rest_.front())) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::size_t digits() {
    const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(count);
    return count;
  }

  bool begins_with(char c) const { return rest_.starts_with(c); }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// RFC 3339, 5.6.
bool take_date(Scanner& text) {
  const auto year = text.number(4, 0, 9999);
  if (!year || !text.any_of("-")) return false;
  const auto month = text.number(2, 1, 12);
  if (!month || !text.any_of("-")) return false;
  constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = *year % 4 == 0 && (*year % 100 != 0 || *year % 400 == 0);
  const int last = *month == 2 && leap ? 29 : days[static_cast<std::size_t>(*month - 1)];
  return text.number(2, 1, last).has_value();
}

bool take_time(Scanner& text) {
  const auto hour = text.number(2, 0, 23);
  if (!hour || !text.any_of(":")) return false;
  const auto minute = text.number(2, 0, 59);
  if (!minute || !text.any_of(":")) return false;
  const auto second = text.number(2, 0, 60);
  if (!second || (text.any_of(".") && text.digits() == 0)) return false;
  int of_day = *hour * 60 + *minute;
  if (!text.any_of("zZ")) {
    const int sign = text.begins_with('-') ? 1 : -1;
    if (!text.any_of("+-")) return false;
    const auto hours = text.number(2, 0, 23);
    if (!hours || !text.any_of(":")) return false;
    const auto minutes = text.number(2, 0, 59);
    if (!minutes) return false;
    of_day += sign * (*hours * 60 + *minutes);
  }
  // A leap second ends a day of UTC.
  constexpr int day = 24 * 60;
  return *second < 60 || (of_day + day) % day == day - 1;
}

bool is_date(std::string_view text) {
  Scanner scanner(text);
  return take_date(scanner) && scanner.at_end();
}

bool is_time(std::string_view text) {
  Scanner scanner(text);
  return take_time(scanner) && scanner.at_end();
}

bool is_date_time(std::string_view text) {
  Scanner scanner(text);
  return take_date(scanner) && scanner.any_of("tT") && take_time(scanner) && scanner.at_end();
}

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const std::string_view number = text.substr(0, text.find('.'));
    if (number.empty() || number.size() > 3 || (number.size() > 1 && number[0] == '0')) return false;
    Scanner digits(number);
    if (!digits.number(number.size(), 0, 255)) return false;
    text.remove_prefix(number.size());
    if (part == 3) return text.empty();
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
  }
  return false;
}

// RFC 4291, 2.2.
bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.starts_with(':') && !text.starts_with("::")) return false;
  while (!text.empty()) {
    if (text.starts_with("::")) {
      if (std::exchange(gap, true) || text.starts_with(":::")) return false;
      text.remove_prefix(2);
      continue;
    }
    if (text.starts_with(':')) text.remove_prefix(1);
    const std::string_view group = text.substr(0, text.find(':'));
    if (group.contains('.')) {
      groups += 2;
      return group.size() == text.size() && is_ipv4(group) && (gap ? groups < 8 : groups == 8);
    }
    if (group.empty() || group.size() > 4 || !std::ranges::all_of(group, is_hex)) return false;
    if (++groups > 8) return false;
    text.remove_prefix(group.size());
  }
  return gap ? groups < 8 : groups == 8;
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > 63 || label.starts_with('-') || label.ends_with('-') ||
        !std::ranges::all_of(label, [](char c) { return is_name(c) || c == '-'; }))
      return false;
    if (label.size() == text.size()) return true;
    text.remove_prefix(label.size() + 1);
  }
}

// RFC 5321's addresses, in outline.
bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  if (!is_hostname(domain) && !(domain.starts_with('[') && domain.ends_with(']'))) return false;
  if (local.size() > 1 && local.starts_with('"') && local.ends_with('"')) return true;
  return !local.starts_with('.') && !local.ends_with('.') && !local.contains("..") &&
         std::ranges::all_of(local, [](char c) {
           return is_name(c) || octet(c) >= 0x80 || std::string_view("!#$%&'*+/=?^_`{|}~.-").contains(c);
         });
}

// RFC 3986's characters; brackets only in an authority.
bool is_uri_reference(std::string_view text) {
  const std::size_t slashes = text.find("//");
  const std::size_t authority_end =
      slashes == std::string_view::npos ? 0 : std::min(text.find_first_of("/?#", slashes + 2), text.size());
  bool fragment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
    } else if (c == '#') {
      if (std::exchange(fragment, true)) return false;
    } else if (c == '[' || c == ']') {
      if (i >= authority_end) return false;
    } else if (!is_name(c) && !std::string_view("-._~:/?@!$&'()*+,;=").contains(c)) {
      return false;
    }
  }
  return true;
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find_first_of(":/?#");
  return colon != std::string_view::npos && colon > 0 && text[colon] == ':' && is_letter(text[0]) &&
         std::ranges::all_of(text.substr(0, colon),
                             [](char c) { return is_name(c) || std::string_view("+-.").contains(c); }) &&
         is_uri_reference(text);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        hyphen ? text[i] != '-' : !is_hex(text[i]))
      return false;
  return true;
}

// RFC 6901, 3.
bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  Scanner scanner(text);
  const std::size_t digits = scanner.digits();
  if (digits == 0 || (digits > 1 && text.front() == '0')) return false;
  return scanner.rest() == "#" || is_json_pointer(scanner.rest());
}

struct Row {
  std::string_view name;
  TextFormat check;
};

constexpr std::array rows = {
    Row{"date", is_date},
    Row{"date-time", is_date_time},
    Row{"email", is_email},
    Row{"hostname", is_hostname},
    Row{"ipv4", is_ipv4},
    Row{"ipv6", is_ipv6},
    Row{"json-pointer", is_json_pointer},
    Row{"regex", is_regex},
    Row{"relative-json-pointer", is_relative_json_pointer},
    Row{"time", is_time},
    Row{"uri", is_uri},
    Row{"uri-reference", is_uri_reference},
    Row{"uuid", is_uuid},
};

}  // namespace

TextFormat text_format(std::string_view name) {
  const auto* found = std::ranges::find(rows, name, &Row::name);
  return found == rows.end() ? nullptr : found->check;
}

}  // namespace mq
