#include <cstdlib>

#include "sub/options.hpp"
#include "sub/subscriber.hpp"

namespace mq {
namespace {

Result<Format> format_of(const SubSettings& settings) {
  const FormatStyle style{.newline = !settings.no_newline, .pretty = settings.pretty};
  if (settings.format) return Format::compile(*settings.format, style);
  return settings.verbose ? Format::topics_and_payloads(style) : Format::payloads(style);
}

int run(int argc, char** argv) {
  auto settings = parse_sub(argc, argv, [](const char* name) { return std::getenv(name); });
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  ConnectionSettings& connection = settings->connection;
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  auto format = format_of(*settings);
  if (!format) return connection.log.report(format.error());
  return Subscriber(*settings, std::move(*format)).run();
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) { return mq::run(argc, argv); }
