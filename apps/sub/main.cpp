#include <cstdlib>

#include "session/config.hpp"
#include "shared/answer.hpp"
#include "shared/secrets.hpp"
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
  hide_secrets({argv, static_cast<std::size_t>(argc)}, connection.shown_secrets);
  if (connection.answer) return print_answer(*connection.answer);
  if (auto read = read_secrets(connection); !read) return connection.log.report(read.error());
  if (auto right = check(connection.client.session); !right) return connection.log.report(right.error());
  auto format = format_of(*settings);
  if (!format) return connection.log.report(format.error());
  return Subscriber(*settings, std::move(*format)).run();
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) { return mq::run(argc, argv); }
