#include "payload/schema.hpp"

#include "payload/module.hpp"

namespace mq {

Result<std::unique_ptr<Schema>> load_schema(const std::string& file,
                                            const std::vector<std::string>& folders) {
  const auto loader = load_module<SchemaLoader>("schema");
  if (!loader) return std::unexpected(loader.error());
  Result<std::unique_ptr<Schema>> loaded;
  (*loader)(file, folders, loaded);
  return loaded;
}

}  // namespace mq
