// Option rows that several programs share: where to connect, what session to have, what will to leave, and
// what every program can do. Each function appends rows whose setters store into the given settings.
#pragma once

#include <string>
#include <vector>

#include "shared/option.hpp"
#include "shared/property_option.hpp"
#include "shared/settings.hpp"

namespace mq {

// What is asked of the option machinery itself.
struct General {
  bool help = false;
  bool version = false;
  std::string generate;               // "man", "bash", "zsh" or "fish"; empty: nothing
  std::string profile;                // --profile; empty: "default", if it is there
  std::string options_file;           // -o; empty: the default one, if it is there
  std::vector<std::string> operands;  // of a program that takes them
};

void connection_options(OptionRows& rows, ConnectionSettings& settings);  // the three below, and time limits
void server_options(OptionRows& rows, ConnectionSettings& settings);
void network_options(OptionRows& rows, ConnectionSettings& settings);
void credential_options(OptionRows& rows, ConnectionSettings& settings);
void tls_options(OptionRows& rows, ConnectionSettings& settings);
void session_options(OptionRows& rows, ConnectionSettings& settings);
void will_options(OptionRows& rows, ConnectionSettings& settings);
void general_options(OptionRows& rows, General& general, ConnectionSettings& settings);

// -D with `commands`, its text for the man page: the targets of every program (connect, disconnect, will) and
// `own` ones.
void property_option(OptionRows& rows, ConnectionSettings& settings, std::vector<PropertyTarget> own,
                     std::string_view commands);

// How much may be in flight unless -M says: much where the server announces its own bound, little where it
// can't.
void default_window(SessionConfig& session);

// Whether all of `list`, given as -D `command`, may stand in that command's packet. Kind usage.
Result<void> check_places(const PropertyList& list, std::string_view command);

// What holds for every program once all options are stored: combinations, and what follows from them
// (fall-back, client identifier, session expiry). Kind usage.
Result<void> finish(ConnectionSettings& settings);

}  // namespace mq
