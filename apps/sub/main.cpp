#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "drop_in/name.hpp"
#include "shared/out_of_memory.hpp"
#include "shared/watchdog.hpp"
#include "sub/figures.hpp"
#include "sub/mosquitto_sub.hpp"
#include "sub/options.hpp"
#include "sub/subscriber.hpp"

namespace mq {
namespace {

// Whether somebody else than the output wants to know what payloads say.
bool needs_decoding(const SubSettings& settings) {
  return !settings.expectations.empty() || settings.expect_none || !settings.command.empty();
}

int run(int argc, char** argv) {
  if (called_as(argc, argv, mosquitto_sub_name)) return run_mosquitto_sub(argc, argv);
  auto settings = parse_sub(argc, argv, [](const char* name) { return std::getenv(name); });
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  ConnectionSettings& connection = settings->connection;
  // What is no file of its own, such as a pipe, is written to but once.
  std::error_code ignored;
  const bool keeps = !std::filesystem::exists(settings->junit, ignored) ||
                     std::filesystem::is_regular_file(settings->junit, ignored);
  if (!settings->junit.empty() && !connection.answer && keeps)
    if (auto written = Subscriber::write_unfinished(*settings); !written)
      return connection.log.report(written.error());
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  if (auto right = check_command(*settings, connection.log); !right)
    return connection.log.report(right.error());
  auto format = format_of(*settings);
  if (!format) return connection.log.report(format.error());
  if (settings->sys) return Figures(*settings).run();
  Watchdog::waits_for("a schema, a map or a definition has not come to its end");
  std::unique_ptr<Inspector> inspector;
  if (const Screen screen = screen_of(STDOUT_FILENO, settings->colour);
      Inspector::wanted(*settings, screen) || needs_decoding(*settings)) {
    auto made = Inspector::make(*settings, connection.log, screen);
    if (!made) return connection.log.report(made.error());
    inspector = std::move(*made);
  }
  return Subscriber(*settings, std::move(*format), std::move(inspector)).run();
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) {
  mq::end_when_out_of_memory();
  return mq::run(argc, argv);
}
