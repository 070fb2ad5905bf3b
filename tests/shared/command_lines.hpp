// Command lines for tests: the programs' parsers with arguments and environment written out.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "pub/options.hpp"
#include "rr/options.hpp"
#include "rr/ping_options.hpp"
#include "sub/options.hpp"

namespace mq::test {

using Arguments = std::vector<const char*>;
using Variables = std::map<std::string, std::string>;

// Neither HOME nor anything else is set unless `variables` say so: no options file of the person who tests is
// read.
inline Environment environment_of(const Variables& variables) {
  return [&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

inline Result<PubSettings> pub(Arguments arguments, const Variables& variables = {}) {
  arguments.insert(arguments.begin(), "mqtt-pub");
  return parse_pub(static_cast<int>(arguments.size()), arguments.data(), environment_of(variables));
}

inline Result<SubSettings> sub(Arguments arguments, const Variables& variables = {}) {
  arguments.insert(arguments.begin(), "mqtt-sub");
  return parse_sub(static_cast<int>(arguments.size()), arguments.data(), environment_of(variables));
}

inline Result<RrSettings> rr(Arguments arguments, const Variables& variables = {}) {
  arguments.insert(arguments.begin(), "mqtt-rr");
  return parse_rr(static_cast<int>(arguments.size()), arguments.data(), environment_of(variables));
}

// As the command gets them: without the word that names it.
inline Result<PingSettings> ping(Arguments arguments, const Variables& variables = {}) {
  arguments.insert(arguments.begin(), "ping");
  return parse_ping(static_cast<int>(arguments.size()), arguments.data(), environment_of(variables));
}

// A command line that is complete apart from what is tested.
inline Result<PubSettings> pub_with(Arguments arguments, const Variables& variables = {}) {
  arguments.insert(arguments.end(), {"-t", "a", "-m", "x"});
  return pub(std::move(arguments), variables);
}

inline Result<SubSettings> sub_with(Arguments arguments, const Variables& variables = {}) {
  arguments.insert(arguments.end(), {"-t", "a"});
  return sub(std::move(arguments), variables);
}

// The error's text, or "" when there is none.
template <class T>
std::string error_of(const Result<T>& result) {
  return result ? std::string() : result.error().text;
}

template <class T>
std::string hint_of(const Result<T>& result) {
  return result ? std::string() : result.error().hint;
}

}  // namespace mq::test
