#include "rr/options.hpp"

#include <fmt/core.h>

#include "prose/mqtt_rr.hpp"
#include "rr/addresses.hpp"
#include "rr/asking_options.hpp"
#include "rr/commands.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Source = InputSettings::Source;

constexpr std::string_view sources = "-m, -f, -s, -l and -n";

void request_options(OptionRows& rows, RrSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back({.letter = 't',
                  .name = "topic",
                  .value = "TOPIC",
                  .group = group,
                  .completion = Completion::topic,
                  .summary = "topic to publish the request to",
                  .detail = "Topic to publish the request to.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (auto checked = check_topic_name(values[0]); !checked) return checked;
                    settings.input.topics = {std::string(values[0])};
                    return {};
                  }});
  rows.push_back(
      {.letter = 'e',
       .name = "response-topic",
       .value = "TOPIC",
       .group = group,
       .completion = Completion::topic,
       .summary = "topic for the answer; default: one of its own",
       .detail =
           "Topic that answers are to come to; {topic}, {client} and {id} in it stand for the request's "
           "topic, the client identifier and the request. Without it one is made that nobody else has: "
           "below what the server offers as response information, if it does, else below "
           "mqttkit/answers. See MQTT 3.1.1.",
       .set = [&settings](OptionValues values) -> Result<void> {
         auto pattern = TopicPattern::compile(values[0]);
         if (!pattern) return std::unexpected(std::move(pattern.error()));
         settings.response_topic = values[0];
         return {};
       }});
  rows.push_back({.letter = 'm',
                  .name = "message",
                  .value = "TEXT",
                  .group = group,
                  .summary = "the request is TEXT",
                  .detail = "Publish this as the request, byte for byte. It may be empty.",
                  .set = store_message(settings.input, sources)});
  rows.push_back({.letter = 'f',
                  .name = "file",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .summary = "the request is what FILE holds",
                  .detail = "Publish the bytes of this file as the request.",
                  .set = store_message_file(settings.input, sources)});
  rows.push_back({.letter = 's',
                  .name = "stdin-file",
                  .group = group,
                  .summary = "the request is all of standard input",
                  .detail = "Publish everything that standard input holds as the request.",
                  .set = store_source(settings.input, Source::whole_stdin, sources)});
  rows.push_back({.letter = 'l',
                  .name = "stdin-line",
                  .group = group,
                  .summary = "a request for every line of standard input",
                  .detail =
                      "Publish each line of standard input as a request of its own, without its newline; see "
                      "MANY REQUESTS.",
                  .set = store_source(settings.input, Source::lines, sources)});
  rows.push_back({.letter = 'n',
                  .name = "null-message",
                  .group = group,
                  .summary = "the request is empty",
                  .detail = "Publish a request without payload.",
                  .set = store_source(settings.input, Source::null, sources)});
  rows.push_back({.letter = 'q',
                  .name = "qos",
                  .value = "QOS",
                  .group = group,
                  .default_text = "0",
                  .choices = "0 1 2",
                  .summary = "QoS of the request, and highest of the answer",
                  .detail =
                      "Quality of service of the request, and the highest with which the server is to send "
                      "the answer.",
                  .set = store_qos(settings.input.qos)});
}

bool below_v5(const RrSettings& settings) {
  return settings.connection.client.session.version != Version::v5;
}

Result<void> add_connect_property(SessionConfig& session) {
  if (session.properties.view().contains(PropertyId::request_response_information)) return {};
  return session.properties.add(PropertyId::request_response_information, 1);
}

// Options that mean nothing together, or where answers can't be told apart.
Result<void> finish_asking(RrSettings& settings) {
  const bool lines = settings.input.source == Source::lines;
  if (auto done = finish_lines(settings.input); !done) return done;
  if (lines && settings.input.repeat > 1)
    return usage("--repeat does not go with -l", "it repeats the one request of -m, -f, -s or -n");
  if (settings.input.line_in_message)
    return usage("there is another source of requests already", fmt::format("give one of {}", sources));
  if (!settings.many() && (settings.concurrency > 1 || settings.every || settings.unordered))
    return usage("--concurrency, --rate and --unordered are about many requests",
                 "they come from -l and --repeat");
  const InputSettings& input = settings.input;
  const PropertyList& properties = input.properties;
  if (settings.many() && properties.view().contains(PropertyId::correlation_data))
    return usage("many requests can't have the same correlation data",
                 "leave it out, or give each its own with --input json");
  if (settings.replies > 1 && settings.request_retries > 0)
    return usage("--request-retries does not go with several --replies",
                 "who has answered would answer again; --replies all sends again what nobody answers");
  if (properties.view().contains(PropertyId::response_topic))
    return usage("the response topic is given with -e");
  if (const auto id = properties.view().bytes(PropertyId::correlation_data); id && ids_are_texts(settings))
    if (auto checked = check_id(*id); !checked) return usage(checked.error().text, checked.error().hint);
  if (!input.topics.empty() && input.topics.front() == settings.response_topic)
    return usage(
        fmt::format("the answer can't come to {}, where the request goes", quoted(settings.response_topic)),
        "give -e another topic, or leave it out");
  if (settings.same_id && settings.request_retries == 0)
    return usage("--retry-id is about --request-retries");
  if (settings.many() && !tells_answers_apart(settings))
    return usage("answers to many requests can't be told apart",
                 "give -e a topic with {id} in it, or --correlation-field");
  if (settings.response_topic.contains("{topic}") && settings.input.own_topics())
    return usage("-e with {topic} does not go with lines that have topics of their own");
  if (below_v5(settings) && settings.response_topic.empty() && settings.input.own_topics())
    return usage("lines that have topics of their own need a response topic below MQTT 5.0",
                 "give one with -e, such as answers/{client}/{id}");
  const std::string& format = settings.request_payload.format;
  if (!settings.correlation_field.empty() && !format.empty() && format != "json" && format != "raw")
    return usage(fmt::format("--correlation-field does not go with --format {}", format),
                 "the field is one of JSON objects");
  if (settings.expect_any && settings.expectations.empty())
    return usage("--expect-any means nothing without --expect");
  return {};
}

// Below 5.0 requests say where and what they are only by a convention, which must have been chosen with -V.
std::optional<std::string> need_of_v5(const RrSettings& settings) {
  if (settings.response_topic.empty()) return "a response topic of its own (without -e)";
  if (!settings.correlation_field.empty()) return std::nullopt;
  if (settings.response_topic.contains("{id}")) return "-e with {id} (without -V 311)";
  if (settings.many()) return "telling the answers to many requests apart";
  return std::nullopt;
}

Result<void> finish_rr(RrSettings& settings) {
  ConnectionSettings& connection = settings.connection;
  InputSettings& input = settings.input;
  if (!connection.needs_v5 && !below_v5(settings)) connection.needs_v5 = need_of_v5(settings);
  if (auto done = finish(connection); !done) return done;
  const bool reads_stdin = input.source == Source::whole_stdin || input.source == Source::lines;
  if (reads_stdin && connection.secrets.password_file == "-")
    return usage("standard input can't be both the password and the request");
  if (input.topics.empty() && connection.url_topic) {
    if (auto checked = check_topic_name(*connection.url_topic); !checked) return checked;
    input.topics.push_back(*connection.url_topic);
  }
  if (input.topics.empty() && !input.own_topics())
    return usage("no topic to publish the request to", "give one with -t");
  if (input.source == Source::none)
    return usage("no request to publish", "give one of -m TEXT, -f FILE, -s, -l and -n (empty)");
  input.delimiter = settings.delimiter;
  const bool one_try = !settings.many() && settings.request_retries == 0;
  if (one_try && !connection.timeout && !settings.answer_timeout)
    connection.timeout = std::chrono::seconds(30);
  if (settings.response_topic.empty() && !below_v5(settings)) {
    if (auto added = add_connect_property(connection.client.session); !added) return added;
  }
  // A request must not go before its subscription: the requester sends again what must be.
  connection.client.session.publish_again = false;
  if (auto checked = finish_asking(settings); !checked) return checked;
  if (auto checked = finish_payloads(settings.request_payload); !checked) return checked;
  share_payloads(settings.request_payload, settings.payload);
  if (auto checked = finish_output(settings); !checked) return checked;
  if (auto checked = check_places(settings.subscribe_properties, "subscribe"); !checked) return checked;
  return check_places(input.properties, "publish");
}

}  // namespace

OptionRows rr_options(RrSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(112);
  connection_options(rows, settings.connection);
  tls_options(rows, settings.connection);
  session_options(rows, settings.connection);
  const auto publish = [&settings]() -> PropertyList& { return settings.input.properties; };
  const auto subscribe = [&settings]() -> PropertyList& { return settings.subscribe_properties; };
  property_option(rows, settings.connection,
                  {{"publish", property_packet("publish"), publish},
                   {"subscribe", property_packet("subscribe"), subscribe}},
                  "connect publish subscribe disconnect will");
  will_options(rows, settings.connection);
  request_options(rows, settings);
  asking_options(rows, settings);
  payload_options(rows, settings.request_payload);
  answer_payload_options(rows, settings.payload);
  composing_options(rows, settings.compress, settings.skip_invalid);
  layout_options(rows, settings);
  decoding_options(rows, settings);
  general_options(rows, general, settings.connection);
  return rows;
}

const Program& rr_program() {
  static const Program program{.name = "mqtt-rr",
                               .summary = "send requests over MQTT and show the answers",
                               .synopsis =
                                   "[OPTION]... -t TOPIC {-m TEXT | -f FILE | -s | -n | -l}\n"
                                   "[OPTION]... -L mqtt://HOST/TOPIC {-m TEXT | ...}",
                               .prose = mqtt_rr_prose,
                               .commands = rr_commands()};
  return program;
}

Result<RrSettings> parse_rr(int argc, const char* const* argv, const Environment& environment) {
  Result<RrSettings> settings;
  default_window(settings->connection.client.session);
  General general;
  const OptionRows rows = rr_options(*settings, general);
  auto done = read_command_line(rr_program(), rows, general, settings->connection, arguments_of(argc, argv),
                                environment);
  if (done && !settings->connection.answer) done = finish_rr(*settings);
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

}  // namespace mq
