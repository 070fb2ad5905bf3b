#include "shared/common_options.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

// The will comes to be with the first option about it; finish() asks for its topic.
WillConfig& will_of(ConnectionSettings& settings) {
  auto& will = settings.client.session.will;
  return will ? *will : will.emplace();
}

}  // namespace

void will_options(OptionRows& rows, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::will;
  rows.push_back({.name = "will-topic",
                  .value = "TOPIC",
                  .group = group,
                  .completion = Completion::topic,
                  .summary = "topic of the will",
                  .detail =
                      "Topic of the message that the server publishes when this client's connection ends "
                      "without a DISCONNECT. The other will options need it.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (auto checked = check_topic_name(values[0]); !checked) return checked;
                    will_of(settings).topic = std::string(values[0]);
                    return {};
                  }});
  rows.push_back({.name = "will-payload",
                  .value = "TEXT",
                  .group = group,
                  .summary = "payload of the will; default: empty",
                  .detail = "Payload of the will, at most 65,535 bytes.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (values[0].size() > 65535)
                      return usage("the payload of a will has at most 65535 bytes");
                    will_of(settings).payload = std::string(values[0]);
                    return {};
                  }});
  rows.push_back(
      {.name = "will-qos",
       .value = "QOS",
       .group = group,
       .default_text = "0",
       .choices = "0 1 2",
       .summary = "QoS of the will",
       .detail = "QoS with which the server publishes the will.",
       .set = [&settings](OptionValues values) { return store_qos(will_of(settings).qos)(values); }});
  rows.push_back({.name = "will-retain",
                  .group = group,
                  .summary = "have the will retained",
                  .detail = "Have the server keep the will as the topic's retained message.",
                  .set = [&settings](OptionValues) -> Result<void> {
                    will_of(settings).retain = true;
                    return {};
                  }});
}

}  // namespace mq
