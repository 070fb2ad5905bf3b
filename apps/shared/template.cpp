#include "shared/template.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "shared/nearest.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::array<std::string_view, 6> known_names{"count", "time", "time_ms", "uuid", "random", "env"};
constexpr std::string_view file_name = "file";
constexpr unsigned most_decimals = 9;

bool is_name_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_digit(char c) { return c >= '0' && c <= '9'; }

// "{name}" or "{name argument}" at the start of a text.
struct Element {
  std::string_view name, argument;
  std::size_t size = 0;
};

std::optional<Element> element_at(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && (is_name_letter(text[end]) || (end > 1 && is_name_digit(text[end])))) ++end;
  if (end == 1 || end == text.size() || (text[end] != '}' && text[end] != ' ')) return std::nullopt;
  const std::size_t close = text.find_first_of("{}", end);
  if (close == text.npos || text[close] == '{') return std::nullopt;
  std::string_view argument = text.substr(end, close - end);
  while (argument.starts_with(' ')) argument.remove_prefix(1);
  while (argument.ends_with(' ')) argument.remove_suffix(1);
  return Element{text.substr(1, end - 1), argument, close + 1};
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// A decimal number in units of its last digit.
struct Decimal {
  std::int64_t units = 0;
  unsigned decimals = 0;
};

std::optional<Decimal> decimal_of(std::string_view text) {
  const std::size_t point = text.find('.');
  std::string digits(text.substr(0, point));
  Decimal decimal;
  if (point != text.npos) {
    const std::string_view fraction = text.substr(point + 1);
    if (fraction.empty() || fraction.size() > most_decimals || digits.empty() || digits == "-")
      return std::nullopt;
    decimal.decimals = static_cast<unsigned>(fraction.size());
    digits += fraction;
  }
  const auto units = parse_number<std::int64_t>(digits);
  if (!units) return std::nullopt;
  decimal.units = *units;
  return decimal;
}

bool scale(Decimal& decimal, unsigned decimals) {
  for (; decimal.decimals < decimals; ++decimal.decimals)
    if (__builtin_mul_overflow(decimal.units, 10, &decimal.units)) return false;
  return true;
}

// `units` with a point before its last `decimals` digits.
void append_decimal(std::int64_t units, unsigned decimals, Buffer& out) {
  const std::uint64_t number =
      units < 0 ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
  if (units < 0) out += '-';
  append_digits(number, decimals + 1, out);
  if (decimals > 0) out.insert(out.size() - decimals, 1, '.');
}

// RFC 9562, version 4.
void append_uuid(Random& random, Buffer& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::array<std::uint64_t, 2> numbers{(random.next() & 0xFFFFFFFFFFFF0FFF) | 0x4000,
                                             (random.next() & 0x3FFFFFFFFFFFFFFF) | 0x8000000000000000};
  for (unsigned i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += digits[numbers[i / 16] >> (60 - i % 16 * 4) & 0xF];
  }
}

}  // namespace

void TemplateValues::next(LocalTime::Moment now) {
  ++count_;
  time_.set(now);
}

void Template::add_text(std::string_view text) {
  if (text.empty()) return;
  if (pieces_.empty() || pieces_.back().kind != Kind::text) pieces_.push_back({});
  pieces_.back().text += text;
}

Result<Template> Template::compile(std::string_view text, std::span<const std::string_view> own,
                                   const Environment& environment, const FileReader& files) {
  Template made;
  std::size_t open = 0;  // braces made of {{ whose }} is still to come; JSON has no {{, but many }}
  while (!text.empty()) {
    const std::size_t brace = std::min(text.find_first_of("{}"), text.size());
    made.add_text(text.substr(0, brace));
    text.remove_prefix(brace);
    if (text.starts_with("{{") || (open > 0 && text.starts_with("}}"))) {
      open += text[0] == '{' ? 1 : std::size_t(-1);
      made.add_text(text.substr(0, 1));
      text.remove_prefix(2);
      continue;
    }
    const auto element = text.starts_with('{') ? element_at(text) : std::nullopt;
    const bool file = element && files && element->name == file_name;
    if (element && (file || contains(known_names, element->name) || contains(own, element->name))) {
      auto piece = piece_of(element->name, element->argument, own, environment, files);
      if (!piece) return std::unexpected(std::move(piece.error()));
      if (piece->kind == Kind::text)
        made.add_text(piece->text);
      else
        made.pieces_.push_back(std::move(*piece));
      text.remove_prefix(element->size);
      continue;
    }
    if (element) {
      std::vector<std::string_view> names(known_names.begin(), known_names.end());
      names.insert(names.end(), own.begin(), own.end());
      if (files) names.push_back(file_name);
      if (const std::string_view meant = nearest(element->name, names); !meant.empty())
        return usage(
            fmt::format("{{{}}} is not known in a template", element->name),
            fmt::format("did you mean {{{}}}? A brace that stands for itself is written {{{{", meant));
    }
    made.add_text(text.substr(0, 1));
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
  }
  return made;
}

Result<Template::Piece> Template::piece_of(std::string_view name, std::string_view argument,
                                           std::span<const std::string_view> own,
                                           const Environment& environment, const FileReader& files) {
  if (name == "random") return random_of(argument);
  if (name == file_name && files) {
    if (argument.empty()) return usage("{file} needs the name of a file", "such as {file message.json}");
    auto content = files(std::string(argument));
    if (!content) return std::unexpected(std::move(content.error()));
    return Piece{.text = std::move(*content)};
  }
  if (name == "env") {
    const std::string variable(argument);
    if (variable.empty()) return usage("{env} needs the name of a variable", "such as {env HOSTNAME}");
    const char* value = environment(variable.c_str());
    if (value == nullptr) return usage(fmt::format("the environment has no {}", quoted(variable)));
    return Piece{.text = value};
  }
  if (!argument.empty())
    return usage(fmt::format("{{{}}} takes nothing behind its name", name),
                 "a brace that stands for itself is written {{");
  constexpr std::array kinds{Kind::count, Kind::time, Kind::time_ms, Kind::uuid};
  if (const auto* found = std::ranges::find(known_names, name); found != known_names.end())
    return Piece{.kind = kinds[static_cast<std::size_t>(found - known_names.begin())]};
  return Piece{.kind = Kind::own,
               .own = static_cast<std::size_t>(std::ranges::find(own, name) - own.begin())};
}

Result<Template::Piece> Template::random_of(std::string_view bounds) {
  const std::size_t blank = bounds.find(' ');
  std::string_view second = blank == bounds.npos ? std::string_view() : bounds.substr(blank);
  while (second.starts_with(' ')) second.remove_prefix(1);
  auto least = decimal_of(bounds.substr(0, blank));
  auto most = decimal_of(second);
  const std::string shown = fmt::format("{{random{}{}}}", bounds.empty() ? "" : " ", bounds);
  if (!least || !most)
    return usage(fmt::format("{} needs two numbers", quoted(shown)), "such as {random 20 25}");
  const unsigned decimals = std::max(least->decimals, most->decimals);
  if (!scale(*least, decimals) || !scale(*most, decimals))
    return usage(fmt::format("{} has too many digits", quoted(shown)));
  if (least->units > most->units) return usage(fmt::format("{} has its larger number first", quoted(shown)));
  return Piece{
      .kind = Kind::random,
      .least = least->units,
      .range = static_cast<std::uint64_t>(most->units) - static_cast<std::uint64_t>(least->units),
      .decimals = decimals,
  };
}

bool Template::uses_own() const {
  return std::ranges::find(pieces_, Kind::own, &Piece::kind) != pieces_.end();
}

bool Template::uses_own(std::size_t number) const {
  return std::ranges::any_of(
      pieces_, [number](const Piece& piece) { return piece.kind == Kind::own && piece.own == number; });
}

bool Template::uses_time() const {
  return std::ranges::any_of(
      pieces_, [](Kind kind) { return kind == Kind::time || kind == Kind::time_ms; }, &Piece::kind);
}

bool Template::uses_message() const {
  return std::ranges::any_of(
      pieces_, [](Kind kind) { return kind == Kind::count || kind == Kind::uuid || kind == Kind::random; },
      &Piece::kind);
}

void Template::append(TemplateValues& values, Buffer& out) const {
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Kind::text:
        out += piece.text;
        break;
      case Kind::count:
        append_digits(values.count_, 1, out);
        break;
      case Kind::time:
        out += values.time_.rfc3339();
        break;
      case Kind::time_ms:
        append_digits(static_cast<std::uint64_t>(values.time_.seconds()) * 1000 +
                          values.time_.nanoseconds() / 1'000'000,
                      1, out);
        break;
      case Kind::uuid:
        append_uuid(values.random_, out);
        break;
      case Kind::random:
        append_decimal(static_cast<std::int64_t>(static_cast<std::uint64_t>(piece.least) +
                                                 values.random_.up_to(piece.range)),
                       piece.decimals, out);
        break;
      case Kind::own:
        if (piece.own < values.own_.size()) out += values.own_[piece.own];
        break;
    }
  }
}

}  // namespace mq
