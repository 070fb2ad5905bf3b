// The manual page: a program's prose with commands, rows, exit codes and variables set in at its marks.
#pragma once

#include <string>

#include "shared/option.hpp"
#include "shared/program.hpp"

namespace mq {

std::string man_page(const Program& program, const OptionRows& rows);

}  // namespace mq
