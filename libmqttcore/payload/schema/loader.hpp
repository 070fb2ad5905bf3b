// payload/schema.hpp made: documents found, compiled to nodes, and held against values.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "payload/schema.hpp"

namespace mq {

// As load_schema, without the module.
Result<std::unique_ptr<Schema>> schema_of_file(const std::string& file,
                                               const std::vector<std::string>& folders);

// The same for a schema in memory, which errors call `name`. It may refer to what the folders hold, and to
// no other file.
Result<std::unique_ptr<Schema>> schema_of_text(std::string_view text, const std::string& name,
                                               const std::vector<std::string>& folders);

}  // namespace mq
