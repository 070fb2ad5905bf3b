#include <cstdlib>

#include "session/config.hpp"
#include "shared/answer.hpp"
#include "shared/report.hpp"
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
  const auto settings = parse_sub(argc, argv, [](const char* name) { return std::getenv(name); });
  if (!settings) return report(settings.error(), quiet_asked(arguments_of(argc, argv)));
  const ConnectionSettings& connection = settings->connection;
  if (connection.answer) return print_answer(*connection.answer);
  if (auto right = check(connection.client.session); !right) return report(right.error(), connection.quiet);
  auto format = format_of(*settings);
  if (!format) return report(format.error(), connection.quiet);
  return Subscriber(*settings, std::move(*format)).run();
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) { return mq::run(argc, argv); }
