// What the command line, environment and options files amount to: the settings that several programs have in
// common. Rows (connection_options and the like) store into these; nothing here acts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "client/config.hpp"
#include "shared/log.hpp"
#include "shared/shell_question.hpp"
#include "wire/property.hpp"

namespace mq {

// One server as it was named: what it is in the end follows from all options together (servers.hpp).
struct NamedServer {
  Endpoint endpoint;
  bool by_url = false;  // its scheme says what is spoken
  bool port_given = false;
  std::optional<std::string> user_name{}, password{}, topic{};  // that the URL holds
};

// A secret in a value on the command line.
struct ShownSecret {
  std::string value;
  std::size_t at = 0, size = 0;  // the secret within it
};

// Where passwords come from when they are not given themselves; read after all options are known.
struct SecretSources {
  std::string password_file{};
  std::string password_command{};
  bool ask_password = false;
  std::string key_password_file{};

  bool any_password() const { return !password_file.empty() || !password_command.empty() || ask_password; }
};

struct ConnectionSettings {
  ClientConfig client;
  std::vector<NamedServer> servers;      // in the order of -h, -L and --unix; empty: localhost
  std::optional<std::uint16_t> port;     // -p, for servers that name none
  bool tls = false;                      // --tls
  bool no_tls = false;                   // --no-tls
  bool web_socket = false;               // --ws
  bool srv = false;                      // -S
  std::optional<std::string> needs_tls;  // the first option given that only TLS has, as messages show it
  SecretSources secrets;
  std::optional<std::string> auth_method, auth_data;
  std::vector<ShownSecret> shown_secrets;  // on the command line, for hide_secrets()
  // Options come from several sources (files, environment, command line), each of which replaces the servers
  // of those before it.
  unsigned source = 0;
  unsigned servers_source = 0;
  bool version_given = false;            // -V was used: no falling back to another version
  std::optional<std::string> url_topic;  // the topic part of -L, if it has one
  std::optional<Duration> timeout;       // -W: the whole run, from its start
  std::string session_file;              // empty: none
  bool debug = false;                    // packets, one a line, on stderr
  Log log;                               // --quiet, --log-format
  std::optional<std::string>
      needs_v5;  // the first option given that only MQTT 5.0 has, as messages show it ("-D/--property")
  PropertyList disconnect_properties;
  std::optional<std::string>
      answer;  // --help, --version, --generate: to be printed on stdout instead of a run
  std::optional<ShellQuestion> question;  // which topics there are; with it `answer` is there, and empty
};

}  // namespace mq
