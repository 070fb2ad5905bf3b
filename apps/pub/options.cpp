#include "pub/options.hpp"

#include <fmt/core.h>

#include "prose/mqtt_pub.hpp"
#include "pub/rows.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Source = PubSettings::Source;

bool reads_stdin(const PubSettings& settings) {
  return settings.source == Source::lines || settings.source == Source::whole_stdin ||
         (settings.source == Source::replay && settings.replay == "-");
}

// Options that say how input is read, where there is none that they are about.
Result<void> finish_input(PubSettings& settings) {
  const bool lines = settings.source == Source::lines;
  const bool replay = settings.source == Source::replay;
  if (auto done = finish_lines(settings); !done) return done;
  if (settings.delimiter != '\n' && !lines && !replay)
    return usage("--null and --delimiter are about lines", "read them with -l");
  if (settings.speed && !replay) return usage("--speed is about a recording", "give one with --replay");
  if (!settings.map.empty() && !settings.own_topics())
    return usage("--map is about topics that messages bring with them",
                 "it goes with --replay, --input json and --line-format");
  // Byte for byte is what a recording is for.
  if (replay && settings.payload.asked())
    return usage("--replay sends payloads as they were recorded", "give no --format and no schema with it");
  return {};
}

Result<void> finish_making(PubSettings& settings) {
  const bool lines = settings.source == Source::lines;
  const bool replay = settings.source == Source::replay;
  if (settings.seed && !settings.templates && settings.source != Source::random)
    return usage("--seed is about random numbers", "they come from --size and --template");
  if (lines && settings.repeat > 1)
    return usage("--repeat does not go with -l", "it repeats the one message of -m, -f, -s or -n");
  if (replay && settings.repeat > 1 && settings.replay == "-")
    return usage("--repeat does not go with --replay -", "standard input can be read only once");
  if (settings.every && settings.repeat_delay > Duration::zero())
    return usage("--rate does not go with --repeat-delay", "give the one or the other");
  if (replay && (settings.every || settings.repeat_delay > Duration::zero()))
    return usage("a recording has pauses of its own", "--speed makes them shorter");
  if (settings.line_in_message && !settings.templates)
    return usage("there is another source of messages already",
                 "give one of -m and -l, or --template, which puts each line into the text of -m");
  if (settings.line_in_message && (settings.line_format || settings.json_input))
    return usage("-m with -l takes whole lines", "leave --line-format and --input out");
  if (settings.templates && (replay || settings.json_input))
    return usage("--template does not go with messages that are read as JSON");
  return {};
}

Result<void> finish_pub(PubSettings& settings) {
  if (auto done = finish(settings.connection); !done) return done;
  if (reads_stdin(settings) && settings.connection.secrets.password_file == "-")
    return usage("standard input can't be both the password and what is published");
  if (const auto& topic = settings.connection.url_topic) {
    if (auto checked = check_topic_name(*topic); !checked) return checked;
    settings.topics.insert(settings.topics.begin(), *topic);
  }
  if (settings.topics.empty() && !settings.own_topics())
    return usage("no topic to publish to", "give one with -t");
  if (settings.source == Source::none) {
    return usage("no message to publish",
                 "give one of -m TEXT, -f FILE, -s, -l (lines of input), -n (empty), --size and --replay");
  }
  if (auto checked = finish_input(settings); !checked) return checked;
  if (auto checked = finish_making(settings); !checked) return checked;
  if (auto checked = finish_payloads(settings.payload); !checked) return checked;
  return check_places(settings.properties, "publish");
}

}  // namespace

OptionRows pub_options(PubSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(104);
  connection_options(rows, settings.connection);
  tls_options(rows, settings.connection);
  session_options(rows, settings.connection);
  const auto list = [&settings]() -> PropertyList& { return settings.properties; };
  property_option(rows, settings.connection, {{"publish", property_packet("publish"), list}},
                  "connect publish disconnect will");
  will_options(rows, settings.connection);
  message_rows(rows, settings);
  input_rows(rows, settings);
  making_rows(rows, settings);
  payload_options(rows, settings.payload);
  general_options(rows, general, settings.connection);
  return rows;
}

const Program& pub_program() {
  static constexpr Program program{.name = "mqtt-pub",
                                   .summary = "publish messages to an MQTT server",
                                   .synopsis =
                                       "[OPTION]... -t TOPIC {-m TEXT | -f FILE | -s | -l | -n}\n"
                                       "[OPTION]... -L mqtt://HOST/TOPIC {-m TEXT | -f FILE | ...}\n"
                                       "[OPTION]... {--replay FILE | -t TOPIC --size BYTES}",
                                   .prose = mqtt_pub_prose};
  return program;
}

Result<PubSettings> parse_pub(int argc, const char* const* argv, const Environment& environment) {
  Result<PubSettings> settings;
  settings->environment = environment;
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
