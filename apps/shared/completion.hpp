// What the shells complete, made from the rows: names, choices, files, and the properties of MQTT 5.0. Hosts
// come from the shell's own knowledge; topics and profiles it asks the program for (shell_question.hpp).
#pragma once

#include <string>

#include "shared/option.hpp"
#include "shared/program.hpp"

namespace mq {

// Whether topics are those of the server that the words name: of a program that has one.
inline bool has_live_topics(const OptionRows& rows) { return find_option(rows, "host") != nullptr; }

std::string bash_completion(const Program& program, const OptionRows& rows);
std::string zsh_completion(const Program& program, const OptionRows& rows);
std::string fish_completion(const Program& program, const OptionRows& rows);

}  // namespace mq
