// A scenario that a TOML file describes: stages, and several populations at once. Its keys are the options of
// the scenario commands, without their dashes in front, each where it has a meaning.
#pragma once

#include <string>
#include <string_view>

#include "bench/load_settings.hpp"
#include "payload/toml_tree.hpp"

namespace mq {

// Fills in settings.bench.scenario; the sessions of the populations begin as settings.bench.connection has
// them. What the command line has given stays. `file` is for errors. Kind usage.
Result<void> take_scenario(const TomlNode& root, const std::string& file, LoadSettings& settings);

}  // namespace mq
