// Plans for tests, from texts of their own.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/plan_file.hpp"

namespace mq::test {

using Variables = std::map<std::string, std::string>;

inline const Variables home{{"STATE_DIRECTORY", "/state"}};

inline Environment environment_of(const Variables& variables) {
  return [variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

// As if the text stood in site7.toml.
inline Result<BridgePlan> made(std::string_view text, const Variables& variables = home) {
  const std::string file = "site7.toml";
  const auto root = parse_toml(text, file);
  if (!root) return std::unexpected(root.error());
  bool secret = false;
  return make_plan(*root, file, environment_of(variables), secret);
}

inline BridgePlan plan(std::string_view text, const Variables& variables = home) {
  auto result = made(text, variables);
  if (!result) FAIL(result.error().text);
  return *std::move(result);
}

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? std::string() : result.error().text;
}

}  // namespace mq::test
