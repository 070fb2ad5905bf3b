#include <fmt/core.h>

#include <cstdlib>
#include <utility>

#include "drop_in/name.hpp"
#include "pub/mosquitto_pub.hpp"
#include "pub/options.hpp"
#include "pub/publisher.hpp"
#include "shared/out_of_memory.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"

namespace mq {
namespace {

// One message that can't be composed, or that no packet can carry, is known to be wrong before a connection
// is made.
Result<void> check_message(const PubSettings& settings, Composer* composer, Bytes message) {
  using Source = PubSettings::Source;
  // What is not known yet is checked when it is sent.
  if (settings.source == Source::lines || settings.source == Source::replay || settings.templates) return {};
  const Buffer random(settings.source == Source::random ? settings.size : 0, '\0');
  if (settings.source == Source::random) message = random;
  for (const std::string& topic : settings.topics) {
    const Result<Bytes> payload =
        composer != nullptr ? composer->compose(topic, message, settings.properties.view()) : message;
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
  if (called_as(argc, argv, mosquitto_pub_name)) return run_mosquitto_pub(argc, argv);
  auto settings = parse_pub(argc, argv, [](const char* name) { return std::getenv(name); });
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  ConnectionSettings& connection = settings->connection;
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  auto payload = read_message(*settings);
  if (!payload) return connection.log.report(payload.error());
  Lint lint(*settings);
  if (!settings->templates)
    for (const std::string& topic : settings->topics)
      if (auto right = lint.topic(topic); !right) return connection.log.report(right.error());
  auto composer = Composer::make(settings->payload, settings->compress, connection.log);
  if (!composer) return connection.log.report(composer.error());
  if (*composer != nullptr && settings->source == PubSettings::Source::lines) (*composer)->refuse_empty();
  if (auto right = check_message(*settings, composer->get(), *payload); !right)
    return connection.log.report(right.error());
  auto preparation = Preparation::make(*settings, *payload, lint);
  if (!preparation) return connection.log.report(preparation.error());
  auto source = make_source(*settings, std::move(*payload));
  if (!source) return connection.log.report(source.error());
  return Publisher(*settings, {std::move(*source), std::move(*preparation), std::move(*composer)}).run();
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) {
  mq::end_when_out_of_memory();
  return mq::run(argc, argv);
}
