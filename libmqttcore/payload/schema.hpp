// JSON Schema (draft-07) held against values, whatever format they came in. References lead to local files
// and to `$id`s of the files in given folders, never to the network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "payload/value.hpp"
#include "payload/violation.hpp"

namespace mq {

class Schema {
 public:
  Schema() = default;
  virtual ~Schema() = default;
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  // Empty when `value` keeps to the schema, else at most most_violations. Takes time in proportion to the
  // value's size, whatever its patterns say.
  virtual std::vector<Violation> check(const Value& value) = 0;
};

// `file` may be "FILE#/POINTER", a part of that file. Kind usage when the schema itself is wrong or a file
// can't be opened. `folders` hold the schemas
// that it may refer to by `$id`, besides those in its own folder.
Result<std::unique_ptr<Schema>> load_schema(const std::string& file, const std::vector<std::string>& folders);

// What the module "schema" exports.
using SchemaLoader = void(const std::string& file, const std::vector<std::string>& folders,
                          Result<std::unique_ptr<Schema>>& loaded);

}  // namespace mq
