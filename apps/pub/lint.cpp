#include "pub/lint.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace mq {

Result<void> Lint::topic(std::string_view topic) {
  if (settings_.lint == PubSettings::Lint::off || topic == last_) return {};
  if (auto right = judge("topic", topic, lint_topic(topic)); !right) return right;
  last_ = topic;
  return {};
}

Result<void> Lint::payload(std::string_view topic, Bytes payload) {
  constexpr Habits all = bit_of(Habit::no_time) | bit_of(Habit::no_version);
  const bool refuses = settings_.lint == PubSettings::Lint::error;
  if (settings_.lint == PubSettings::Lint::off || (!refuses && (told_ & all) == all)) return {};
  return judge("a payload for", topic, lint_payload(payload));
}

Result<void> Lint::judge(std::string_view what, std::string_view topic, Habits found) {
  for (const Habit habit : listed(found)) {
    std::string text = fmt::format("{} {} {}: {}", what, quoted(topic), in_words(habit), reason_of(habit));
    if (settings_.lint == PubSettings::Lint::error)
      return fail(ErrorKind::usage, std::move(text), 0, "--lint error refuses it");
    if ((told_ & bit_of(habit)) != 0) continue;
    told_ |= bit_of(habit);
    settings_.connection.log.warn(text);
  }
  return {};
}

}  // namespace mq
