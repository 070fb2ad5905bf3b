// What is too much of a .proto file for libprotobuf, which reads and builds nested things by recursion
// without any bound.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "payload/protobuf/schema.hpp"

namespace google::protobuf {
class Message;
namespace compiler {
class SourceTree;
}
}  // namespace google::protobuf

namespace mq {

inline constexpr std::size_t most_proto_files = 500;         // which import each other
inline constexpr std::size_t most_proto_depth = 200;         // of brackets of one kind
inline constexpr std::size_t most_name_parts = 200;          // of a package
inline constexpr std::size_t most_proto_bytes = 64U << 20U;  // of all files

// A sentence fragment of why `text` will not be parsed; empty when it may be.
std::string_view too_much_in_proto(std::string_view text);

// The files of another tree, as long as they are not too much. It owns their texts.
std::unique_ptr<pb::compiler::SourceTree> bounded(std::unique_ptr<pb::compiler::SourceTree> from);

// Whether an option in a parsed descriptor set is uninterpreted: protoc never leaves one so, and its text
// would be read by recursion.
bool has_uninterpreted_option(const pb::Message& message);

// File names, and what each file imports.
using ProtoImports = std::unordered_map<std::string, std::vector<std::string>>;

// Whether no chain of imports is too long. A file that imports itself by way of others is the pool's to tell.
bool imports_in_bounds(const ProtoImports& imports);

}  // namespace mq
