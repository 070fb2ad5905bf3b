// What is published and what is subscribed to.
#include <fmt/core.h>

#include <utility>

#include "bench/quantities.hpp"
#include "bench/rows.hpp"
#include "input/settings.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

constexpr ChoiceRow<std::optional<StampPlace>> stamp_choices[] = {{"auto", std::nullopt},
                                                                  {"payload", StampPlace::payload},
                                                                  {"property", StampPlace::user_property},
                                                                  {"none", StampPlace::none}};

// Names in braces are looked at when all is known.
Result<void> store_topic(std::string& target, std::string_view text) {
  if (auto checked = check_topic_name(text); !checked) return checked;
  target = text;
  return {};
}

Result<void> store_sizes(PayloadPlan& plan, std::string_view text) {
  auto sizes = parse_sizes(text);
  if (!sizes) return std::unexpected(std::move(sizes.error()));
  plan.size = *sizes;
  return {};
}

Result<void> store_text_payload(PayloadPlan& plan, std::string_view text) {
  plan.kind = PayloadPlan::Kind::text;
  plan.text = text;
  plan.path.clear();
  return {};
}

Result<void> store_file_payload(PayloadPlan& plan, std::string_view text) {
  if (text.empty()) return usage("the file name is empty");
  plan.kind = PayloadPlan::Kind::text;
  plan.text.clear();
  plan.path = text;
  return {};
}

Result<void> store_data_by(DataPlan& plan, std::string_view text) {
  if (!has_word("client message", text))
    return usage(fmt::format("{} is neither client nor message", quoted(text)));
  plan.by_message = text == "message";
  return {};
}

Result<void> store_group(std::string& target, std::string_view text) {
  if (text.empty() || text.find_first_of("/+#") != text.npos)
    return usage(fmt::format("{} is no name of a shared subscription", quoted(text)));
  if (auto checked = check_mqtt_text(text); !checked) return checked;
  target = text;
  return {};
}

}  // namespace

void topic_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text) {
  add(rows, settings,
      {.letter = 't',
       .name = "topic",
       .value = "TOPIC",
       .group = OptionGroup::publish,
       .default_text = default_text,
       .completion = Completion::topic,
       .summary = "topic to publish to, a template",
       .detail = "Topic to publish to; what stands in braces is filled in, see TEMPLATES.",
       .set = one_value(settings.topic, store_topic)});
}

void qos_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text,
             std::string_view detail) {
  add(rows, settings,
      {.letter = 'q',
       .name = "qos",
       .value = "QOS",
       .group = OptionGroup::publish,
       .default_text = default_text,
       .choices = "0 1 2",
       .summary = "QoS of messages and subscriptions",
       .detail = detail,
       .set = store_qos(settings.qos)});
}

void retain_row(OptionRows& rows, LoadSettings& settings) {
  add(rows, settings,
      {.letter = 'r',
       .name = "retain",
       .group = OptionGroup::publish,
       .summary = "have the messages retained",
       .detail = "Have the server keep each message as its topic's retained message.",
       .set = store_flag(settings.retain)});
}

void payload_rows(OptionRows& rows, LoadSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  PayloadPlan& plan = settings.payload;
  add(rows, settings,
      {.name = "size",
       .value = "SIZE",
       .group = group,
       .default_text = "64",
       .summary = "bytes of payload, or what they are drawn from",
       .detail = "Bytes of each payload: N; LEAST-MOST, each size as likely as the others; "
                 "normal:MEAN,DEVIATION or exponential:MEAN, where ,LEAST-MOST may follow. k and M are "
                 "powers of 1024. The payloads are bytes of ours, checked to the last one when they arrive.",
       .set = one_value(plan, store_sizes)});
  add(rows, settings,
      {.letter = 'm',
       .name = "message",
       .value = "TEXT",
       .group = group,
       .summary = "payloads are made of TEXT, a template",
       .detail = "Make payloads of this text; what stands in braces is filled in, see TEMPLATES.",
       .set = one_value(plan, store_text_payload)});
  add(rows, settings,
      {.letter = 'f',
       .name = "file",
       .value = "FILE",
       .group = group,
       .completion = Completion::file,
       .summary = "payloads are made of what FILE holds, a template",
       .detail =
           "Make payloads of the text in this file, as with -m. A file as it stands is -m '{file PATH}'.",
       .set = one_value(plan, store_file_payload)});
  add(rows, settings,
      {.name = "data",
       .value = "FILE",
       .group = group,
       .completion = Completion::file,
       .summary = "rows of values for templates (CSV)",
       .detail = "CSV file whose first line has names: in braces, they stand for the values of a row, in "
                 "topics, payloads, filters and client identifiers. After the last row comes the first one.",
       .set = store_path(settings.data.path)});
  add(rows, settings,
      {.name = "data-by",
       .value = "WHAT",
       .group = group,
       .default_text = "client",
       .choices = "client message",
       .summary = "whether a row is a client's or a message's",
       .detail = "What the row goes by: the number of the client among those of its kind, or that of the "
                 "message among the client's.",
       .set = one_value(settings.data, store_data_by)});
  add(rows, settings,
      {.name = "stamp",
       .value = "WHERE",
       .group = group,
       .default_text = "auto",
       .choices = "auto payload property none",
       .summary = "where messages carry their number and time",
       .detail = "Where each message carries its stream, number, times and check: in the first 32 bytes of "
                 "the payload, before a text of one's own; in a user property (MQTT 5.0); or nowhere, so "
                 "that nothing is known of what becomes of it. auto: in payloads of ours, else in a user "
                 "property, below 5.0 nowhere.",
       .set = store_choice(settings.stamp, stamp_choices)});
  payload_options(rows, plan.format);
  compress_option(rows, plan.compress);
}

void window_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text,
                std::string_view summary, std::string_view detail) {
  add(rows, settings,
      {.name = "window",
       .value = "N",
       .group = OptionGroup::publish,
       .default_text = default_text,
       .summary = summary,
       .detail = detail,
       .set = store_number<std::uint16_t>(settings.window, 1)});
}

void filter_rows(OptionRows& rows, LoadSettings& settings, std::string_view default_text) {
  constexpr auto group = OptionGroup::subscribe;
  add(rows, settings,
      {.name = "filter",
       .value = "FILTER",
       .group = group,
       .default_text = default_text,
       .completion = Completion::topic,
       .repeats = true,
       .summary = default_text.empty() ? "what to subscribe to; default: follows from -t"
                                       : "what to subscribe to, a template",
       .detail = "Topic filter to subscribe to; {client}, {number} and {run} are filled in. Without it, it "
                 "follows from the topic: what changes there is a + here.",
       .set = [&settings](OptionValues values) -> Result<void> {
         if (auto checked = check_topic_filter(values[0]); !checked) return checked;
         settings.filters.emplace_back(values[0]);
         return {};
       }});
  add(rows, settings,
      {.name = "share",
       .value = "GROUP",
       .group = group,
       .summary = "subscribe as a group: each message goes to one",
       .detail = "Subscribe to $share/GROUP/FILTER, so that each message goes to one subscriber alone.",
       .set = one_value(settings.share, store_group)});
}

void request_rows(OptionRows& rows, LoadSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  add(rows, settings,
      {.letter = 'e',
       .name = "response-topic",
       .value = "TOPIC",
       .group = group,
       .default_text = "mqttkit/bench/{run}/answers/{number}",
       .completion = Completion::topic,
       .summary = "topic for the answers, a template",
       .detail = "Topic that a client's answers come to; {client}, {number} and {run} are filled in.",
       .set = one_value(settings.response_topic, store_topic)});
  add(rows, settings,
      {.name = "answer-timeout",
       .value = "TIME",
       .group = group,
       .default_text = "30",
       .summary = "how long a request waits for its answer",
       .detail = "How long a request waits for its answer; one that has none by then has failed.",
       .set = [&settings](OptionValues values) -> Result<void> {
         auto length = parse_length(values[0]);
         if (!length) return std::unexpected(std::move(length.error()));
         if (*length <= Duration::zero()) return usage("it can't wait for no time at all");
         settings.answer_timeout = *length;
         return {};
       }});
}

}  // namespace mq
