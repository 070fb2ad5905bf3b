// mqtt-rr's command line.
#pragma once

#include "base/error.hpp"
#include "rr/settings.hpp"
#include "shared/command_line.hpp"
#include "shared/common_options.hpp"
#include "shared/option.hpp"
#include "shared/program.hpp"

namespace mq {

// Everything that can be known before a connection is made is checked, files, the output format and the
// session's own check() excepted. With settings.connection.answer set, nothing else in the settings counts.
// Kind usage.
Result<RrSettings> parse_rr(int argc, const char* const* argv, const Environment& environment);

OptionRows rr_options(RrSettings& settings, General& general);
const Program& rr_program();

}  // namespace mq
