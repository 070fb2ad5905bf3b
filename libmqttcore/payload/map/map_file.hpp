// The payload map as a file: TOML, read with toml++, whose code is too much for runs without a map.
#pragma once

#include <string>
#include <vector>

#include "payload/payload_map.hpp"

namespace mq {

Result<std::vector<PayloadRule>> read_map_file(const std::string& file);

}  // namespace mq
