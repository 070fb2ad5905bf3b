// mqtt-bridge's command lines: its own, and that of its command import.
#pragma once

#include "base/error.hpp"
#include "bridge/settings.hpp"
#include "shared/command_line.hpp"
#include "shared/common_options.hpp"
#include "shared/option.hpp"
#include "shared/program.hpp"

namespace mq {

// With connection.answer set, nothing else in the settings counts; else `plan` is whole, secrets excepted.
// Kind usage.
Result<BridgeSettings> parse_bridge(int argc, const char* const* argv, const Environment& environment);
Result<ImportSettings> parse_import(int argc, const char* const* argv, const Environment& environment);

OptionRows bridge_options(BridgeSettings& settings, General& general);
const Program& bridge_program();

}  // namespace mq
