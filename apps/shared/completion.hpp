// What the shells complete, made from the rows: names, choices, files, and the properties of MQTT 5.0. Hosts
// come from the shell's own knowledge; topics have none.
#pragma once

#include <string>

#include "shared/option.hpp"
#include "shared/program.hpp"

namespace mq {

std::string bash_completion(const Program& program, const OptionRows& rows);
std::string zsh_completion(const Program& program, const OptionRows& rows);
std::string fish_completion(const Program& program, const OptionRows& rows);

}  // namespace mq
