#include "payload/schema/told.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "base/text.hpp"
#include "payload/schema/node.hpp"

namespace mq {
namespace {

constexpr std::size_t longest_found = 40;

}  // namespace

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string found_text(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "null";
    case Value::Kind::boolean:
      return value.truth ? "true" : "false";
    case Value::Kind::number:
      return value.text.size() <= longest_found ? value.text : value.text.substr(0, longest_found) + "...";
    case Value::Kind::text:
      return fmt::format("text {}", quoted(value.text, longest_found));
    case Value::Kind::bytes:
      return counted(value.text.size(), "byte");
    case Value::Kind::array:
      return fmt::format("an array of {}", counted(value.items.size(), "element"));
    case Value::Kind::object:
      return fmt::format("an object of {}", counted(value.items.size(), "member"));
  }
  return {};
}

std::string type_text(std::uint8_t types) {
  constexpr std::array names = {
      std::pair(null_type, "null"),       std::pair(boolean_type, "boolean"),
      std::pair(integer_type, "integer"), std::pair(number_type, "number"),
      std::pair(string_type, "string"),   std::pair(array_type, "array"),
      std::pair(object_type, "object"),
  };
  std::string text;
  for (const auto& [bit, name] : names) {
    if ((types & bit) == 0) continue;
    if (!text.empty()) text += " or ";
    text += name;
  }
  return text;
}

}  // namespace mq
