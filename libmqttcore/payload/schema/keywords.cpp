#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/json.hpp"
#include "payload/schema/canonical.hpp"
#include "payload/schema/compiler.hpp"

namespace mq {
namespace {

constexpr std::size_t longest_choice = 40;    // as it is told
constexpr std::size_t longest_choices = 120;  // all of them

template <class T>
T& made(std::unique_ptr<T>& rules) {
  if (!rules) rules = std::make_unique<T>();
  return *rules;
}

// A count too large for any payload is as good as the largest.
std::optional<std::size_t> count_of(const Value& value) {
  if (value.kind != Value::Kind::number) return std::nullopt;
  Decimal number = decimal_of(value.text);
  if (number.negative || !number.whole()) return std::nullopt;
  if (number.exponent > 18) return std::numeric_limits<std::size_t>::max();
  number.digits.resize(static_cast<std::size_t>(number.exponent), '0');
  return number.digits.empty() ? 0 : parse_number<std::size_t>(number.digits);
}

std::string told(const Value& choice) {
  Buffer text;
  append_json(choice, text);
  if (text.size() <= longest_choice) return text;
  text.resize(longest_choice);
  text.resize(utf8_valid_prefix(text));
  return text + "...";
}

std::string told(const std::vector<Value>& choices) {
  std::string text;
  for (const Value& choice : choices) {
    if (text.size() > longest_choices) return text + ", ...";
    if (!text.empty()) text += ", ";
    text += told(choice);
  }
  return text;
}

void add_choice(const Value& value, ChoiceRules& rules) {
  if (value.kind == Value::Kind::text) {
    rules.texts.push_back(value.text);
    return;
  }
  std::string canonical;
  (void)append_canonical(value, std::numeric_limits<std::size_t>::max(), canonical);
  rules.longest = std::max(rules.longest, canonical.size());
  rules.others.push_back(std::move(canonical));
}

constexpr std::array type_names = {
    std::pair(std::string_view("array"), array_type),
    std::pair(std::string_view("boolean"), boolean_type),
    std::pair(std::string_view("integer"), integer_type),
    std::pair(std::string_view("null"), null_type),
    std::pair(std::string_view("number"), number_type),
    std::pair(std::string_view("object"), object_type),
    std::pair(std::string_view("string"), string_type),
};

}  // namespace

std::map<std::string_view, const Value*> members_by_name(const Value& object) {
  std::map<std::string_view, const Value*> members;
  for (const Value& member : object.items) members[member.name] = &member;
  return members;
}

Result<void> SchemaCompiler::type(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  std::vector<std::string> names;
  if (value.kind == Value::Kind::text) {
    names.push_back(value.text);
  } else if (auto read = texts(at, value, names); !read) {
    return read;
  }
  if (names.empty()) return wrong(at, value, "names no type");
  for (const std::string& name : names) {
    const auto* found =
        std::ranges::find(type_names, std::string_view(name), &std::pair<std::string_view, TypeBit>::first);
    if (found == type_names.end()) return wrong(at, value, fmt::format("names no type: {}", quoted(name)));
    node.types |= found->second;
  }
  return {};
}

Result<void> SchemaCompiler::enumeration(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::array) return wrong(at, value, "is not an array");
  ChoiceRules rules;
  rules.rule = "enum";
  rules.expected = (value.items.size() == 1 ? "" : "one of ") + told(value.items);
  for (const Value& choice : value.items) add_choice(choice, rules);
  std::ranges::sort(rules.texts);
  std::ranges::sort(rules.others);
  node.choices.push_back(std::move(rules));
  return {};
}

Result<void> SchemaCompiler::constant(const SchemaPlace&, const Value& value, SchemaNode& node) {
  ChoiceRules rules;
  rules.rule = "const";
  rules.expected = told(value);
  add_choice(value, rules);
  node.choices.push_back(std::move(rules));
  return {};
}

template <auto Member>
Result<void> SchemaCompiler::limit(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::number) {
    auto error = wrong(at, value, "is not a number");
    if (value.kind == Value::Kind::boolean)
      error.error().hint = "draft-04 has true or false there, draft-07 the limit itself";
    return error;
  }
  made(node.number).*Member = Limit(value.text);
  return {};
}

Result<void> SchemaCompiler::multiple_of(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::number) return wrong(at, value, "is not a number");
  const auto divisor = Divisor::of(value.text);
  if (!divisor) return wrong(at, value, "is not greater than 0, or has more than 18 digits");
  made(node.number).divisor = divisor;
  return {};
}

template <auto Rules, auto Bound>
Result<void> SchemaCompiler::size(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  const auto count = count_of(value);
  if (!count) return wrong(at, value, "is not a whole number of 0 or more");
  made(node.*Rules).size.*Bound = *count;
  return {};
}

Result<void> SchemaCompiler::pattern(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::text) return wrong(at, value, "is not a text");
  auto pattern = pattern_of(at, value.text);
  if (!pattern) return std::unexpected(std::move(pattern.error()));
  made(node.text).pattern = std::move(*pattern);
  return {};
}

Result<void> SchemaCompiler::format(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::text) return wrong(at, value, "is not a text");
  if (const TextFormat check = text_format(value.text)) {
    made(node.text).format = check;
    node.text->format_name = value.text;
  }
  return {};
}

Result<void> SchemaCompiler::items(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  ArrayRules& rules = made(node.array);
  rules.rest_rule = "items";
  if (value.kind != Value::Kind::array) return child(at, value, rules.rest);
  rules.rest_rule = "additionalItems";
  if (auto made_all = children(at, value, rules.tuple); !made_all) return made_all;
  const Value* rest = at.schema->member("additionalItems");
  return rest == nullptr ? Result<void>() : child(at, *rest, rules.rest);
}

Result<void> SchemaCompiler::unique_items(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::boolean) return wrong(at, value, "is neither true nor false");
  made(node.array).unique = value.truth;
  return {};
}

Result<void> SchemaCompiler::required(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  return texts(at, value, made(node.object).required);
}

Result<void> SchemaCompiler::dependencies(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::object) return wrong(at, value, "is not an object");
  ObjectRules& rules = made(node.object);
  for (const auto& [name, dependency] : members_by_name(value)) {
    Result<void> read;
    if (dependency->kind == Value::Kind::array) {
      read = texts(at, *dependency,
                   rules.needs.emplace_back(std::string(name), std::vector<std::string>()).second);
    } else {
      read = child(at, *dependency, rules.implies.emplace_back(std::string(name), nullptr).second);
    }
    if (!read) return read;
  }
  return {};
}

Result<void> SchemaCompiler::properties(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::object) return wrong(at, value, "is not an object");
  ObjectRules& rules = made(node.object);
  for (const auto& [name, property] : members_by_name(value)) {
    auto& row = rules.properties.emplace_back(std::string(name), nullptr);
    if (auto read = child(at, *property, row.second); !read) return read;
  }
  return {};
}

Result<void> SchemaCompiler::pattern_properties(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  if (value.kind != Value::Kind::object) return wrong(at, value, "is not an object");
  ObjectRules& rules = made(node.object);
  for (const auto& [name, property] : members_by_name(value)) {
    auto pattern = pattern_of(at, name);
    if (!pattern) return std::unexpected(std::move(pattern.error()));
    auto& row = rules.patterns.emplace_back(std::move(*pattern), nullptr);
    if (auto read = child(at, *property, row.second); !read) return read;
  }
  return {};
}

template <auto Rules, auto Member>
Result<void> SchemaCompiler::one(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  return child(at, value, made(node.*Rules).*Member);
}

template <auto Member>
Result<void> SchemaCompiler::several(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  auto& list = made(node.combined).*Member;
  if (value.items.empty()) return wrong(at, value, "is not an array of one schema or more");
  return children(at, value, list);
}

Result<void> SchemaCompiler::condition(const SchemaPlace& at, const Value& value, SchemaNode& node) {
  CombinedRules& rules = made(node.combined);
  const Value* then = at.schema->member("then");
  const Value* otherwise = at.schema->member("else");
  auto read = child(at, value, rules.when);
  if (read && then != nullptr) read = child(at, *then, rules.then);
  if (read && otherwise != nullptr) read = child(at, *otherwise, rules.otherwise);
  return read;
}

namespace {

using C = SchemaCompiler;
using N = SchemaNode;

constexpr std::array rows = {
    C::Row{"additionalProperties", &C::one<&N::object, &ObjectRules::additional>},
    C::Row{"allOf", &C::several<&CombinedRules::all>},
    C::Row{"anyOf", &C::several<&CombinedRules::any>},
    C::Row{"const", &C::constant},
    C::Row{"contains", &C::one<&N::array, &ArrayRules::contains>},
    C::Row{"dependencies", &C::dependencies},
    C::Row{"enum", &C::enumeration},
    C::Row{"exclusiveMaximum", &C::limit<&NumberRules::below>},
    C::Row{"exclusiveMinimum", &C::limit<&NumberRules::above>},
    C::Row{"format", &C::format},
    C::Row{"if", &C::condition},
    C::Row{"items", &C::items},
    C::Row{"maxItems", &C::size<&N::array, &SizeRule::most>},
    C::Row{"maxLength", &C::size<&N::text, &SizeRule::most>},
    C::Row{"maxProperties", &C::size<&N::object, &SizeRule::most>},
    C::Row{"maximum", &C::limit<&NumberRules::maximum>},
    C::Row{"minItems", &C::size<&N::array, &SizeRule::least>},
    C::Row{"minLength", &C::size<&N::text, &SizeRule::least>},
    C::Row{"minProperties", &C::size<&N::object, &SizeRule::least>},
    C::Row{"minimum", &C::limit<&NumberRules::minimum>},
    C::Row{"multipleOf", &C::multiple_of},
    C::Row{"not", &C::one<&N::combined, &CombinedRules::none>},
    C::Row{"oneOf", &C::several<&CombinedRules::one>},
    C::Row{"pattern", &C::pattern},
    C::Row{"patternProperties", &C::pattern_properties},
    C::Row{"properties", &C::properties},
    C::Row{"propertyNames", &C::one<&N::object, &ObjectRules::names>},
    C::Row{"required", &C::required},
    C::Row{"type", &C::type},
    C::Row{"uniqueItems", &C::unique_items},
};

}  // namespace

Result<void> SchemaCompiler::fill(const SchemaPlace& at, SchemaNode& node) {
  if (auto fit = refuse_later_keywords(at); !fit) return fit;
  for (const Row& row : rows)
    if (const Value* value = at.schema->member(row.name))
      if (auto read = (this->*row.read)(at, *value, node); !read) return read;
  return {};
}

}  // namespace mq
