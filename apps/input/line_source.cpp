#include "input/line_source.hpp"

#include "wire/topic.hpp"

namespace mq {

LinesOfInput::Supply FormattedLines::next(Draft& draft) {
  const auto line = input_.next();
  if (!line) return wait();
  const auto parts = settings_.line_format->parse(*line);
  if (!parts) return say(Supply::unreadable, parts.error());
  if (parts->topic) {
    if (auto checked = check_topic_name(*parts->topic); !checked)
      return say(Supply::unreadable, {ErrorKind::payload, std::move(checked.error().text)});
    draft.topic = *parts->topic;
  }
  draft.payload = parts->payload;
  draft.qos = settings_.qos_given ? settings_.qos : parts->qos.value_or(settings_.qos);
  draft.retain = settings_.retain || parts->retain.value_or(false);
  return Supply::message;
}

}  // namespace mq
