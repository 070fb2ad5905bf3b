#include "pub/options.hpp"

#include <fmt/format.h>

#include "prose/mqtt_pub.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Source = PubSettings::Source;

// One message source at most; the same one again replaces what it said before.
Result<void> choose(PubSettings& settings, Source source) {
  if (settings.source != Source::none && settings.source != source) {
    return usage("there is another source of messages already", "give one of -m, -f, -s, -l and -n");
  }
  settings.source = source;
  return {};
}

OptionSetter choose_source(PubSettings& settings, Source source) {
  return [&settings, source](OptionValues) { return choose(settings, source); };
}

void message_options(OptionRows& rows, PubSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back({.letter = 't',
                  .name = "topic",
                  .value = "TOPIC",
                  .group = group,
                  .completion = Completion::topic,
                  .repeats = true,
                  .summary = "topic to publish to; may be given several times",
                  .detail = "Topic to publish to. Every message goes to each of the topics, in their order.",
                  .set = append_topic(settings.topics)});
  rows.push_back({.letter = 'm',
                  .name = "message",
                  .value = "TEXT",
                  .group = group,
                  .summary = "publish TEXT",
                  .detail = "Publish one message with this payload, byte for byte. It may be empty.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    settings.message = Buffer(values[0]);
                    return choose(settings, Source::message);
                  }});
  rows.push_back({.letter = 'f',
                  .name = "file",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .summary = "publish what FILE holds as one message",
                  .detail = "Publish one message with the bytes of this file as payload.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (auto stored = store_path(settings.file)(values); !stored) return stored;
                    return choose(settings, Source::file);
                  }});
  rows.push_back({.letter = 's',
                  .name = "stdin-file",
                  .group = group,
                  .summary = "publish all of standard input as one message",
                  .detail = "Publish one message with everything that standard input holds.",
                  .set = choose_source(settings, Source::whole_stdin)});
  rows.push_back({.letter = 'l',
                  .name = "stdin-line",
                  .group = group,
                  .summary = "publish every line of standard input",
                  .detail =
                      "Publish each line of standard input as a message of its own, without its newline; an "
                      "empty line is an empty message. Lines are sent as they come, and read no faster than "
                      "the connection takes them.",
                  .set = choose_source(settings, Source::lines)});
  rows.push_back(
      {.letter = 'n',
       .name = "null-message",
       .group = group,
       .summary = "publish an empty message",
       .detail = "Publish one message without payload. With -r it removes the topic's retained message.",
       .set = choose_source(settings, Source::null)});
  rows.push_back({.letter = 'q',
                  .name = "qos",
                  .value = "QOS",
                  .group = group,
                  .default_text = "0",
                  .choices = "0 1 2",
                  .summary = "QoS of the messages",
                  .detail =
                      "Quality of service: 0 sends once and forgets, 1 makes sure that the server has the "
                      "message at least once, 2 exactly once.",
                  .set = store_qos(settings.qos)});
  rows.push_back({.letter = 'r',
                  .name = "retain",
                  .group = group,
                  .summary = "have the messages retained",
                  .detail = "Have the server keep each message as its topic's retained message, for whoever "
                            "subscribes later.",
                  .set = store_flag(settings.retain)});
  rows.push_back({.name = "repeat",
                  .value = "N",
                  .group = group,
                  .default_text = "1",
                  .summary = "publish the message N times",
                  .detail = "Publish the message of -m, -f, -s or -n that many times.",
                  .set = store_number<std::uint64_t>(settings.repeat, 1)});
  rows.push_back({.name = "repeat-delay",
                  .value = "SECONDS",
                  .group = group,
                  .default_text = "0",
                  .summary = "pause between the repetitions",
                  .detail = "Seconds to wait before each repetition, fractions allowed.",
                  .set = store_seconds(settings.repeat_delay)});
}

Result<void> store_compression(PubSettings& settings, std::string_view text) {
  settings.compress = find_compression(text);
  if (!settings.compress) return usage(fmt::format("{} is none of gzip, deflate, zstd", quoted(text)));
  return {};
}

void sending_options(OptionRows& rows, PubSettings& settings) {
  rows.push_back({.name = "compress",
                  .value = "HOW",
                  .group = OptionGroup::payload,
                  .choices = "gzip deflate zstd",
                  .summary = "compress payloads",
                  .detail =
                      "Compress each payload after it was brought into its format: gzip, deflate (zlib), "
                      "or zstd. Subscribers of this kit read gzip and zstd by themselves.",
                  .set = one_value(settings, store_compression)});
  rows.push_back({.name = "on-invalid",
                  .value = "WHAT",
                  .group = OptionGroup::payload,
                  .default_text = "stop",
                  .choices = "stop skip",
                  .summary = "what to do about a line that can't be sent",
                  .detail = "With -l, what to do about a line that its format can't hold or that breaks its "
                            "schema: stop, or skip it. Either way it is told with its number, and the exit "
                            "status tells.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (!has_word("stop skip", values[0]))
                      return usage(fmt::format("{} is neither stop nor skip", quoted(values[0])));
                    settings.skip_invalid = values[0] == "skip";
                    return {};
                  }});
}

Result<void> finish_pub(PubSettings& settings) {
  if (auto done = finish(settings.connection); !done) return done;
  const bool reads_stdin =
      settings.source == PubSettings::Source::lines || settings.source == PubSettings::Source::whole_stdin;
  if (reads_stdin && settings.connection.secrets.password_file == "-")
    return usage("standard input can't be both the password and what is published");
  if (const auto& topic = settings.connection.url_topic) {
    if (auto checked = check_topic_name(*topic); !checked) return checked;
    settings.topics.insert(settings.topics.begin(), *topic);
  }
  if (settings.topics.empty()) return usage("no topic to publish to", "give one with -t");
  if (settings.source == Source::none) {
    return usage("no message to publish",
                 "give one of -m TEXT, -f FILE, -s, -l (lines of input) and -n (empty)");
  }
  if (settings.source == Source::lines && settings.repeat > 1) {
    return usage("--repeat does not go with -l", "it repeats the one message of -m, -f, -s or -n");
  }
  if (auto checked = finish_payloads(settings.payload); !checked) return checked;
  return check_places(settings.properties, "publish");
}

}  // namespace

OptionRows pub_options(PubSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(88);
  connection_options(rows, settings.connection);
  tls_options(rows, settings.connection);
  session_options(rows, settings.connection);
  const auto list = [&settings]() -> PropertyList& { return settings.properties; };
  property_option(rows, settings.connection, {{"publish", property_packet("publish"), list}},
                  "connect publish disconnect will");
  will_options(rows, settings.connection);
  message_options(rows, settings);
  payload_options(rows, settings.payload);
  sending_options(rows, settings);
  general_options(rows, general, settings.connection);
  return rows;
}

const Program& pub_program() {
  static constexpr Program program{.name = "mqtt-pub",
                                   .summary = "publish messages to an MQTT server",
                                   .synopsis =
                                       "[OPTION]... -t TOPIC {-m TEXT | -f FILE | -s | -l | -n}\n"
                                       "[OPTION]... -L mqtt://HOST/TOPIC {-m TEXT | -f FILE | ...}",
                                   .prose = mqtt_pub_prose};
  return program;
}

Result<PubSettings> parse_pub(int argc, const char* const* argv, const Environment& environment) {
  Result<PubSettings> settings;
  default_window(settings->connection.client.session);
  General general;
  const OptionRows rows = pub_options(*settings, general);
  auto done = read_command_line(pub_program(), rows, general, settings->connection, arguments_of(argc, argv),
                                environment);
  if (done && !settings->connection.answer) done = finish_pub(*settings);
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

}  // namespace mq
