// What the command line, environment and options files amount to: the settings that several programs have in
// common. Rows (connection_options and the like) store into these; nothing here acts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "client/config.hpp"
#include "wire/property.hpp"

namespace mq {

struct ConnectionSettings {
  ClientConfig client;
  bool version_given = false;            // -V was used: no falling back to another version
  std::optional<std::string> url_topic;  // the topic part of -L, if it has one
  std::optional<Duration> timeout;       // -W: the whole run, from its start
  std::string session_file;              // empty: none
  bool debug = false;                    // packets, one a line, on stderr
  bool quiet = false;                    // no error or warning text
  std::optional<std::string>
      needs_v5;  // the first option given that only MQTT 5.0 has, as messages show it ("-D/--property")
  PropertyList disconnect_properties;
  std::optional<std::string>
      answer;  // --help, --version, --generate: to be printed on stdout instead of a run
};

}  // namespace mq
