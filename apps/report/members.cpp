#include "report/members.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/violation.hpp"

namespace mq {

Value text_value(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t good = utf8_valid_prefix(text);
    clean += text.substr(0, good);
    text.remove_prefix(good);
    if (text.empty()) break;
    clean += "\xEF\xBF\xBD";
    text.remove_prefix(1);
  }
  return Value::of_text(std::move(clean));
}

Value real_value(double number) { return std::isfinite(number) ? Value::number(number) : Value::null(); }

Members::Members(const Value& object, std::string pointer, std::string& wrong)
    : object_(object), pointer_(std::move(pointer)), wrong_(wrong) {
  if (good() && object.kind != Value::Kind::object)
    wrong_ = fmt::format("{} is no object", pointer_.empty() ? "the whole" : quoted(pointer_));
}

void Members::refuse(std::string_view name, std::string_view why) {
  if (good()) wrong_ = fmt::format("{} {}", quoted(pointer_to(pointer_, name)), why);
}

bool Members::has_value(std::string_view name) const {
  const Value* value = object_.member(name);
  return value != nullptr && value->kind != Value::Kind::null;
}

const Value* Members::wanted(std::string_view name, Value::Kind kind, std::string_view what) {
  const Value* value = object_.member(name);
  if (value == nullptr) {
    refuse(name, "is missing");
  } else if (value->kind != kind) {
    refuse(name, fmt::format("is no {}", what));
    value = nullptr;
  }
  return value;
}

template <class Number>
void Members::number(std::string_view name, Number& to, std::string_view what) {
  const Value* value = wanted(name, Value::Kind::number, what);
  if (value == nullptr) return;
  const auto number = parse_number<Number>(value->text);
  if (!number) return refuse(name, fmt::format("is no {}", what));
  to = *number;
}

void Members::get(std::string_view name, std::uint64_t& to) { number(name, to, "whole number from 0"); }
void Members::get(std::string_view name, std::uint32_t& to) { number(name, to, "whole number of 32 bits"); }
void Members::get(std::string_view name, std::int64_t& to) { number(name, to, "whole number"); }
void Members::get(std::string_view name, int& to) { number(name, to, "whole number"); }

void Members::get(std::string_view name, double& to) {
  number(name, to, "number");
  if (good() && !std::isfinite(to)) refuse(name, "is no number that can be reckoned with");
}

void Members::get(std::string_view name, bool& to) {
  if (const Value* value = wanted(name, Value::Kind::boolean, "true or false")) to = value->truth;
}

void Members::get(std::string_view name, std::string& to) {
  if (const Value* value = wanted(name, Value::Kind::text, "text")) to = value->text;
}

void Members::get(std::string_view name, std::span<const std::string_view> words, std::size_t& to) {
  std::string word;
  get(name, word);
  const auto found = std::ranges::find(words, word);
  if (!good()) return;
  if (found == words.end()) return refuse(name, fmt::format("is {}, which is not known", quoted(word)));
  to = static_cast<std::size_t>(found - words.begin());
}

Members Members::object(std::string_view name) {
  static const Value nothing = Value::object();
  const Value* value = wanted(name, Value::Kind::object, "object");
  return {value == nullptr ? nothing : *value, pointer_to(pointer_, name), wrong_};
}

const std::vector<Value>* Members::array(std::string_view name, std::size_t most) {
  const Value* value = wanted(name, Value::Kind::array, "array");
  if (value == nullptr) return nullptr;
  if (value->items.size() > most) {
    refuse(name, fmt::format("has more than {} elements", most));
    return nullptr;
  }
  return &value->items;
}

void Members::each(std::string_view name, std::size_t most, const std::function<void(Members&)>& take) {
  const std::vector<Value>* items = array(name, most);
  if (items == nullptr) return;
  const std::string here = pointer_to(pointer_, name);
  for (std::size_t i = 0; i < items->size() && good(); ++i) {
    Members item((*items)[i], pointer_to(here, i), wrong_);
    take(item);
  }
}

}  // namespace mq
