#include "sub/options.hpp"

#include <fmt/core.h>

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

void choice_options(OptionRows& rows, SubSettings& settings) {
  constexpr auto group = OptionGroup::output;
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

constexpr ChoiceRow<SubSettings::OnInvalid> on_invalid_choices[] = {{"show", SubSettings::OnInvalid::show},
                                                                    {"only", SubSettings::OnInvalid::only},
                                                                    {"hide", SubSettings::OnInvalid::hide},
                                                                    {"stop", SubSettings::OnInvalid::stop}};

void verdict_options(OptionRows& rows, SubSettings& settings) {
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
}

Result<void> check_combinations(const SubSettings& settings) {
  if (settings.hide_retained && settings.retained_only)
    return usage("-R and --retained-only exclude each other");
  if (settings.hide_retained && settings.remove_retained) {
    return usage("-R and --remove-retained exclude each other", "with -R no retained message is asked for");
  }
  if (settings.exit_when_subscribed && settings.count > 0) return usage("-C and -E exclude each other");
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
  if (auto done = finish_figures(settings); !done) return done;
  if (settings.filters.empty() && settings.unsubscribes.empty()) {
    return usage("no topic filter to subscribe to", "give one with -t");
  }
  if (auto checked = check_combinations(settings); !checked) return checked;
  if (auto checked = finish_output(settings); !checked) return checked;
  if (auto checked = check_expectations(settings); !checked) return checked;
  if (auto done = finish_command(settings); !done) return done;
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
  expectation_options(rows, settings);
  payload_options(rows, settings.payload);
  layout_options(rows, settings);
  choice_options(rows, settings);
  decoding_options(rows, settings);
  verdict_options(rows, settings);
  command_options(rows, settings);
  figure_options(rows, settings);
  general_options(rows, general, settings.connection);
  return rows;
}

const Program& sub_program() {
  static constexpr Program program{.name = "mqtt-sub",
                                   .summary = "subscribe to topics of an MQTT server and show the messages",
                                   .synopsis =
                                       "[OPTION]... -t FILTER...\n[OPTION]... -L mqtt://HOST/FILTER\n"
                                       "[OPTION]... --sys",
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
