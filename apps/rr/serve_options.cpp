#include "rr/serve_options.hpp"

#include <fmt/core.h>

#include <array>
#include <string_view>
#include <utility>

#include "input/settings.hpp"
#include "prose/mqtt_rr_serve.hpp"
#include "rr/answer_routes.hpp"
#include "rr/serve.hpp"
#include "shared/common_options.hpp"
#include "shared/quantities.hpp"
#include "shared/store.hpp"
#include "wire/frame.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using How = ServeSettings::How;

// One way to answer at most; the same one again replaces what it said before.
Result<void> choose(ServeSettings& settings, How how, std::string_view option) {
  if (settings.how != How::none && settings.how != how)
    return usage(fmt::format("{} says already how to answer", settings.how_option),
                 "give one of --exec, --echo, --reply, --jq and --file");
  settings.how = how;
  settings.how_option = option;
  return {};
}

Result<void> store_size(ServeSettings& settings, std::string_view text) {
  const auto size = parse_size(text);
  if (!size || *size < 1 || *size > max_variable_integer)
    return usage(fmt::format("{} is not a size from 1 to {} bytes", quoted(text), max_variable_integer));
  settings.max_answer = size;
  return {};
}

void request_rows(OptionRows& rows, ServeSettings& settings) {
  constexpr auto group = OptionGroup::subscribe;
  rows.push_back(
      {.letter = 't',
       .name = "topic",
       .value = "FILTER",
       .group = group,
       .completion = Completion::topic,
       .repeats = true,
       .summary = "topic filter of the requests; may be given several times",
       .detail = "Topic filter of the requests to answer. $share/NAME/FILTER shares them with other "
                 "responders: each request goes to one of them. A request that several filters take in is "
                 "answered once for each.",
       .set = append_filter(settings.filters)});
  rows.push_back({.letter = 'q',
                  .name = "qos",
                  .value = "QOS",
                  .group = group,
                  .default_text = "2",
                  .choices = "0 1 2",
                  .summary = "highest QoS of requests and answers",
                  .detail = "Highest quality of service with which the server is to send requests. Each is "
                            "answered with its own.",
                  .set = store_qos(settings.qos)});
  rows.push_back({.letter = 'C',
                  .name = "count",
                  .value = "N",
                  .group = group,
                  .summary = "end after N answers",
                  .detail = "End after that many requests were answered.",
                  .set = store_number<std::uint64_t>(settings.count, 1)});
}

void way_rows(OptionRows& rows, ServeSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  command_rows(
      rows, settings, group,
      {.summary = "the answer is what a command writes",
       .detail = "Run this command for each request, the request on its standard input and the rest in "
                 "its environment; what it writes to standard output is the answer. It is split into "
                 "words as a shell does, quotes included, but no shell runs. See COMMANDS.",
       .jobs_detail = "Run up to so many commands at once, 1 to 1000, in no order."});
  rows.push_back({.name = "echo",
                  .group = group,
                  .summary = "the answer is the request",
                  .detail = "Answer with the request's payload, its content type and its payload format "
                            "indicator.",
                  .set = [&settings](OptionValues) { return choose(settings, How::echo, "--echo"); }});
  rows.push_back({.name = "reply",
                  .value = "TEMPLATE",
                  .group = group,
                  .summary = "the answer is a text with {payload}, {time} and the like",
                  .detail =
                      "Answer with this text, in which {topic} and {payload} are the request's, and {count}, "
                      "{time}, {time_ms}, {uuid}, {random A B} and {env NAME} are what mqtt-pub(1) says of "
                      "its templates.",
                  .set = [&settings](OptionValues values) {
                    settings.reply = values[0];
                    return choose(settings, How::reply, "--reply");
                  }});
  rows.push_back(
      {.name = "jq",
       .value = "PROGRAM",
       .group = group,
       .summary = "the answer is what a jq program makes of the request",
       .detail =
           "Answer with what this program in jq's language makes of the request, which it gets as "
           "that of mqtt-sub(1) does: its payload is .payload. Text has no quotes, several results "
           "are a line each; none at all is a failure. A program that does not end stops the responder: "
           "see PAYLOADS.",
       .set = [&settings](OptionValues values) -> Result<void> {
         if (values[0].empty()) return usage("an empty text is no jq program");
         settings.jq = values[0];
         return choose(settings, How::jq, "--jq");
       }});
  rows.push_back({.letter = 'f',
                  .name = "file",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .summary = "the answer is what FILE holds",
                  .detail = "Answer with the bytes of this file, which is read once, at the start.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (auto stored = store_path(settings.file)(values); !stored) return stored;
                    return choose(settings, How::file, "-f/--file");
                  }});
}

void bound_rows(OptionRows& rows, ServeSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back(
      {.name = "request-timeout",
       .value = "SECONDS",
       .group = group,
       .default_text = "30",
       .summary = "how long a request may take with --exec",
       .detail = "How many seconds after a request has come its command is ended, with all of its process "
                 "group, and the request answered with status timeout.",
       .set = store_seconds_above_0(settings.request_timeout)});
  rows.push_back({.name = "queue",
                  .value = "N",
                  .group = group,
                  .default_text = "1000",
                  .summary = "requests that may wait for their command",
                  .detail = "How many requests may wait for their command, and with their payloads no more "
                            "than 64 MiB; what comes beyond that is answered with status busy.",
                  .set = store_number<std::uint32_t>(settings.queue, 0)});
  rows.push_back({.name = "max-answer",
                  .value = "BYTES",
                  .group = group,
                  .default_text = "16M",
                  .summary = "largest answer that --exec or --jq may make",
                  .detail = "Largest answer that a command may write, or a jq program make, up to 268435455 "
                            "bytes; K and M are units. A longer one is a failure.",
                  .set = one_value(settings, store_size)});
}

void address_rows(OptionRows& rows, ServeSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back(
      {.letter = 'e',
       .name = "response-topic",
       .value = "PATTERN",
       .group = group,
       .completion = Completion::topic,
       .summary = "where answers go if the request does not say",
       .detail = "Topic for answers to requests that name no response topic, as those of MQTT 3.1.1 can't: "
                 "{topic} stands for the request's topic, {client} and {id} for its last two levels. Below "
                 "MQTT 5.0 it needs {topic} or {id}.",
       .set = [&settings](OptionValues values) -> Result<void> {
         auto pattern = TopicPattern::compile(values[0]);
         if (!pattern) return std::unexpected(std::move(pattern.error()));
         settings.pattern = std::move(*pattern);
         return {};
       }});
  rows.push_back({.name = "allow-response",
                  .value = "FILTER",
                  .group = group,
                  .completion = Completion::topic,
                  .repeats = true,
                  .summary = "answer only to topics that match",
                  .detail = "Topic filter that response topics have to match. May be given several times.",
                  .set = append_filter(settings.allowed)});
  rows.push_back({.name = "correlation-field",
                  .value = "NAME",
                  .group = group,
                  .summary = "JSON member that goes from request to answer",
                  .detail =
                      "Copy this member of requests that are JSON objects into their answers, which must be "
                      "JSON objects too: who asks over MQTT 3.1.1 tells answers apart by it.",
                  .set = store_text(settings.correlation_field)});
}

OptionRows serve_options(ServeSettings& settings, General& general) {
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
  request_rows(rows, settings);
  way_rows(rows, settings);
  bound_rows(rows, settings);
  address_rows(rows, settings);
  payload_options(rows, settings.payload);
  answer_payload_options(rows, settings.answer_payload);
  compress_option(rows, settings.compress);
  rows.push_back({.letter = 'v',
                  .name = "verbose",
                  .group = OptionGroup::output,
                  .summary = "show each request, its answer's topic and status",
                  .detail =
                      "Show a line for each request that is answered: its topic, that of the answer, how "
                      "long the answer took, and its status.",
                  .set = store_flag(settings.verbose)});
  general_options(rows, general, settings.connection);
  return rows;
}

OptionRows shown_rows() {
  static ServeSettings settings;
  static General general;
  return serve_options(settings, general);
}

Result<void> check_way(ServeSettings& settings) {
  if (!settings.exec.empty())
    if (auto chosen = choose(settings, How::exec, "--exec"); !chosen) return chosen;
  if (settings.how == How::none)
    return usage("it is not said how to answer", "give one of --exec, --echo, --reply, --jq and --file");
  if (settings.how == How::exec) return finish_words(settings);
  if (auto right = check_command_asked(settings); !right) return right;
  if (settings.request_timeout) return usage("--request-timeout means nothing without --exec");
  if (settings.queue != ServeSettings::usual_queue) return usage("--queue means nothing without --exec");
  if (settings.max_answer && settings.how != How::jq)
    return usage("--max-answer means nothing without --exec or --jq");
  return {};
}

// What belongs to the single request.
Result<void> check_properties_of_answers(const PropertyList& properties) {
  constexpr std::array<std::pair<PropertyId, std::string_view>, 3> own{
      {{PropertyId::response_topic, "an answer asks for no answer"},
       {PropertyId::correlation_data, "each answer has that of its request"},
       {PropertyId::topic_alias, "answers go to many topics"}}};
  for (const auto& [id, why] : own)
    if (properties.view().contains(id))
      return usage(fmt::format("-D publish {} is not for answers: {}",
                               find_property(static_cast<std::uint8_t>(id))->name, why));
  return check_places(properties, "publish");
}

Result<void> finish_serve(ServeSettings& settings) {
  ConnectionSettings& connection = settings.connection;
  if (auto done = finish(connection); !done) return done;
  if (connection.url_topic) {
    if (auto checked = check_topic_filter(*connection.url_topic); !checked) return checked;
    settings.filters.insert(settings.filters.begin(), *connection.url_topic);
  }
  if (settings.filters.empty()) return usage("no topic filter of requests", "give one with -t");
  if (auto checked = check_way(settings); !checked) return checked;
  if (auto checked = finish_payloads(settings.payload); !checked) return checked;
  const bool echo = settings.how == ServeSettings::How::echo;
  if (echo && (settings.compress || settings.answer_payload.asked()))
    return usage("--echo sends back what came, byte for byte",
                 "give no --compress and no --answer option with it");
  if (!echo) share_payloads(settings.payload, settings.answer_payload);
  const std::string& format = settings.answer_payload.format;
  if (!settings.correlation_field.empty() &&
      (settings.compress || !(format.empty() || format == "json" || format == "raw")))
    return usage("--correlation-field needs answers that are JSON objects",
                 "give no other format for them, and no --compress");
  if (auto checked = check_properties_of_answers(settings.properties); !checked) return checked;
  // A server that speaks no 5.0 shows only later.
  if (const auto routes = AnswerRoutes::make(settings.filters, settings.allowed, settings.pattern,
                                             connection.client.session.version);
      !routes)
    return std::unexpected(routes.error());
  connection.client.session.manual_acknowledgement = true;
  return check_places(settings.subscribe_properties, "subscribe");
}

}  // namespace

const Program& serve_program() {
  static constexpr Program program{.name = "mqtt-rr",
                                   .command = "serve",
                                   .summary = "answer requests over MQTT",
                                   .synopsis =
                                       "[OPTION]... -t FILTER... {--exec COMMAND | --echo | ...}\n"
                                       "[OPTION]... -L mqtt://HOST/FILTER {--reply TEMPLATE | ...}",
                                   .prose = mqtt_rr_serve_prose,
                                   .rows = shown_rows,
                                   .run = run_serve};
  return program;
}

Result<ServeSettings> parse_serve(int argc, const char* const* argv, const Environment& environment) {
  Result<ServeSettings> settings;
  settings->environment = environment;
  default_window(settings->connection.client.session);
  settings->connection.client.retry.after_loss.reset();
  General general;
  const OptionRows rows = serve_options(*settings, general);
  auto done = read_command_line(serve_program(), rows, general, settings->connection,
                                arguments_of(argc, argv), environment);
  if (done && !settings->connection.answer) done = finish_serve(*settings);
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

}  // namespace mq
