#include "rr/ping_options.hpp"

#include "prose/mqtt_rr_ping.hpp"
#include "shared/quantities.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

constexpr std::size_t least_size = 16;
constexpr std::size_t most_size = 128U << 20;

Result<void> store_size(PingSettings& settings, std::string_view text) {
  const auto size = parse_size(text);
  if (!size || *size < least_size || *size > most_size)
    return usage(
        fmt::format("{} is not a size from {} bytes to {}M", quoted(text), least_size, most_size >> 20));
  settings.size = *size;
  return {};
}

Result<void> store_interval(PingSettings& settings, std::string_view text) {
  const auto seconds = parse_seconds(text);
  if (!seconds || *seconds < std::chrono::milliseconds(1))
    return usage(fmt::format("{} is not a number of seconds from 0.001", quoted(text)));
  settings.interval = *seconds;
  return {};
}

Result<void> store_output(PingSettings& settings, std::string_view text) {
  if (!has_word("text json", text)) return usage(fmt::format("{} is neither text nor json", quoted(text)));
  settings.json = text == "json";
  return {};
}

void ping_rows(OptionRows& rows, PingSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back(
      {.letter = 't',
       .name = "topic",
       .value = "TOPIC",
       .group = group,
       .completion = Completion::topic,
       .summary = "topic to use; default: one of its own",
       .detail = "Topic to publish to and to subscribe to. Without it one is made that nobody else has.",
       .set = [&settings](OptionValues values) -> Result<void> {
         if (auto checked = check_topic_name(values[0]); !checked) return checked;
         settings.topic = values[0];
         return {};
       }});
  rows.push_back({.letter = 'q',
                  .name = "qos",
                  .value = "QOS",
                  .group = group,
                  .default_text = "0",
                  .choices = "0 1 2",
                  .summary = "QoS of the messages, both ways",
                  .detail = "Quality of service of the messages, there and back.",
                  .set = store_qos(settings.qos)});
  rows.push_back({.letter = 'C',
                  .name = "count",
                  .value = "N",
                  .group = group,
                  .summary = "end after N messages",
                  .detail =
                      "End after the turns of that many messages, when all are back or have been waited "
                      "for long enough.",
                  .set = store_number<std::uint64_t>(settings.count, 1)});
  rows.push_back({.name = "interval",
                  .value = "SECONDS",
                  .group = group,
                  .default_text = "1",
                  .summary = "time between two messages",
                  .detail =
                      "Seconds from the turn of one message to that of the next, fractions allowed, from "
                      "0.001.",
                  .set = one_value(settings, store_interval)});
  rows.push_back({.name = "size",
                  .value = "BYTES",
                  .group = group,
                  .default_text = "16",
                  .summary = "size of the payloads, e.g. 64K",
                  .detail = "Bytes of payload, at least 16; K and M are units.",
                  .set = one_value(settings, store_size)});
  rows.push_back({.name = "output",
                  .value = "FORMAT",
                  .group = OptionGroup::output,
                  .default_text = "text",
                  .choices = "text json",
                  .summary = "lines of text, or JSON objects",
                  .detail = "How results are written: as text, or as JSON objects, one a line; the last one "
                            "has the statistics.",
                  .set = one_value(settings, store_output)});
}

OptionRows ping_options(PingSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(80);
  connection_options(rows, settings.connection);
  tls_options(rows, settings.connection);
  session_options(rows, settings.connection);
  property_option(rows, settings.connection, {}, "connect disconnect will");
  will_options(rows, settings.connection);
  ping_rows(rows, settings);
  general_options(rows, general, settings.connection);
  return rows;
}

}  // namespace

const Program& ping_program() {
  static constexpr Program program{.name = "mqtt-rr",
                                   .command = "ping",
                                   .summary = "measure the way to the server and back",
                                   .synopsis = "[OPTION]...",
                                   .prose = mqtt_rr_ping_prose,
                                   .rows =
                                       [] {
                                         static PingSettings settings;
                                         static General general;
                                         return ping_options(settings, general);
                                       },
                                   .run = run_ping};
  return program;
}

Result<PingSettings> parse_ping(int argc, const char* const* argv, const Environment& environment) {
  Result<PingSettings> settings;
  default_window(settings->connection.client.session);
  settings->connection.client.retry.after_loss.reset();
  General general;
  const OptionRows rows = ping_options(*settings, general);
  auto done = read_command_line(ping_program(), rows, general, settings->connection, arguments_of(argc, argv),
                                environment);
  if (done && !settings->connection.answer) {
    done = finish(settings->connection);
    if (done && settings->topic.empty() && settings->connection.url_topic) {
      done = check_topic_name(*settings->connection.url_topic);
      settings->topic = *settings->connection.url_topic;
    }
  }
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

}  // namespace mq
