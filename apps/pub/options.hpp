// mqtt-pub's command line.
#pragma once

#include "base/error.hpp"
#include "pub/settings.hpp"
#include "shared/command_line.hpp"
#include "shared/common_options.hpp"
#include "shared/option.hpp"
#include "shared/program.hpp"

namespace mq {

// Everything that can be known before a connection is made is checked, files and the session's own check()
// excepted. With settings.connection.answer set, nothing else in the settings counts. Kind usage.
Result<PubSettings> parse_pub(int argc, const char* const* argv, const Environment& environment);

OptionRows pub_options(PubSettings& settings, General& general);
const Program& pub_program();

}  // namespace mq
