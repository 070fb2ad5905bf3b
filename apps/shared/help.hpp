// --help: the rows as text of at most 80 columns.
#pragma once

#include <string>

#include "shared/option.hpp"
#include "shared/program.hpp"

namespace mq {

std::string help_text(const Program& program, const OptionRows& rows);

}  // namespace mq
