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

// Asks on the terminal without showing what is typed. Kind usage when there is none.
Result<std::string> ask(std::string_view prompt);

// What of an option's value nobody may see: of a URL its password, of other secret options all.
std::string_view secret_part(const OptionRow& row, std::string_view value);

// Overwrites secrets in `arguments`, the process's own, so that listings of processes no longer show them.
void hide_secrets(std::span<char*> arguments, const std::vector<std::string>& secrets);

}  // namespace mq
