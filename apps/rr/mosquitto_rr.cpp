#include "rr/mosquitto_rr.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "drop_in/message_rows.hpp"
#include "drop_in/mosquitto_manner.hpp"
#include "drop_in/output_rows.hpp"
#include "input/message_source.hpp"
#include "rr/requester.hpp"

namespace mq {
namespace {

DropInRows rr_rows(DropInGiven& given, DropInMessage& message, DropInOutput& output, RrSettings& settings) {
  const auto add_topic = [&settings](std::string_view topic, std::string_view option) -> Result<void> {
    if (auto right = check_publish_topic(topic, option, "publish"); !right) return right;
    settings.input.topics = {std::string(topic)};
    return {};
  };
  DropInRows rows = connection_rows(
      given, {{"publish", settings.input.properties}, {"subscribe", settings.subscribe_properties}},
      add_topic);
  message_rows(rows, message);
  rows.push_back({.letter = "-e",
                  .value = "topic",
                  .lacking = "-e argument given but no response topic specified.",
                  .summary = "topic that the answer comes to",
                  .set = [&settings](std::string_view topic) -> Result<void> {
                    if (auto right = check_publish_topic(topic, "-e", "response"); !right) return right;
                    settings.response_topic = topic;
                    return {};
                  }});
  rows.push_back(
      {.letter = "-q",
       .name = "--qos",
       .value = "qos",
       .lacking = "-q argument given but no QoS specified.",
       .summary = "QoS of request and answer",
       .set = [&settings](std::string_view value) { return read_qos(value, settings.input.qos); }});
  rows.push_back(
      {.name = "--latency", .summary = "show how long the answer took", .set = raise(settings.latency)});
  output_rows(rows, output);
  return rows;
}

void store_output(const DropInOutput& output, RrSettings& settings) {
  settings.any_answer = true;
  settings.hide_retained = output.hide_retained;
  settings.connection.timeout = output.timeout;
  // MQTT 5.0 alone has what follows.
  if (settings.connection.client.session.version != Version::v5) return;
  settings.retain_as_published = output.retain_as_published;
  settings.retain_handling = output.retain_handling;
}

}  // namespace

int run_mosquitto_rr(int argc, char** argv) {
  RrSettings settings;
  ConnectionSettings& connection = settings.connection;
  DropInGiven given{.role = DropInRole::rr, .connection = connection};
  given.receive_maximum = 1;  // no more than the answer
  DropInMessage message;
  DropInOutput output;
  const DropInRows rows = rr_rows(given, message, output, settings);
  const auto ask = read_drop_in(rows, mosquitto_rr_name, arguments_of(argc, argv),
                                [](const char* name) { return std::getenv(name); });
  if (!ask) return report_usage(mosquitto_rr_name, ask.error());
  if (*ask != DropInAsk::run) return print_drop_in_answer(mosquitto_rr_name, rows, *ask);
  if (auto right = check_drop_in(given); !right) return report_usage(mosquitto_rr_name, right.error());

  MosquittoManner manner(DropInRole::rr, connection);
  connection.log.manner = &manner;
  auto request = load_message(message);
  if (!request) return manner.report(request.error());
  if (settings.input.topics.empty() || settings.response_topic.empty() ||
      message.source == DropInMessage::Source::none)
    return report_usage(
        mosquitto_rr_name,
        Error{ErrorKind::usage, "Error: All of topic, message, and response topic must be supplied."});
  if (settings.input.properties.view().contains(PropertyId::response_topic))
    return manner.report({ErrorKind::usage, "Error in PUBLISH properties: Duplicate response topic."});
  store_output(output, settings);
  if (auto done = conclude_drop_in(given); !done) return manner.report(done.error());
  connection.client.retry.after_loss = 0U;
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  auto format = drop_in_format(output);
  if (!format) return manner.report(format.error());
  AnswerView view(settings, std::move(*format), nullptr);
  return Requester(settings,
                   {std::make_unique<MessageSource>(std::move(*request), 1), nullptr, std::move(view)})
      .run();
}

}  // namespace mq
