// Command lines of mqtt-bench for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/bench_options.hpp"

namespace mq::test {

using Arguments = std::vector<const char*>;

// Nothing is set: no options file of the person who tests is read.
inline const char* no_variable(const char*) { return nullptr; }

template <class Parse>
auto parsed(Parse parse, const char* command, Arguments arguments) {
  arguments.insert(arguments.begin(), command);
  return parse(static_cast<int>(arguments.size()), arguments.data(), Environment(no_variable));
}

// A scenario command, under its name.
inline Result<BenchSettings> load(std::string_view name, Arguments arguments) {
  const LoadCommand& command = *find_load_command(name);
  return parsed(
      [&command](int argc, const char* const* argv, const Environment& environment) {
        return parse_load(command, argc, argv, environment);
      },
      command.name.data(), std::move(arguments));
}

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? std::string() : result.error().text;
}

template <class T>
std::string hint_of(const Result<T>& result) {
  return result ? std::string() : result.error().hint;
}

}  // namespace mq::test
