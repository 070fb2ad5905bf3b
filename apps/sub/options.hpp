// mqtt-sub's command line.
#pragma once

#include "base/error.hpp"
#include "shared/command_line.hpp"
#include "shared/common_options.hpp"
#include "shared/option.hpp"
#include "shared/program.hpp"
#include "sub/settings.hpp"

namespace mq {

// Everything that can be known before a connection is made is checked, the output format and the session's
// own check() excepted. With settings.connection.answer set, nothing else in the settings counts. Kind usage.
Result<SubSettings> parse_sub(int argc, const char* const* argv, const Environment& environment);

// Parts of sub_options() and of the checks.
void expectation_options(OptionRows& rows, SubSettings& settings);
Result<void> check_expectations(const SubSettings& settings);
void command_options(OptionRows& rows, SubSettings& settings);
Result<void> finish_command(SubSettings& settings);
void figure_options(OptionRows& rows, SubSettings& settings);
Result<void> finish_figures(SubSettings& settings);

OptionRows sub_options(SubSettings& settings, General& general);
const Program& sub_program();

}  // namespace mq
