// The text of a schema's file, bounded.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.hpp"

namespace mq {

inline constexpr std::size_t largest_schema = std::size_t{16} << 20U;

// Kind io when it can't be read, usage when it is too large.
Result<std::string> schema_text(const std::string& file);

}  // namespace mq
