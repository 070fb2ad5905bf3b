#include "session/aliases.hpp"

#include <algorithm>

#include "wire/reason_code.hpp"

namespace mq {

Result<std::string_view> InboundAliases::resolve(std::uint16_t alias, std::string_view topic) {
  if (alias == 0 || alias > maximum_)
    return fail(ErrorKind::protocol, "the server used a topic alias above our maximum",
                value_of(ReasonCode::topic_alias_invalid));
  if (topics_.size() < alias) topics_.resize(alias);
  std::string& known = topics_[alias - 1U];
  if (!topic.empty()) known = topic;
  if (known.empty())
    return fail(ErrorKind::protocol, "the server used a topic alias that it never gave a topic",
                value_of(ReasonCode::protocol_error));
  return known;
}

OutboundAliases::Use OutboundAliases::use(std::uint16_t alias, std::string_view topic) const {
  const auto at = aliases_.find(topic);
  return {alias, at != aliases_.end() && at->second == alias};
}

std::optional<OutboundAliases::Use> OutboundAliases::give(std::string_view topic, std::uint16_t most) const {
  const auto at = aliases_.find(topic);
  if (at != aliases_.end()) return Use{at->second, true};
  if (highest_ >= most) return std::nullopt;
  return Use{static_cast<std::uint16_t>(highest_ + 1), false};
}

void OutboundAliases::sent(std::uint16_t alias, std::string_view topic) {
  std::erase_if(aliases_, [alias](const auto& entry) { return entry.second == alias; });
  aliases_.insert_or_assign(std::string(topic), alias);
  highest_ = std::max(highest_, alias);
}

}  // namespace mq
