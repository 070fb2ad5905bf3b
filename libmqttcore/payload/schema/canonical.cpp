#include "payload/schema/canonical.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "payload/schema/exact.hpp"

namespace mq {
namespace {

// Each part says where it ends, so that no two values run together.
bool append_text(char mark, std::string_view text, std::size_t most, std::string& out) {
  if (text.size() > most || out.size() > most - text.size()) return false;
  out += mark;
  out.append(fmt::format_int(text.size()).str()).append(":").append(text);
  return true;
}

bool append_number(std::string_view spelling, std::size_t most, std::string& out) {
  const Decimal number = decimal_of(spelling);
  out += number.negative ? "-" : "+";
  return append_text('.', number.digits, most, out) &&
         append_text('e', fmt::format_int(number.exponent).str(), most, out);
}

// The last of each name, by name.
std::vector<const Value*> members_of(const Value& object) {
  std::vector<const Value*> members;
  members.reserve(object.items.size());
  for (const Value& member : object.items) members.push_back(&member);
  // Of equal names the later comes first, and unique() keeps the first.
  std::ranges::sort(members, [](const Value* a, const Value* b) {
    const int by_name = a->name.compare(b->name);
    return by_name != 0 ? by_name < 0 : a > b;
  });
  const auto same_name = [](const Value* a, const Value* b) { return a->name == b->name; };
  members.erase(std::unique(members.begin(), members.end(), same_name), members.end());
  return members;
}

}  // namespace

Value::Kind kind_in_json(const Value& value) {
  if (value.kind == Value::Kind::bytes) return Value::Kind::text;
  // NaN and the infinities alone don't end in a digit.
  if (value.kind == Value::Kind::number &&
      (value.text.empty() || value.text.back() < '0' || value.text.back() > '9'))
    return Value::Kind::null;
  return value.kind;
}

// Recursion ends at deepest_value.
bool append_canonical(const Value& value, std::size_t most, std::string& out) {
  if (out.size() > most) return false;
  switch (kind_in_json(value)) {
    case Value::Kind::null:
      out += 'n';
      break;
    case Value::Kind::boolean:
      out += value.truth ? 't' : 'f';
      break;
    case Value::Kind::number:
      return append_number(value.text, most, out);
    case Value::Kind::text:
    case Value::Kind::bytes:
      if (value.kind == Value::Kind::bytes) return append_text('s', to_base64(value.text), most, out);
      return append_text('s', value.text, most, out);
    case Value::Kind::array:
      out += '[';
      for (const Value& item : value.items)
        if (!append_canonical(item, most, out)) return false;
      out += ']';
      break;
    case Value::Kind::object:
      out += '{';
      for (const Value* member : members_of(value))
        if (!append_text('k', member->name, most, out) || !append_canonical(*member, most, out)) return false;
      out += '}';
      break;
  }
  return true;
}

}  // namespace mq
