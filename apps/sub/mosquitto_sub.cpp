#include "sub/mosquitto_sub.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "drop_in/mosquitto_manner.hpp"
#include "drop_in/output_rows.hpp"
#include "shared/answer.hpp"
#include "sub/subscriber.hpp"

namespace mq {
namespace {

using Setter = std::function<Result<void>(std::string_view)>;

Setter append_filter(std::vector<std::string>& filters, std::string_view option, std::string_view what) {
  return [&filters, option, what](std::string_view value) -> Result<void> {
    if (auto right = check_filter(value, option, what); !right) return right;
    filters.emplace_back(value);
    return {};
  };
}

void end_rows(DropInRows& rows, DropInGiven& given, SubSettings& settings) {
  rows.push_back({.letter = "-C",
                  .value = "count",
                  .lacking = "-C argument given but no count specified.",
                  .summary = "end after so many messages",
                  .set = [&given, &settings](std::string_view value) -> Result<void> {
                    const long count = c_number(value);
                    if (count < 1)
                      return complaint(fmt::format("Error: Invalid message count \"{}\".\n", count));
                    settings.count = static_cast<std::uint64_t>(count);
                    // No more may come than are shown.
                    given.receive_maximum = static_cast<std::uint16_t>(std::min(count, 20L));
                    return {};
                  }});
  rows.push_back({.letter = "-E",
                  .summary = "end when the subscriptions are made",
                  .set = raise(settings.exit_when_subscribed)});
}

void choice_rows(DropInRows& rows, SubSettings& settings) {
  rows.push_back({.letter = "-T",
                  .name = "--filter-out",
                  .value = "filter",
                  .lacking = "-T argument given but no topic filter specified.",
                  .summary = "do not show messages of these topics",
                  .set = append_filter(settings.filters_out, "-T", "filter")});
  rows.push_back({.letter = "-U",
                  .name = "--unsubscribe",
                  .value = "filter",
                  .lacking = "-U argument given but no unsubscribe topic specified.",
                  .summary = "end this subscription",
                  .set = append_filter(settings.unsubscribes, "-U", "unsubscribe")});
  rows.push_back({.name = "--random-filter",
                  .value = "percent",
                  .lacking = "--random-filter argument given but no chance specified.",
                  .summary = "show only so much of the messages",
                  .set = [&settings](std::string_view value) -> Result<void> {
                    const double percent = std::strtod(std::string(value).c_str(), nullptr);
                    if (!(percent >= 0.1 && percent <= 100))
                      return complaint("Error: --random-filter chance must be between 0.1-100.0\n");
                    settings.random_filter = percent;
                    return {};
                  }});
  rows.push_back({.name = "--retained-only",
                  .summary = "show retained messages, end at the first other one",
                  .set = raise(settings.retained_only)});
  rows.push_back({.letter = "-w",
                  .name = "--watch",
                  .summary = "a line of the terminal for each topic",
                  .set = raise(settings.topic_lines)});
  rows.push_back({.name = "--message-rate",
                  .summary = "show how many messages came each second",
                  .set = raise(settings.message_rate)});
  rows.push_back({.name = "--remove-retained",
                  .summary = "remove retained messages from the server",
                  .set = raise(settings.remove_retained)});
}

DropInRows sub_rows(DropInGiven& given, DropInOutput& output, SubSettings& settings) {
  const auto add_topic = [&settings](std::string_view filter, std::string_view option) -> Result<void> {
    if (auto right = check_filter(filter, option, "subscription"); !right) return right;
    settings.filters.emplace_back(filter);
    return {};
  };
  DropInRows rows = connection_rows(
      given, {{"subscribe", settings.subscribe_properties}, {"unsubscribe", settings.unsubscribe_properties}},
      add_topic);
  rows.push_back({.letter = "-q",
                  .name = "--qos",
                  .value = "qos",
                  .lacking = "-q argument given but no QoS specified.",
                  .summary = "QoS of the subscriptions",
                  .set = [&settings](std::string_view value) { return read_qos(value, settings.qos); }});
  end_rows(rows, given, settings);
  choice_rows(rows, settings);
  output_rows(rows, output);
  return rows;
}

void store_output(const DropInOutput& output, SubSettings& settings) {
  settings.hide_retained = output.hide_retained;
  settings.connection.timeout = output.timeout;
  settings.spare_filtered = true;
  settings.complain_of_json = true;
  // MQTT 5.0 alone has what follows.
  if (settings.connection.client.session.version != Version::v5) return;
  settings.retain_as_published = output.retain_as_published;
  settings.retain_handling = output.retain_handling;
}

Result<void> check_sub(const SubSettings& settings, bool hides_retained) {
  if (settings.filters.empty() && settings.unsubscribes.empty())
    return complaint("Error: You must specify a topic to subscribe to (-t) or unsubscribe from (-U).");
  if (hides_retained && settings.retained_only)
    return complaint("\nError: Combining '-R' and '--retained-only' makes no sense.");
  return {};
}

}  // namespace

int run_mosquitto_sub(int argc, char** argv) {
  SubSettings settings;
  ConnectionSettings& connection = settings.connection;
  connection.client.session.version = Version::v311;
  DropInGiven given{.role = DropInRole::sub, .connection = connection};
  DropInOutput output;
  const DropInRows rows = sub_rows(given, output, settings);
  const auto ask = read_drop_in(rows, mosquitto_sub_name, arguments_of(argc, argv),
                                [](const char* name) { return std::getenv(name); });
  if (!ask) return report_usage(mosquitto_sub_name, ask.error());
  if (*ask != DropInAsk::run) return print_drop_in_answer(mosquitto_sub_name, rows, *ask);
  auto right = check_drop_in(given);
  if (right) right = check_sub(settings, output.hide_retained);
  if (!right) return report_usage(mosquitto_sub_name, right.error());

  MosquittoManner manner(DropInRole::sub, connection);
  connection.log.manner = &manner;
  store_output(output, settings);
  if (auto done = conclude_drop_in(given); !done) return manner.report(done.error());
  if (const auto ended = prepare(connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  auto format = drop_in_format(output);
  if (!format) return manner.report(format.error());
  // Payloads are never decoded here, nor dressed up for terminals.
  return Subscriber(settings, std::move(*format), nullptr).run();
}

}  // namespace mq
