#include "sub/options.hpp"

#include <fmt/format.h>

#include "prose/mqtt_sub.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

Result<void> store_retain_handling(SubSettings& settings, std::string_view text) {
  if (text == "always") {
    settings.retain_handling = RetainHandling::always;
  } else if (text == "new") {
    settings.retain_handling = RetainHandling::new_only;
  } else if (text == "never") {
    settings.retain_handling = RetainHandling::never;
  } else {
    return usage(fmt::format("{} is none of always, new, never", quoted(text)));
  }
  return {};
}

Result<void> store_random_filter(SubSettings& settings, std::string_view text) {
  const auto share = parse_number<double>(text);
  if (!share || !(*share >= 0.1 && *share <= 100)) {
    return usage(fmt::format("{} is not a share from 0.1 to 100 per cent", quoted(text)));
  }
  settings.random_filter = *share;
  return {};
}

void subscribe_options(OptionRows& rows, SubSettings& settings) {
  constexpr auto group = OptionGroup::subscribe;
  rows.push_back(
      {.letter = 't',
       .name = "topic",
       .value = "FILTER",
       .group = group,
       .completion = Completion::topic,
       .repeats = true,
       .summary = "topic filter to subscribe to; may be given several times",
       .detail = "Topic filter to subscribe to: + stands for one level, # at the end for all that follow, "
                 "and $share/NAME/FILTER shares the messages with other clients.",
       .set = append_filter(settings.filters)});
  rows.push_back({.letter = 'q',
                  .name = "qos",
                  .value = "QOS",
                  .group = group,
                  .default_text = "0",
                  .choices = "0 1 2",
                  .summary = "highest QoS to receive with",
                  .detail = "Highest quality of service with which the server is to send messages.",
                  .set = store_qos(settings.qos)});
  rows.push_back({.letter = 'U',
                  .name = "unsubscribe",
                  .value = "FILTER",
                  .group = group,
                  .completion = Completion::topic,
                  .repeats = true,
                  .summary = "unsubscribe from FILTER once subscribed",
                  .detail =
                      "Topic filter to unsubscribe from, after all subscriptions: a kept session may hold it "
                      "from an earlier run.",
                  .set = append_filter(settings.unsubscribes)});
  rows.push_back({.name = "no-local",
                  .group = group,
                  .v5_only = true,
                  .summary = "no messages that this client published",
                  .detail = "Do not receive messages that this client published itself.",
                  .set = store_flag(settings.no_local)});
  rows.push_back(
      {.name = "retain-as-published",
       .group = group,
       .v5_only = true,
       .summary = "keep the retain flag as the publisher set it",
       .detail = "Have the server leave the retain flag as the publisher set it; otherwise it is set only on "
                 "messages that were retained when the subscription was made.",
       .set = store_flag(settings.retain_as_published)});
  rows.push_back({.name = "retain-handling",
                  .value = "WHEN",
                  .group = group,
                  .default_text = "always",
                  .choices = "always new never",
                  .v5_only = true,
                  .summary = "when to get retained messages",
                  .detail =
                      "When the server is to send retained messages: with every subscription, only with one "
                      "that is new to the session, or never.",
                  .set = one_value(settings, store_retain_handling)});
}

void end_options(OptionRows& rows, SubSettings& settings) {
  constexpr auto group = OptionGroup::subscribe;
  rows.push_back({.letter = 'C',
                  .name = "count",
                  .value = "N",
                  .group = group,
                  .summary = "end after N messages",
                  .detail = "End after that many messages were shown.",
                  .set = store_number<std::uint64_t>(settings.count, 1)});
  rows.push_back({.letter = 'E',
                  .name = "exit-when-subscribed",
                  .group = group,
                  .summary = "end once the server has acknowledged all",
                  .detail =
                      "End as soon as the server has acknowledged all subscriptions: with -c, to leave a "
                      "session behind that collects messages.",
                  .set = store_flag(settings.exit_when_subscribed)});
  rows.push_back(
      {.letter = 'R',
       .name = "no-retained",
       .group = group,
       .summary = "show no retained messages",
       .detail = "Show no message with the retain flag, and at MQTT 5.0 ask the server not to send any.",
       .set = store_flag(settings.hide_retained)});
  rows.push_back({.name = "retained-only",
                  .group = group,
                  .summary = "show retained messages, end at a live one",
                  .detail =
                      "Show only retained messages, and end when the first message without the retain flag "
                      "arrives. With -W the run ends when none comes.",
                  .set = store_flag(settings.retained_only)});
  rows.push_back(
      {.name = "remove-retained",
       .group = group,
       .summary = "remove each retained message that arrives",
       .detail = "Remove each retained message that arrives from the server, by publishing an empty one to "
                 "its topic. There is no way back.",
       .set = store_flag(settings.remove_retained)});
}

void output_options(OptionRows& rows, SubSettings& settings) {
  constexpr auto group = OptionGroup::output;
  rows.push_back({.letter = 'v',
                  .name = "verbose",
                  .group = group,
                  .summary = "show the topic before the payload",
                  .detail = "Show each message as its topic, a space and its payload. -F goes before it.",
                  .set = store_flag(settings.verbose)});
  rows.push_back({.letter = 'F',
                  .name = "output-format",
                  .value = "FORMAT",
                  .group = group,
                  .summary = "how to show a message, e.g. '%I %t %p'",
                  .detail = "How to show a message; see OUTPUT FORMAT.",
                  .set = store_bytes(settings.format)});
  rows.push_back({.letter = 'N',
                  .name = "no-newline",
                  .group = group,
                  .summary = "no newline after a message",
                  .detail = "Do not put a newline after each message.",
                  .set = store_flag(settings.no_newline)});
  rows.push_back({.name = "pretty",
                  .group = group,
                  .summary = "spread JSON over several lines",
                  .detail =
                      "Spread the JSON of %j, %J and decoded payloads over several indented lines. On a "
                      "terminal decoded payloads always are.",
                  .set = store_flag(settings.pretty)});
  rows.push_back({.letter = 'T',
                  .name = "filter-out",
                  .value = "FILTER",
                  .group = group,
                  .completion = Completion::topic,
                  .repeats = true,
                  .summary = "do not show messages whose topic matches",
                  .detail = "Topic filter whose messages are received but not shown.",
                  .set = append_filter(settings.filters_out)});
  rows.push_back({.name = "random-filter",
                  .value = "PERCENT",
                  .group = group,
                  .default_text = "100",
                  .summary = "show only that share, drawn by lot",
                  .detail = "Show only that share of the messages, 0.1 to 100 per cent, drawn by lot.",
                  .set = one_value(settings, store_random_filter)});
}

template <class Choice>
struct ChoiceRow {
  std::string_view word;
  Choice choice;
};

// One of the words of `rows`.
template <class Choice, std::size_t Size, class Target>
OptionSetter store_choice(Target& target, const ChoiceRow<Choice> (&rows)[Size]) {
  return [&target, &rows](OptionValues values) -> Result<void> {
    std::string known;
    for (const ChoiceRow<Choice>& row : rows) {
      if (row.word == values[0]) {
        target = row.choice;
        return {};
      }
      known.append(known.empty() ? "" : ", ").append(row.word);
    }
    return usage(fmt::format("{} is none of {}", quoted(values[0]), known));
  };
}

constexpr ChoiceRow<SubSettings::OnInvalid> on_invalid_choices[] = {{"show", SubSettings::OnInvalid::show},
                                                                    {"only", SubSettings::OnInvalid::only},
                                                                    {"hide", SubSettings::OnInvalid::hide},
                                                                    {"stop", SubSettings::OnInvalid::stop}};
constexpr ChoiceRow<SubSettings::Show> show_choices[] = {{"auto", SubSettings::Show::automatic},
                                                         {"json", SubSettings::Show::json},
                                                         {"native", SubSettings::Show::native}};
constexpr ChoiceRow<SubSettings::Colour> colour_choices[] = {{"auto", SubSettings::Colour::automatic},
                                                             {"always", SubSettings::Colour::always},
                                                             {"never", SubSettings::Colour::never}};

constexpr ChoiceRow<SubSettings::Output> output_choices[] = {{"text", SubSettings::Output::text},
                                                             {"json", SubSettings::Output::json}};

void decoding_options(OptionRows& rows, SubSettings& settings) {
  rows.push_back({.name = "output",
                  .value = "FORMAT",
                  .group = OptionGroup::output,
                  .default_text = "text",
                  .choices = "text json",
                  .summary = "messages as text, or as JSON objects, one a line",
                  .detail =
                      "How messages are written: as text, or each as a JSON object on a line of its own with "
                      "everything that belongs to it, whatever its payload; see JQ for its members.",
                  .set = store_choice(settings.output, output_choices)});
  rows.push_back({.name = "on-invalid",
                  .value = "WHAT",
                  .group = OptionGroup::payload,
                  .default_text = "show",
                  .choices = "show only hide stop",
                  .summary = "what to do about messages that are not valid",
                  .detail =
                      "What to do about messages that are not valid: show them with the others, show only "
                      "them, hide them, or stop at the first. In any case the exit status tells.",
                  .set = store_choice(settings.on_invalid, on_invalid_choices)});
  rows.push_back({.name = "show",
                  .value = "HOW",
                  .group = OptionGroup::output,
                  .default_text = "auto",
                  .choices = "auto json native",
                  .summary = "decoded payloads as JSON or in their own notation",
                  .detail =
                      "How decoded payloads are shown: as JSON, or in the format's own notation, such as "
                      "CBOR's diagnostic notation, the text format of Protocol Buffers, or a table of "
                      "Sparkplug metrics. \"auto\" is native on a terminal, JSON elsewhere.",
                  .set = store_choice(settings.show, show_choices)});
  rows.push_back({.name = "color",
                  .aliases = "colour",
                  .value = "WHEN",
                  .group = OptionGroup::output,
                  .default_text = "auto",
                  .choices = "auto always never",
                  .summary = "colour in decoded payloads",
                  .detail =
                      "Whether decoded payloads are coloured; \"auto\" is on a terminal, unless NO_COLOR "
                      "is set.",
                  .set = store_choice(settings.colour, colour_choices)});
  rows.push_back({.name = "jq",
                  .value = "PROGRAM",
                  .group = OptionGroup::output,
                  .summary = "show what a jq program makes of each message",
                  .detail =
                      "Show what this program in jq's language makes of each message, one result a line, "
                      "text without quotes; see JQ. Messages of which it makes nothing are not counted by "
                      "-C. A number that jq can't hold exactly is an error unless it is only passed on.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (values[0].empty())
                      return usage("an empty text is no jq program", "to show all of a message: .");
                    settings.jq = values[0];
                    return {};
                  }});
}

Result<void> check_combinations(const SubSettings& settings) {
  if (settings.hide_retained && settings.retained_only)
    return usage("-R and --retained-only exclude each other");
  if (settings.hide_retained && settings.remove_retained) {
    return usage("-R and --remove-retained exclude each other", "with -R no retained message is asked for");
  }
  if (settings.exit_when_subscribed && settings.count > 0) return usage("-C and -E exclude each other");
  if (!settings.jq.empty() && settings.format)
    return usage("--jq and -F exclude each other",
                 "let the program make the line: '\"\\(.topic) \\(.payload)\"'");
  if (settings.output == SubSettings::Output::json && (settings.format || !settings.jq.empty()))
    return usage("--output json goes neither with -F nor with --jq");
  if (settings.on_invalid && !settings.payload.reader.validate)
    return usage("--on-invalid means nothing without --validate or --schema");
  if (settings.no_local) {
    for (const std::string& filter : settings.filters) {
      if (is_shared(filter)) {  // [MQTT-3.8.3-4]
        return usage(fmt::format("--no-local does not go with the shared subscription {}", quoted(filter)));
      }
    }
  }
  return {};
}

Result<void> finish_sub(SubSettings& settings) {
  if (auto done = finish(settings.connection); !done) return done;
  if (const auto& filter = settings.connection.url_topic) {
    if (auto checked = check_topic_filter(*filter); !checked) return checked;
    settings.filters.insert(settings.filters.begin(), *filter);
  }
  if (settings.filters.empty() && settings.unsubscribes.empty()) {
    return usage("no topic filter to subscribe to", "give one with -t");
  }
  if (auto checked = check_combinations(settings); !checked) return checked;
  if (auto checked = finish_payloads(settings.payload); !checked) return checked;
  if (settings.hide_retained) settings.retain_handling = RetainHandling::never;
  if (auto checked = check_places(settings.subscribe_properties, "subscribe"); !checked) return checked;
  return check_places(settings.unsubscribe_properties, "unsubscribe");
}

}  // namespace

OptionRows sub_options(SubSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(96);
  connection_options(rows, settings.connection);
  tls_options(rows, settings.connection);
  session_options(rows, settings.connection);
  const auto subscribe = [&settings]() -> PropertyList& { return settings.subscribe_properties; };
  const auto unsubscribe = [&settings]() -> PropertyList& { return settings.unsubscribe_properties; };
  property_option(rows, settings.connection,
                  {{"subscribe", property_packet("subscribe"), subscribe},
                   {"unsubscribe", property_packet("unsubscribe"), unsubscribe}},
                  "connect subscribe unsubscribe disconnect will");
  will_options(rows, settings.connection);
  subscribe_options(rows, settings);
  end_options(rows, settings);
  payload_options(rows, settings.payload);
  output_options(rows, settings);
  decoding_options(rows, settings);
  general_options(rows, general, settings.connection);
  return rows;
}

const Program& sub_program() {
  static constexpr Program program{.name = "mqtt-sub",
                                   .summary = "subscribe to topics of an MQTT server and show the messages",
                                   .synopsis = "[OPTION]... -t FILTER...\n[OPTION]... -L mqtt://HOST/FILTER",
                                   .prose = mqtt_sub_prose};
  return program;
}

Result<SubSettings> parse_sub(int argc, const char* const* argv, const Environment& environment) {
  Result<SubSettings> settings;
  default_window(settings->connection.client.session);
  settings->connection.client.retry.after_loss.reset();
  General general;
  const OptionRows rows = sub_options(*settings, general);
  auto done = read_command_line(sub_program(), rows, general, settings->connection, arguments_of(argc, argv),
                                environment);
  if (done && !settings->connection.answer) done = finish_sub(*settings);
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

}  // namespace mq
