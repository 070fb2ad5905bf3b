// The payload map: a TOML file that says for each topic what its payloads are. The first rule whose topic
// filter takes in a topic counts.
//
//     [[rule]]
//     topic = "plant/+/status"        # or several: ["a/#", "b/#"]
//     format = "protobuf"
//     proto = "plant.proto"           # also proto-path, descriptor-set, proto-type, avro-schema
//     proto-type = "plant.Status"
//     schema = "status.schema.json"
//
//     [[rule]]
//     topic = "dev/#"
//     version = "/v"                  # a JSON pointer, "byte:0", or "content-type"
//     versions = { 1 = "dev1.schema.json", 2 = "dev2.schema.json" }
//
// Files are relative to the map's folder. See mqttkit-payload-map(5).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "payload/codec.hpp"

namespace mq {

// What tells the version of a payload.
struct VersionByPointer {
  std::string pointer;
};
struct VersionByByte {
  std::size_t at;  // in the bytes as they came; its value, in decimal, is the version
};
struct VersionByContentType {};
using VersionSource = std::variant<VersionByPointer, VersionByByte, VersionByContentType>;

struct PayloadRule {
  std::vector<std::string> filters;
  std::string format;  // empty: found out for each message
  CodecOptions codec;
  std::string schema;  // a file; empty: none
  std::optional<VersionSource> version{};
  std::map<std::string, std::string, std::less<>> versions{};  // version -> schema file
};

// Kind usage when the file can't be read or, with the line, isn't a payload map.
Result<std::vector<PayloadRule>> load_payload_map(const std::string& file);

// What the module "map" exports.
using MapLoader = void(const std::string& file, Result<std::vector<PayloadRule>>& loaded);

// nullptr when no rule is meant for `topic`.
const PayloadRule* rule_for(const std::vector<PayloadRule>& rules, std::string_view topic);

// The version that a payload says it has; nullopt when it says none.
std::optional<std::string> version_of(const VersionSource& source, Bytes data, std::string_view content_type,
                                      const Value& value);

}  // namespace mq
