// What help, man page and completions say about a program beside its options. One that does several things
// has a Program for each: its own, and one for every command, a word that stands first on the command line.
// All text is static.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "shared/option.hpp"

namespace mq {

struct Program {
  std::string_view name;       // "mqtt-rr"
  std::string_view command{};  // "serve"; empty: the program's own
  std::string_view summary;    // "publish messages to an MQTT server"
  std::string_view synopsis;   // what can stand behind the name, one form a line
  std::string_view prose;  // the man page with its marks @OPTIONS@, @EXIT_CODES@, @ENVIRONMENT@, @VERSION@
  std::span<const Program* const> commands{};  // of the program's own
  OptionRows (*rows)() = nullptr;  // a command's, to be looked at only: their setters lead nowhere
};

// As one types it: "mqtt-rr serve".
std::string called(const Program& program);
// The name of its manual page and of its options file: "mqtt-rr-serve".
std::string page_of(const Program& program);

// "0.1.0"
std::string_view toolkit_version();

}  // namespace mq
