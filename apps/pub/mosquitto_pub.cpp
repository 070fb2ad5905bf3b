#include "pub/mosquitto_pub.hpp"

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "drop_in/message_rows.hpp"
#include "drop_in/mosquitto_manner.hpp"
#include "pub/publisher.hpp"
#include "shared/answer.hpp"

namespace mq {
namespace {

void repeat_rows(DropInRows& rows, PubSettings& settings) {
  rows.push_back({.name = "--repeat",
                  .value = "number",
                  .lacking = "--repeat argument given but no count specified.",
                  .summary = "send the message so many times",
                  .set = [&settings](std::string_view value) -> Result<void> {
                    const long times = c_number(value);
                    if (times < 1) return complaint("Error: --repeat argument must be >0.\n");
                    settings.repeat = static_cast<std::uint64_t>(times);
                    return {};
                  }});
  rows.push_back({.name = "--repeat-delay",
                  .value = "seconds",
                  .lacking = "--repeat-delay argument given but no time specified.",
                  .summary = "pause between these",
                  .set = [&settings](std::string_view value) -> Result<void> {
                    const double seconds = std::strtod(std::string(value).c_str(), nullptr);
                    if (!(seconds >= 0)) return complaint("Error: --repeat-delay argument must be >=0.0.\n");
                    if (seconds > 1e9) return complaint("Error: --repeat-delay argument is out of range.\n");
                    settings.repeat_delay =
                        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
                    return {};
                  }});
}

DropInRows pub_rows(DropInGiven& given, DropInMessage& message, PubSettings& settings) {
  const auto add_topic = [&settings](std::string_view topic, std::string_view option) -> Result<void> {
    if (auto right = check_publish_topic(topic, option, "publish"); !right) return right;
    settings.topics = {std::string(topic)};
    return {};
  };
  DropInRows rows = connection_rows(given, {{"publish", settings.properties}}, add_topic);
  message_rows(rows, message);
  line_row(rows, message);
  rows.push_back({.letter = "-q",
                  .name = "--qos",
                  .value = "qos",
                  .lacking = "-q argument given but no QoS specified.",
                  .summary = "QoS of the messages",
                  .set = [&settings](std::string_view value) { return read_qos(value, settings.qos); }});
  rows.push_back({.letter = "-r",
                  .name = "--retain",
                  .summary = "have the messages retained",
                  .set = raise(settings.retain)});
  repeat_rows(rows, settings);
  return rows;
}

PubSettings::Source source_of(DropInMessage::Source source) {
  using Source = DropInMessage::Source;
  switch (source) {
    case Source::lines:
      return PubSettings::Source::lines;
    case Source::null:
      return PubSettings::Source::null;
    default:
      return PubSettings::Source::message;
  }
}

}  // namespace

int run_mosquitto_pub(int argc, char** argv) {
  PubSettings settings;
  ConnectionSettings& connection = settings.connection;
  connection.client.session.version = Version::v311;
  DropInGiven given{.role = DropInRole::pub, .connection = connection};
  DropInMessage message;
  const DropInRows rows = pub_rows(given, message, settings);
  const auto ask = read_drop_in(rows, mosquitto_pub_name, arguments_of(argc, argv),
                                [](const char* name) { return std::getenv(name); });
  if (!ask) return report_usage(mosquitto_pub_name, ask.error());
  if (*ask != DropInAsk::run) return print_drop_in_answer(mosquitto_pub_name, rows, *ask);
  if (auto right = check_drop_in(given); !right) return report_usage(mosquitto_pub_name, right.error());

  MosquittoManner manner(DropInRole::pub, connection);
  connection.log.manner = &manner;
  auto payload = load_message(message);
  if (!payload) return manner.report(payload.error());
  if (settings.topics.empty() || message.source == DropInMessage::Source::none)
    return report_usage(mosquitto_pub_name,
                        Error{ErrorKind::usage, "Error: Both topic and message must be supplied."});
  settings.source = source_of(message.source);
  // Lines are never repeated, and only a program that reads them comes back after a loss.
  if (settings.source == PubSettings::Source::lines) settings.repeat = 1;
  if (auto done = conclude_drop_in(given); !done) return manner.report(done.error());
  if (settings.source != PubSettings::Source::lines) connection.client.retry.after_loss = 0U;
  if (connection.client.session.version != Version::v5 && !settings.properties.view().empty())
    return manner.report({ErrorKind::usage, "Error: This feature is not supported"});
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  auto source = make_source(settings, std::move(*payload));
  if (!source) return manner.report(source.error());
  // Nothing is prepared: topics are not linted, and payloads go as they are.
  return Publisher(settings, {std::move(*source), nullptr, nullptr}).run();
}

}  // namespace mq
