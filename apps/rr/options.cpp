#include "rr/options.hpp"

#include <fmt/format.h>

#include "prose/mqtt_rr.hpp"
#include "rr/commands.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Source = RrSettings::Source;

OptionSetter store_topic(std::string& target) {
  return [&target](OptionValues values) -> Result<void> {
    if (auto checked = check_topic_name(values[0]); !checked) return checked;
    target = values[0];
    return {};
  };
}

// One source of the request at most; the same one again replaces what it said before.
Result<void> choose(RrSettings& settings, Source source) {
  if (settings.source != Source::none && settings.source != source)
    return usage("there is a request already", "give one of -m, -f, -s and -n");
  settings.source = source;
  return {};
}

OptionSetter choose_source(RrSettings& settings, Source source) {
  return [&settings, source](OptionValues) { return choose(settings, source); };
}

void request_options(OptionRows& rows, RrSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back({.letter = 't',
                  .name = "topic",
                  .value = "TOPIC",
                  .group = group,
                  .completion = Completion::topic,
                  .summary = "topic to publish the request to",
                  .detail = "Topic to publish the request to.",
                  .set = store_topic(settings.topic)});
  rows.push_back({.letter = 'e',
                  .name = "response-topic",
                  .value = "TOPIC",
                  .group = group,
                  .completion = Completion::topic,
                  .summary = "topic for the answer; default: one of its own",
                  .detail =
                      "Topic that the answer is to come to. Without it one is made that nobody else has: "
                      "below what the server offers as response information, if it does, else below "
                      "mqttkit/answers. MQTT 3.1.1 can't tell it to whoever answers: there it must be "
                      "given.",
                  .set = store_topic(settings.response_topic)});
  rows.push_back({.letter = 'm',
                  .name = "message",
                  .value = "TEXT",
                  .group = group,
                  .summary = "the request is TEXT",
                  .detail = "Publish this as the request, byte for byte. It may be empty.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    settings.message = Buffer(values[0]);
                    return choose(settings, Source::message);
                  }});
  rows.push_back({.letter = 'f',
                  .name = "file",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .summary = "the request is what FILE holds",
                  .detail = "Publish the bytes of this file as the request.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (auto stored = store_path(settings.file)(values); !stored) return stored;
                    return choose(settings, Source::file);
                  }});
  rows.push_back({.letter = 's',
                  .name = "stdin-file",
                  .group = group,
                  .summary = "the request is all of standard input",
                  .detail = "Publish everything that standard input holds as the request.",
                  .set = choose_source(settings, Source::whole_stdin)});
  rows.push_back({.letter = 'n',
                  .name = "null-message",
                  .group = group,
                  .summary = "the request is empty",
                  .detail = "Publish a request without payload.",
                  .set = choose_source(settings, Source::null)});
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
                  .set = store_qos(settings.qos)});
}

Result<void> add_connect_property(SessionConfig& session) {
  if (session.properties.view().contains(PropertyId::request_response_information)) return {};
  return session.properties.add(PropertyId::request_response_information, 1);
}

Result<void> finish_rr(RrSettings& settings) {
  ConnectionSettings& connection = settings.connection;
  // Below 5.0 nobody can be told where to answer.
  if (settings.response_topic.empty() && !connection.needs_v5)
    connection.needs_v5 = "a response topic of its own (without -e)";
  if (auto done = finish(connection); !done) return done;
  if (settings.source == Source::whole_stdin && connection.secrets.password_file == "-")
    return usage("standard input can't be both the password and the request");
  if (settings.topic.empty() && connection.url_topic) {
    if (auto checked = check_topic_name(*connection.url_topic); !checked) return checked;
    settings.topic = *connection.url_topic;
  }
  if (settings.topic.empty()) return usage("no topic to publish the request to", "give one with -t");
  if (settings.source == Source::none)
    return usage("no request to publish", "give one of -m TEXT, -f FILE, -s and -n (empty)");
  if (settings.response_topic.empty()) {
    if (auto added = add_connect_property(connection.client.session); !added) return added;
  }
  if (auto checked = finish_output(settings); !checked) return checked;
  if (auto checked = finish_payloads(settings.payload); !checked) return checked;
  if (auto checked = check_places(settings.subscribe_properties, "subscribe"); !checked) return checked;
  return check_places(settings.properties, "publish");
}

}  // namespace

OptionRows rr_options(RrSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(96);
  connection_options(rows, settings.connection);
  tls_options(rows, settings.connection);
  session_options(rows, settings.connection);
  const auto publish = [&settings]() -> PropertyList& { return settings.properties; };
  const auto subscribe = [&settings]() -> PropertyList& { return settings.subscribe_properties; };
  property_option(rows, settings.connection,
                  {{"publish", property_packet("publish"), publish},
                   {"subscribe", property_packet("subscribe"), subscribe}},
                  "connect publish subscribe disconnect will");
  will_options(rows, settings.connection);
  request_options(rows, settings);
  payload_options(rows, settings.payload);
  layout_options(rows, settings);
  decoding_options(rows, settings);
  general_options(rows, general, settings.connection);
  for (OptionRow& row : rows)
    if (row.name == "timeout") row.default_text = "30";
  return rows;
}

const Program& rr_program() {
  static const Program program{.name = "mqtt-rr",
                               .summary = "send a request over MQTT and show the answer",
                               .synopsis =
                                   "[OPTION]... -t TOPIC [-e TOPIC] {-m TEXT | -f FILE | -s | -n}\n"
                                   "[OPTION]... -L mqtt://HOST/TOPIC [-e TOPIC] {-m TEXT | ...}",
                               .prose = mqtt_rr_prose,
                               .commands = rr_commands()};
  return program;
}

Result<RrSettings> parse_rr(int argc, const char* const* argv, const Environment& environment) {
  Result<RrSettings> settings;
  default_window(settings->connection.client.session);
  settings->connection.timeout = std::chrono::seconds(30);
  General general;
  const OptionRows rows = rr_options(*settings, general);
  auto done = read_command_line(rr_program(), rows, general, settings->connection, arguments_of(argc, argv),
                                environment);
  if (done && !settings->connection.answer) done = finish_rr(*settings);
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

}  // namespace mq
