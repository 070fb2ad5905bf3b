#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "pub/options.hpp"
#include "pub/publisher.hpp"
#include "shared/file.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"

namespace mq {
namespace {

Result<Buffer> read_payload(PubSettings& settings) {
  switch (settings.source) {
    case PubSettings::Source::message:
      return std::move(settings.message);
    case PubSettings::Source::file:
      return read_file(settings.file, max_variable_integer);
    case PubSettings::Source::whole_stdin:
      return read_all(STDIN_FILENO, "standard input", max_variable_integer);
    default:
      return Buffer();
  }
}

// One message that can't be composed, or that no packet can carry, is known to be wrong before a connection
// is made.
Result<void> check_message(const PubSettings& settings, Composer* composer, Bytes message) {
  if (settings.source == PubSettings::Source::lines) return {};
  for (const std::string& topic : settings.topics) {
    const Result<Bytes> payload = composer != nullptr ? composer->compose(topic, message) : message;
    if (!payload) return std::unexpected(payload.error());
    const Publish publish{.qos = settings.qos,
                          .topic = topic,
                          .packet_id = 1,
                          .properties = settings.properties.view(),
                          .payload = *payload};
    const auto size = encoded_size(publish, settings.connection.client.session.version);
    if (size > max_packet_bytes)
      return fail(ErrorKind::usage,
                  fmt::format("the message makes a packet of {} bytes, MQTT takes at most {}", size,
                              max_packet_bytes));
  }
  return {};
}

int run(int argc, char** argv) {
  auto settings = parse_pub(argc, argv, [](const char* name) { return std::getenv(name); });
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  ConnectionSettings& connection = settings->connection;
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  auto payload = read_payload(*settings);
  if (!payload) return connection.log.report(payload.error());
  auto composer = Composer::make(*settings);
  if (!composer) return connection.log.report(composer.error());
  if (auto right = check_message(*settings, composer->get(), *payload); !right)
    return connection.log.report(right.error());
  return Publisher(*settings, std::move(*payload), std::move(*composer)).run();
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) { return mq::run(argc, argv); }
