#include "pub/preparation.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

// What templates know here beside what they know everywhere.
constexpr std::array<std::string_view, 1> own_names{"line"};

}  // namespace

Result<std::unique_ptr<Preparation>> Preparation::make(const PubSettings& settings, Bytes message,
                                                       Lint& lint) {
  if (!settings.templates && !settings.lint_payload && !settings.own_topics()) return nullptr;
  std::unique_ptr<Preparation> made(new Preparation(settings, lint));
  if (settings.templates)
    if (auto compiled = made->compile(message); !compiled)
      return std::unexpected(std::move(compiled.error()));
  return made;
}

Result<void> Preparation::compile(Bytes message) {
  const bool lines = settings_.source == PubSettings::Source::lines;
  const auto add = [&](std::string_view text) -> Result<Template> {
    auto compiled = Template::compile(text, own_names, settings_.environment);
    if (compiled && !lines && compiled->uses_own())
      return usage("there is no {line} without -l", "{count} is the number of the message");
    return compiled;
  };
  if ((!lines || settings_.line_in_message) && settings_.source != PubSettings::Source::random) {
    auto compiled = add(message);
    if (!compiled) return std::unexpected(std::move(compiled.error()));
    payload_ = std::move(*compiled);
  }
  for (const std::string& topic : settings_.topics) {
    auto compiled = add(topic);
    if (!compiled) return std::unexpected(std::move(compiled.error()));
    topics_.push_back(std::move(*compiled));
  }
  return {};
}

Result<void> Preparation::begin(Draft& draft) {
  if (settings_.templates)
    if (auto filled = fill(draft); !filled) return filled;
  if (!settings_.lint_payload) return {};
  return lint_.payload(draft.topic.empty() ? settings_.topics.front() : draft.topic, draft.payload);
}

Result<void> Preparation::fill(Draft& draft) {
  values_.next(std::chrono::system_clock::now());
  line_ = draft.payload;
  values_.set({&line_, 1});
  if (settings_.source == PubSettings::Source::random) return {};
  made_payload_.clear();
  if (payload_) {
    payload_->append(values_, made_payload_);
  } else {
    auto compiled = Template::compile(draft.payload, own_names, settings_.environment);
    if (!compiled) {
      compiled.error().kind = ErrorKind::payload;
      return std::unexpected(std::move(compiled.error()));
    }
    compiled->append(values_, made_payload_);
  }
  draft.payload = made_payload_;
  return {};
}

Result<std::string_view> Preparation::topic(const Draft& draft, std::size_t number) {
  std::string_view topic;
  if (!draft.topic.empty()) {
    topic = settings_.map.empty() ? draft.topic : settings_.map.apply(draft.topic, made_topic_);
    if (topic.data() != draft.topic.data())
      if (auto checked = check_topic_name(topic); !checked)
        return std::unexpected(std::move(checked.error()));
  } else if (topics_.empty()) {
    return settings_.topics[number];  // checked before the run
  } else {
    made_topic_.clear();
    topics_[number].append(values_, made_topic_);
    topic = made_topic_;
    if (auto checked = check_topic_name(topic); !checked) return std::unexpected(std::move(checked.error()));
  }
  if (auto right = lint_.topic(topic); !right) return std::unexpected(std::move(right.error()));
  return topic;
}

}  // namespace mq
