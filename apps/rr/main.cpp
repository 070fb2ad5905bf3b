#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "drop_in/name.hpp"
#include "rr/mosquitto_rr.hpp"
#include "rr/options.hpp"
#include "rr/requester.hpp"
#include "shared/file.hpp"
#include "wire/frame.hpp"

namespace mq {
namespace {

Result<Buffer> read_request(RrSettings& settings) {
  switch (settings.source) {
    case RrSettings::Source::message:
      return std::move(settings.message);
    case RrSettings::Source::file:
      return read_file(settings.file, max_variable_integer);
    case RrSettings::Source::whole_stdin:
      return read_all(STDIN_FILENO, "standard input", max_variable_integer);
    default:
      return Buffer();
  }
}

const char* variable(const char* name) { return std::getenv(name); }

int request(int argc, char** argv) {
  auto settings = parse_rr(argc, argv, variable);
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  ConnectionSettings& connection = settings->connection;
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  auto format = format_of(*settings);
  if (!format) return connection.log.report(format.error());
  auto request = read_request(*settings);
  if (!request) return connection.log.report(request.error());
  std::unique_ptr<Inspector> inspector;
  if (const Screen screen = screen_of(STDOUT_FILENO, settings->colour);
      Inspector::wanted(*settings, screen)) {
    auto made = Inspector::make(*settings, connection.log, screen);
    if (!made) return connection.log.report(made.error());
    inspector = std::move(*made);
  }
  return Requester(*settings, std::move(*request), std::move(*format), std::move(inspector)).run();
}

int run(int argc, char** argv) {
  if (called_as(argc, argv, mosquitto_rr_name)) return run_mosquitto_rr(argc, argv);
  if (const Program* command = command_of(rr_program(), arguments_of(argc, argv)))
    return command->run(argc - 1, argv + 1);
  return request(argc, argv);
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) { return mq::run(argc, argv); }
