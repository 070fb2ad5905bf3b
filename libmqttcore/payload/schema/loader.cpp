#include "payload/schema/loader.hpp"

#include <deque>
#include <utility>

#include "payload/schema/check.hpp"
#include "payload/schema/compile.hpp"
#include "payload/schema/documents.hpp"

namespace mq {
namespace {

class CompiledSchema final : public Schema {
 public:
  CompiledSchema(std::deque<SchemaNode> nodes, const SchemaNode* root)
      : nodes_(std::move(nodes)), root_(*root) {}

  std::vector<Violation> check(const Value& value) override { return SchemaCheck(value).run(root_); }

 private:
  std::deque<SchemaNode> nodes_;
  const SchemaNode& root_;
};

Result<std::unique_ptr<Schema>> compiled(SchemaDocuments& documents, const Result<SchemaPlace>& root) {
  if (!root) return std::unexpected(root.error());
  std::deque<SchemaNode> nodes;
  const auto node = compiled_schema(documents, *root, nodes);
  if (!node) return std::unexpected(node.error());
  return std::make_unique<CompiledSchema>(std::move(nodes), *node);
}

}  // namespace

Result<std::unique_ptr<Schema>> schema_of_file(const std::string& file,
                                               const std::vector<std::string>& folders) {
  SchemaDocuments documents(folders);
  const auto root = documents.open(file);
  return compiled(documents, root);
}

Result<std::unique_ptr<Schema>> schema_of_text(std::string_view text, const std::string& name,
                                               const std::vector<std::string>& folders) {
  SchemaDocuments documents(folders);
  const auto root = documents.read(text, name);
  return compiled(documents, root);
}

}  // namespace mq
