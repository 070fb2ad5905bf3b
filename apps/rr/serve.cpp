#include "rr/serve.hpp"

#include <cstdlib>
#include <span>

#include "rr/responder.hpp"
#include "rr/serve_options.hpp"
#include "shared/watchdog.hpp"

namespace mq {

int run_serve(int argc, char** argv) {
  auto settings = parse_serve(argc, argv, [](const char* name) { return std::getenv(name); });
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  const ConnectionSettings& connection = settings->connection;
  if (const auto ended = prepare(settings->connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  if (auto right = check_command(*settings, connection.log); !right)
    return connection.log.report(right.error());
  Watchdog::waits_for("a file that answers need has not come to its end");
  auto responder = Responder::make(*settings);
  if (!responder) return connection.log.report(responder.error());
  return (*responder)->run();
}

}  // namespace mq
