// The work behind compile.hpp: each keyword is one function, found in one table.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "payload/schema/documents.hpp"
#include "payload/schema/node.hpp"

namespace mq {

class SchemaCompiler {
 public:
  SchemaCompiler(SchemaDocuments& documents, std::deque<SchemaNode>& nodes)
      : documents_(documents), nodes_(nodes) {}

  Result<const SchemaNode*> run(const SchemaPlace& root);

  // One keyword of the schema at `at`: its value goes into the node.
  using Keyword = Result<void> (SchemaCompiler::*)(const SchemaPlace& at, const Value& value,
                                                   SchemaNode& node);
  struct Row {
    std::string_view name;
    Keyword read;
  };

  Result<void> type(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> enumeration(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> constant(const SchemaPlace& at, const Value& value, SchemaNode& node);

  template <auto Member>
  Result<void> limit(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> multiple_of(const SchemaPlace& at, const Value& value, SchemaNode& node);

  // The size of a text, an array or an object.
  template <auto Rules, auto Bound>
  Result<void> size(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> pattern(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> format(const SchemaPlace& at, const Value& value, SchemaNode& node);

  Result<void> items(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> unique_items(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> dependencies(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> required(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> properties(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> pattern_properties(const SchemaPlace& at, const Value& value, SchemaNode& node);

  // A schema, or a list of schemas, for the value or for parts of it.
  template <auto Rules, auto Member>
  Result<void> one(const SchemaPlace& at, const Value& value, SchemaNode& node);
  template <auto Member>
  Result<void> several(const SchemaPlace& at, const Value& value, SchemaNode& node);
  Result<void> condition(const SchemaPlace& at, const Value& value, SchemaNode& node);

 private:
  struct Pending {
    SchemaPlace place;
    SchemaNode* node;
  };

  Result<const SchemaNode*> node_at(SchemaPlace place);
  Result<void> child(const SchemaPlace& at, const Value& value, const SchemaNode*& to);
  Result<void> children(const SchemaPlace& at, const Value& list, std::vector<const SchemaNode*>& to);
  Result<void> texts(const SchemaPlace& at, const Value& list, std::vector<std::string>& to);
  Result<Pattern> pattern_of(const SchemaPlace& at, std::string_view spelling);
  Result<void> refuse_later_keywords(const SchemaPlace& at);
  Result<void> fill(const SchemaPlace& at, SchemaNode& node);

  // "'a.json' is no JSON Schema: '/maximum' is not a number".
  static std::unexpected<Error> wrong(const SchemaPlace& at, const Value& value, std::string_view what);

  SchemaDocuments& documents_;
  std::deque<SchemaNode>& nodes_;
  std::unordered_map<const Value*, SchemaNode*> made_;
  std::vector<Pending> pending_;
};

// The last member of each name, by name.
std::map<std::string_view, const Value*> members_by_name(const Value& object);

}  // namespace mq
