// Mosquitto's command line: words one after the other, no bundled letters, no --name=value; an options file
// whose lines are such words; and what is said when a word is missing. Rows say what there is; the errors of
// all that is here are whole lines for standard error, of kind usage.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "shared/command_line.hpp"
#include "wire/version.hpp"

namespace mq {

using DropInWords = std::span<const std::string_view>;

struct DropInRow {
  std::string_view letter = {};  // "-C"; empty: none
  std::string_view name = {};    // "--count"; empty: none
  // Stands behind the option in help; empty: a flag.
  std::string_view value = {};
  // "-C argument given but no count specified.": the line for a missing value.
  std::string_view lacking = {};
  std::string_view summary = {};
  // Gets the value, or nothing for a flag.
  std::function<Result<void>(std::string_view value)> set = {};
  // What is wrong with the option whether or not it has its value.
  std::function<Result<void>()> guard = {};
  // Instead of `set`: takes what it needs of the words behind the option and tells how many.
  std::function<Result<std::size_t>(DropInWords rest)> take = {};
};
using DropInRows = std::vector<DropInRow>;

enum class DropInAsk { run, help, version };

// The options file (-o, or $XDG_CONFIG_HOME/PROGRAM, or ~/.config/PROGRAM), then the command line.
// `arguments` without the program's name.
Result<DropInAsk> read_drop_in(const DropInRows& rows, std::string_view program,
                               std::span<const char* const> arguments, const Environment& environment);

// Prints what --help or --version ask for; the exit code, which is 1 as it is mosquitto's.
int print_drop_in_answer(std::string_view program, const DropInRows& rows, DropInAsk ask);

// As mosquitto tells a fault of its command line; the exit code. `program` is named in the hint.
int report_usage(std::string_view program, const Error& error);

// The number that `text` begins with, as C's atol reads it: 0 when it begins with none.
long c_number(std::string_view text);

// -q.
Result<void> read_qos(std::string_view text, QoS& qos);

// A setter for a flag.
std::function<Result<void>(std::string_view)> raise(bool& flag);

// A whole line that is wrong, for setters.
std::unexpected<Error> complaint(std::string line);

}  // namespace mq
