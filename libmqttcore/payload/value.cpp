#include "payload/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.hpp"

namespace mq {
namespace {

template <class Float>
std::string spelling_of(Float number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  std::string spelling(digits.data(), end);
  // What was a float stays one for whoever reads it again.
  if (spelling.find_first_of(".e") == std::string::npos) spelling += ".0";
  return spelling;
}

// "~1" is '/' and "~0" is '~' (RFC 6901, 4); nullopt for any other '~'.
std::optional<std::string> unescaped(std::string_view token) {
  std::string name;
  for (std::size_t i = 0; i < token.size(); ++i) {
    char c = token[i];
    if (c == '~') {
      ++i;
      if (i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
      c = token[i] == '1' ? '/' : '~';
    }
    name += c;
  }
  return name;
}

const Value* element(const Value& array, std::string_view token) {
  if (token.size() > 1 && token.front() == '0') return nullptr;
  const auto index = parse_number<std::size_t>(token);
  return index && *index < array.items.size() ? &array.items[*index] : nullptr;
}

}  // namespace

Value Value::number(std::int64_t number) { return Value::number(fmt::format_int(number).str()); }
Value Value::number(std::uint64_t number) { return Value::number(fmt::format_int(number).str()); }
Value Value::number(double number) { return Value::number(spelling_of(number)); }
Value Value::number(float number) { return Value::number(spelling_of(number)); }

Value& Value::add(Value item) { return items.emplace_back(std::move(item)); }

Value& Value::add(std::string_view member, Value item) {
  item.name = member;
  return add(std::move(item));
}

const Value* Value::member(std::string_view wanted) const {
  if (kind != Kind::object) return nullptr;
  const auto found =
      std::find_if(items.rbegin(), items.rend(), [wanted](const Value& item) { return item.name == wanted; });
  return found == items.rend() ? nullptr : &*found;
}

const Value* at_pointer(const Value& value, std::string_view pointer) {
  const Value* here = &value;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    const std::string_view token = pointer.substr(1, pointer.find('/', 1) - 1);
    pointer.remove_prefix(1 + token.size());
    const auto name = unescaped(token);
    if (!name) return nullptr;
    here = here->kind == Value::Kind::array ? element(*here, *name) : here->member(*name);
    if (here == nullptr) return nullptr;
  }
  return here;
}

}  // namespace mq
