// Passwords from where the options say: files, commands, the terminal; and keeping those on the command line
// from the eyes of others. The only place that waits for a person or a program before a run.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "shared/option.hpp"
#include "shared/settings.hpp"

namespace mq {

// Fills in the session's and the key's password, and what the authentication method needs. Kind usage: a
// source that gives none.
Result<void> read_secrets(ConnectionSettings& settings);

// Whether read_secrets() would have to wait: for a person, a program, or a pipe that somebody writes to.
bool would_ask(ConnectionSettings& settings);

// Asks on the terminal without showing what is typed. Kind usage when there is none.
Result<std::string> ask(std::string_view prompt);

// Of several sources of a password the last one named counts: setters call these first.
void forget_password(ConnectionSettings& settings);
void forget_key_password(ConnectionSettings& settings);

inline OptionSetter after(void (*forget)(ConnectionSettings&), ConnectionSettings& settings,
                          OptionSetter set) {
  return [forget, &settings, set = std::move(set)](OptionValues values) {
    forget(settings);
    return set(values);
  };
}

// What of an option's values nobody may see: of a URL its password, of a token's URI its PIN, authentication
// data, of other secret options all. A view into `values`; empty: nothing.
std::string_view secret_part(const OptionRow& row, const std::vector<std::string>& values);

// Overwrites secrets in `arguments`, the process's own, so that listings of processes no longer show them.
void hide_secrets(std::span<char*> arguments, const std::vector<ShownSecret>& secrets);

}  // namespace mq
