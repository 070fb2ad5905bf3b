// A schema made ready for checking: one node for each schema that is reached from the root, however it is
// reached, with its keywords sorted by the kind of value that they are about. References are gone: whoever
// refers points to the node itself, so nodes may form circles.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "payload/schema/exact.hpp"
#include "payload/schema/pattern.hpp"
#include "payload/schema/text_format.hpp"

namespace mq {

struct SchemaNode;

// Sizes of texts, arrays and objects.
struct SizeRule {
  std::size_t least = 0;
  std::size_t most = std::numeric_limits<std::size_t>::max();
};

struct NumberRules {
  std::optional<Limit> minimum;
  std::optional<Limit> maximum;
  std::optional<Limit> above;  // exclusiveMinimum
  std::optional<Limit> below;  // exclusiveMaximum
  std::optional<Divisor> divisor;
};

struct TextRules {
  SizeRule size;
  std::optional<Pattern> pattern;
  TextFormat format = nullptr;
  std::string format_name;
};

struct ArrayRules {
  SizeRule size;
  bool unique = false;
  std::vector<const SchemaNode*> tuple;  // the schemas of the first elements
  const SchemaNode* rest = nullptr;      // of all others
  std::string_view rest_rule;            // the keyword that says so: items or additionalItems
  const SchemaNode* contains = nullptr;
};

struct ObjectRules {
  SizeRule size;
  std::vector<std::string> required;
  std::vector<std::pair<std::string, const SchemaNode*>> properties;  // by name
  std::vector<std::pair<Pattern, const SchemaNode*>> patterns;
  const SchemaNode* additional = nullptr;
  const SchemaNode* names = nullptr;
  std::vector<std::pair<std::string, std::vector<std::string>>> needs;  // dependencies: names
  std::vector<std::pair<std::string, const SchemaNode*>> implies;       // dependencies: schemas
};

// enum and const.
struct ChoiceRules {
  std::string_view rule;
  std::string expected;             // as it is told
  std::vector<std::string> texts;   // the choices that are texts, sorted
  std::vector<std::string> others;  // the canonical form of all others, sorted
  std::size_t longest = 0;          // of the others
};

// Schemas for the same value.
struct CombinedRules {
  std::vector<const SchemaNode*> all;
  std::vector<const SchemaNode*> any;
  std::vector<const SchemaNode*> one;
  const SchemaNode* none = nullptr;
  const SchemaNode* when = nullptr;
  const SchemaNode* then = nullptr;
  const SchemaNode* otherwise = nullptr;
};

// The types of draft-07, as bits.
enum TypeBit : std::uint8_t {
  null_type = 1,
  boolean_type = 2,
  integer_type = 4,
  number_type = 8,
  string_type = 16,
  array_type = 32,
  object_type = 64,
};

struct SchemaNode {
  bool never = false;       // the schema `false`
  std::uint8_t types = 0;   // 0: any
  std::size_t reached = 0;  // how many places lead here
  std::unique_ptr<NumberRules> number{};
  std::unique_ptr<TextRules> text{};
  std::unique_ptr<ArrayRules> array{};
  std::unique_ptr<ObjectRules> object{};
  std::vector<ChoiceRules> choices{};
  std::unique_ptr<CombinedRules> combined{};
};

}  // namespace mq
