// [endpoint.NAME] of a bridge's file: the kit's connection options under their long names, and what a bridge
// alone has.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "bridge/plan.hpp"
#include "payload/toml_tree.hpp"

namespace mq {

// Stores the table's values; what follows from them is finish_endpoint()'s. `secret`: set when the table
// itself holds one. Kind usage; texts begin with "FILE:LINE: ".
Result<void> read_endpoint(const TomlNode& table, const std::string& file, EndpointPlan& endpoint,
                           bool& secret);

// Puts the place before the text of an error. Kind usage.
std::unexpected<Error> placed(const std::string& file, const TomlNode& node, std::string_view what,
                              Error error);

}  // namespace mq
