// A TOML file as a tree of plain nodes that know their lines, for whoever gives them their meaning:
// scenarios, bridges, payload maps. Bounded: a file of at most 1 MiB, keys of at most 16 parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace mq {

struct TomlNode {
  enum class Kind : std::uint8_t { table, array, scalar, boolean };
  Kind kind = Kind::table;
  std::size_t line = 0;
  std::string
      text{};  // of a scalar: the text, or a number as one would write it; of a boolean "true" or "false"
  bool quoted = false;  // of a scalar: it is a text, not a number, date or time
  std::vector<std::pair<std::string, TomlNode>> members{};  // of a table, in the order of their lines
  std::vector<TomlNode> items{};                            // of an array

  const TomlNode* member(std::string_view name) const;
};

// Kind usage; texts begin with "FILE:LINE: ". `what` is for the error when it can't be read: "the scenario".
Result<TomlNode> read_toml(const std::string& file, std::string_view what);
Result<TomlNode> parse_toml(std::string_view text, const std::string& file);

}  // namespace mq
