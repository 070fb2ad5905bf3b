// A file of options, one a line: "host example", "--host example", "-h example" or "host=example"; '#' begins
// a comment line. Blanks around a value don't count, except behind '=', where the rest of the line is the
// value byte for byte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "shared/option.hpp"
#include "shared/parse.hpp"

namespace mq {

struct FileOption {
  GivenOption option;
  std::size_t line = 0;  // from 1
};

// Errors are of kind usage and begin with "NAME:LINE: ".
Result<std::vector<FileOption>> parse_options_file(std::string_view text, std::string_view name,
                                                   const OptionRows& rows);

// The whole file. A missing one is empty text unless it is `required`; other failures are of kind usage:
// nothing was sent.
Result<std::string> read_options_file(const std::string& path, bool required);

// A regular file that its group or everybody may read.
bool others_can_read(const std::string& path);

}  // namespace mq
