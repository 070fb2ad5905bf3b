#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "drop_in/name.hpp"
#include "rr/mosquitto_rr.hpp"
#include "rr/options.hpp"
#include "rr/requester.hpp"
#include "shared/out_of_memory.hpp"

namespace mq {
namespace {

// What can be known to be wrong with the one request before a connection is made.
Result<void> check_request(const RrSettings& settings, Composer* composer, Bytes request) {
  if (composer == nullptr || settings.input.source == InputSettings::Source::lines) return {};
  const auto composed =
      composer->compose(settings.input.topics.front(), request, settings.input.properties.view());
  if (!composed) return std::unexpected(composed.error());
  return {};
}

Result<Format> answer_format(const RrSettings& settings) {
  if (settings.many() && !settings.format && !settings.verbose)
    return Format::numbered_answers({.newline = !settings.no_newline, .end = settings.delimiter});
  return format_of(settings, true);
}

const char* variable(const char* name) { return std::getenv(name); }

int request(int argc, char** argv) {
  auto settings = parse_rr(argc, argv, variable);
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  ConnectionSettings& connection = settings->connection;
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  auto format = answer_format(*settings);
  if (!format) return connection.log.report(format.error());
  auto request = read_message(settings->input);
  if (!request) return connection.log.report(request.error());
  auto composer = Composer::make(settings->request_payload, settings->compress, connection.log);
  if (!composer) return connection.log.report(composer.error());
  if (auto right = check_request(*settings, composer->get(), *request); !right)
    return connection.log.report(right.error());
  std::unique_ptr<Inspector> inspector;
  if (const Screen screen = screen_of(STDOUT_FILENO, settings->colour);
      Inspector::wanted(*settings, screen) || !settings->expectations.empty()) {
    auto made = Inspector::make(*settings, connection.log, screen);
    if (!made) return connection.log.report(made.error());
    inspector = std::move(*made);
  }
  auto source = make_source(settings->input, std::move(*request));
  if (!source) return connection.log.report(source.error());
  AnswerView view(*settings, std::move(*format), std::move(inspector));
  return Requester(*settings, {std::move(*source), std::move(*composer), std::move(view)}).run();
}

int run(int argc, char** argv) {
  if (called_as(argc, argv, mosquitto_rr_name)) return run_mosquitto_rr(argc, argv);
  if (const Program* command = command_of(rr_program(), arguments_of(argc, argv)))
    return command->run(argc - 1, argv + 1);
  return request(argc, argv);
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) {
  mq::end_when_out_of_memory();
  return mq::run(argc, argv);
}
