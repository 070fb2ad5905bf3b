// A bridge's configuration, TOML, into its plan. Everything that can be known without a network and without
// reading other files is checked. Kind usage; texts begin with "FILE:LINE: ", and no secret is in any.
#pragma once

#include <string>

#include "base/error.hpp"
#include "bridge/plan.hpp"
#include "payload/toml_tree.hpp"
#include "shared/command_line.hpp"

namespace mq {

// `environment` says where the store is unless the file does. A file that holds a password and that others
// can read is refused.
Result<BridgePlan> read_plan(const std::string& file, const Environment& environment);

// What the file says, wherever it is from; `secret` is set when it holds a password or its like.
Result<BridgePlan> make_plan(const TomlNode& root, const std::string& file, const Environment& environment,
                             bool& secret);

}  // namespace mq
