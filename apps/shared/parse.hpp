// The grammar of a command line: which options stand on it, in their order, with their values byte for byte.
// What the values mean is the rows' affair; nothing is stored here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "shared/option.hpp"

namespace mq {

struct GivenOption {
  const OptionRow* row = nullptr;
  std::vector<std::string> values;
};

struct ParsedArguments {
  std::vector<GivenOption> given;
  std::optional<Error>
      fault;  // the first thing that is wrong; what is right around it stands in `given` all the same
  std::optional<std::string> stray;  // the argument that is the fault by belonging to no option
  std::vector<std::string> operands;
};

// `arguments` without the program's name.
// `operands`: those that belong to no option are no fault.
ParsedArguments parse_arguments(std::span<const char* const> arguments, const OptionRows& rows,
                                bool operands = false);

// The error for a name, with or without dashes, that no row has; the hint is the nearest one that there is.
Error unknown_option(std::string_view typed, const OptionRows& rows);

}  // namespace mq
