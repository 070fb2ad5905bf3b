// The schema of draft-07's schemas, which schemas may refer to like to any other.
#pragma once

#include <string_view>

namespace mq {

inline constexpr std::string_view meta_schema_uri = "http://json-schema.org/draft-07/schema";
extern const std::string_view meta_schema;

}  // namespace mq
