// The name that a program was called by.
#pragma once

#include <string_view>

namespace mq {

// Whether the program was called as `name`, with or without a folder in front.
inline bool called_as(int argc, const char* const* argv, std::string_view name) {
  if (argc < 1 || argv[0] == nullptr) return false;
  const std::string_view path(argv[0]);
  return path.substr(path.rfind('/') + 1) == name;  // npos + 1 is 0
}

}  // namespace mq
