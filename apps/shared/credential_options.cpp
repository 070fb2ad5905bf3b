// Who we are, as a name and a password, and where the password comes from.
#include "shared/common_options.hpp"
#include "shared/quantities.hpp"
#include "shared/secrets.hpp"
#include "shared/store.hpp"

namespace mq {

void credential_options(OptionRows& rows, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::connection;
  SessionConfig& session = settings.client.session;
  SecretSources& secrets = settings.secrets;
  rows.push_back({.letter = 'u',
                  .name = "username",
                  .aliases = "user",
                  .value = "NAME",
                  .group = group,
                  .environment = "MQTTKIT_USERNAME",
                  .summary = "user name",
                  .detail = "User name to log in with.",
                  .set = store_text(session.user_name)});
  rows.push_back(
      {.letter = 'P',
       .name = "password",
       .aliases = "pw",
       .value = "PASSWORD",
       .group = group,
       .environment = "MQTTKIT_PASSWORD",
       .secret = true,
       .summary = "password (better: --password-file)",
       .detail = "Password to log in with. It is hidden from listings of processes as soon as the program "
                 "has started; a file, the environment variable or a command keep it from them "
                 "altogether. Below MQTT 5.0 it needs a user name.",
       .set = after(forget_password, settings, store_bytes(session.password))});
  rows.push_back({.name = "password-file",
                  .value = "FILE",
                  .group = group,
                  .environment = "MQTTKIT_PASSWORD_FILE",
                  .completion = Completion::file,
                  .summary = "read the password from FILE",
                  .detail = "Read the password from a file, without the newline at its end; - is standard "
                            "input.",
                  .set = after(forget_password, settings, store_path(secrets.password_file))});
  rows.push_back({.name = "password-command",
                  .value = "COMMAND",
                  .group = group,
                  .environment = "MQTTKIT_PASSWORD_COMMAND",
                  .summary = "take what COMMAND prints as the password",
                  .detail = "Take the first line that a command prints as the password, such as 'pass show "
                            "mqtt'. The shell runs it.",
                  .set = after(forget_password, settings, store_path(secrets.password_command))});
  rows.push_back({.name = "ask-password",
                  .group = group,
                  .summary = "ask for the password on the terminal",
                  .detail = "Ask for the password on the terminal, without showing what is typed.",
                  .set = after(forget_password, settings, store_flag(secrets.ask_password))});
  rows.push_back({.name = "auth-method",
                  .value = "METHOD",
                  .group = group,
                  .v5_only = true,
                  .summary = "enhanced authentication, e.g. SCRAM-SHA-256",
                  .detail =
                      "Authentication method of MQTT 5.0. SCRAM-SHA-256 and SCRAM-SHA-512 prove with -u and "
                      "the password that both sides know it, without sending it; a server that can't "
                      "prove it is left. With any other method --auth-data is sent.",
                  .set = store_text(settings.auth_method)});
  rows.push_back({.name = "auth-data",
                  .value = "DATA",
                  .group = group,
                  .environment = "MQTTKIT_AUTH_DATA",
                  .v5_only = true,
                  .secret = true,
                  .summary = "data of --auth-method, or @FILE with it",
                  .detail = "Data of --auth-method, such as a token; @FILE reads it from a file, without the "
                            "newline at its end.",
                  .set = store_bytes(settings.auth_data)});
  rows.push_back({.name = "reauthenticate",
                  .value = "SECONDS",
                  .group = group,
                  .v5_only = true,
                  .summary = "authenticate anew every so often",
                  .detail = "Begin a new exchange of --auth-method on the connection every so many seconds.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    const auto seconds = parse_seconds(values[0]);
                    if (!seconds || *seconds <= Duration::zero())
                      return usage(fmt::format("{} is not a number of seconds above 0", quoted(values[0])));
                    settings.client.reauthenticate_every = *seconds;
                    return {};
                  }});
}

}  // namespace mq
