// The payload map as a file: TOML, whose reader is too much code for runs without a map.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "payload/payload_map.hpp"

namespace mq {

Result<std::vector<PayloadRule>> read_map_file(const std::string& file);
// `file`: what errors name, and whose folder paths are relative to.
Result<std::vector<PayloadRule>> parse_map(std::string_view text, const std::string& file);

}  // namespace mq
