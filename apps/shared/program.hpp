// What help, man page and completions say about a program beside its options. One that does several things
// has a Program for each: its own, and one for every command, a word that stands first on the command line.
// All text is static.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "shared/option.hpp"

namespace mq {

struct Program {
  std::string_view name;       // "mqtt-rr"
  std::string_view command{};  // "serve"; empty: the program's own
  std::string_view summary;    // "publish messages to an MQTT server"
  std::string_view synopsis;   // what can stand behind the name, one form a line
  bool operands = false;       // what belongs to no option is a value of its own: a file, most often
  std::string_view
      prose;  // the man page with its marks @COMMANDS@, @OPTIONS@, @EXIT_CODES@, @ENVIRONMENT@, @VERSION@
  std::span<const Program* const> commands{};  // of the program's own
  OptionRows (*rows)() = nullptr;  // a command's, to be looked at only: their setters lead nowhere
  int (*run)(int argc, char** argv) = nullptr;  // a command's; argv[0] is its name. Returns the exit code
};

// As one types it: "mqtt-rr serve".
std::string called(const Program& program);
// The name of its manual page and of its options file: "mqtt-rr-serve".
std::string page_of(const Program& program);

// The command that stands first on the command line; nullptr: none does. `arguments` without the program's
// name.
const Program* command_of(const Program& program, std::span<const char* const> arguments);

// What is wrong with an argument that belongs to no option of a program that has commands: a command that was
// misspelt, or that doesn't stand first. nullopt: it has nothing to do with them.
std::optional<Error> misplaced_command(const Program& program, std::string_view argument, bool first);

// "0.1.0"
std::string_view toolkit_version();

}  // namespace mq
