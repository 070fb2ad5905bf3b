#include "payload/schema/compile.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/text.hpp"
#include "payload/schema/compiler.hpp"

namespace mq {
namespace {

// The pointer to `wanted`, which lies somewhere in `from`. Recursion ends at deepest_value.
bool find_pointer(const Value& from, const Value& wanted, std::string& pointer) {
  if (&from == &wanted) return true;
  const std::size_t size = pointer.size();
  for (std::size_t i = 0; i < from.items.size(); ++i) {
    const Value& item = from.items[i];
    pointer.append("/").append(from.kind == Value::Kind::array ? std::to_string(i) : item.name);
    if (find_pointer(item, wanted, pointer)) return true;
    pointer.resize(size);
  }
  return false;
}

// What later drafts added, and draft-07 would pass over in silence.
constexpr std::array later_keywords = {
    std::string_view("prefixItems"),      std::string_view("dependentRequired"),
    std::string_view("dependentSchemas"), std::string_view("unevaluatedItems"),
    std::string_view("minContains"),      std::string_view("unevaluatedProperties"),
    std::string_view("maxContains"),      std::string_view("$anchor"),
    std::string_view("$dynamicRef"),      std::string_view("$recursiveRef"),
};

}  // namespace

std::unexpected<Error> SchemaCompiler::wrong(const SchemaPlace& at, const Value& value,
                                             std::string_view what) {
  std::string pointer;
  if (!find_pointer(at.document->root, value, pointer)) pointer.clear();
  return fail(ErrorKind::usage, fmt::format("{} is no JSON Schema: {} {}", quoted(at.document->name, 200),
                                            pointer.empty() ? "it" : quoted(pointer, 200), what));
}

Result<const SchemaNode*> SchemaCompiler::run(const SchemaPlace& root) {
  auto node = node_at(root);
  while (node && !pending_.empty()) {
    const Pending next = pending_.back();
    pending_.pop_back();
    if (auto filled = fill(next.place, *next.node); !filled)
      return std::unexpected(std::move(filled.error()));
  }
  return node;
}

Result<const SchemaNode*> SchemaCompiler::node_at(SchemaPlace place) {
  std::unordered_set<const Value*> passed;
  while (const Value* reference = place.schema->member("$ref")) {
    if (reference->kind != Value::Kind::text) return wrong(place, *reference, "is not a text");
    if (!passed.insert(place.schema).second)
      return wrong(place, *reference, "is a reference that leads to itself");
    if (auto fit = refuse_later_keywords(place); !fit) return std::unexpected(std::move(fit.error()));
    auto found = documents_.find(place, reference->text);
    if (!found) return std::unexpected(std::move(found.error()));
    place = *found;
  }
  const Value& schema = *place.schema;
  if (schema.kind != Value::Kind::object && schema.kind != Value::Kind::boolean)
    return wrong(place, schema, "is neither an object nor true nor false");
  SchemaNode*& node = made_[&schema];
  if (node == nullptr) {
    node = &nodes_.emplace_back();
    node->never = schema.kind == Value::Kind::boolean && !schema.truth;
    if (schema.kind == Value::Kind::object) pending_.push_back({place, node});
  }
  ++node->reached;
  return node;
}

Result<void> SchemaCompiler::child(const SchemaPlace& at, const Value& value, const SchemaNode*& to) {
  const auto node = node_at(documents_.within(at, value));
  if (!node) return std::unexpected(node.error());
  to = *node;
  return {};
}

Result<void> SchemaCompiler::children(const SchemaPlace& at, const Value& list,
                                      std::vector<const SchemaNode*>& to) {
  if (list.kind != Value::Kind::array) return wrong(at, list, "is not an array of schemas");
  for (const Value& item : list.items) {
    const SchemaNode* node = nullptr;
    if (auto made = child(at, item, node); !made) return made;
    to.push_back(node);
  }
  return {};
}

Result<void> SchemaCompiler::texts(const SchemaPlace& at, const Value& list, std::vector<std::string>& to) {
  if (list.kind != Value::Kind::array) return wrong(at, list, "is not an array of names");
  for (const Value& item : list.items) {
    if (item.kind != Value::Kind::text) return wrong(at, item, "is not a text");
    to.push_back(item.text);
  }
  return {};
}

Result<Pattern> SchemaCompiler::pattern_of(const SchemaPlace& at, std::string_view spelling) {
  auto pattern = Pattern::of(spelling);
  if (!pattern)
    pattern.error().text = fmt::format("{}: {}", quoted(at.document->name, 200), pattern.error().text);
  return pattern;
}

Result<void> SchemaCompiler::refuse_later_keywords(const SchemaPlace& at) {
  if (!at.document->later_draft) return {};
  for (const std::string_view keyword : later_keywords)
    if (const Value* found = at.schema->member(keyword)) {
      auto error = wrong(at, *found, "belongs to a later draft than 07");
      error.error().hint = "schemas are checked by draft-07, which does not know that keyword";
      return error;
    }
  return {};
}

Result<const SchemaNode*> compiled_schema(SchemaDocuments& documents, const SchemaPlace& root,
                                          std::deque<SchemaNode>& nodes) {
  return SchemaCompiler(documents, nodes).run(root);
}

}  // namespace mq
