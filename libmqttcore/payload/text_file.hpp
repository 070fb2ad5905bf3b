// Files that say what payloads are: schemas, maps, definitions. Read whole, within a bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mq {

inline constexpr std::size_t largest_text_file = std::size_t{16} << 20;

// `what` is for the errors: "the schema". Kind usage when it can't be opened, is a folder or larger than
// largest_text_file: then whoever named it has named a wrong one. Kind io when reading breaks off.
Result<std::string> read_text_file(const std::string& file, std::string_view what);

}  // namespace mq
