#include "shared/topic_map.hpp"

#include <fmt/core.h>

#include <optional>

#include "base/text.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

std::string wildcards_of(std::string_view filter) {
  std::string found;
  for (const char c : filter)
    if (c == '+' || c == '#') found += c;
  return found;
}

// What the wildcards of a filter take in of a topic that it matches, one after the other.
class Taken {
 public:
  Taken(std::string_view filter, std::string_view topic) : filter_(filter), topic_(topic) {}

  // nullopt for a '#' that takes in its parent level alone.
  std::optional<std::string_view> next() {
    while (true) {
      const std::string_view level = cut(filter_).value_or("#");
      if (level == "#") return topic_;
      const auto part = cut(topic_);
      if (level == "+") return part;
    }
  }

 private:
  static std::optional<std::string_view> cut(std::optional<std::string_view>& text) {
    if (!text) return std::nullopt;
    const std::size_t slash = text->find('/');
    const std::string_view level = text->substr(0, slash);
    text = slash == text->npos ? std::nullopt : std::optional(text->substr(slash + 1));
    return level;
  }

  std::optional<std::string_view> filter_, topic_;  // what is left of them
};

}  // namespace

Result<void> TopicMap::add(std::string_view rule) {
  const std::size_t equals = rule.find('=');
  if (equals == rule.npos)
    return usage(fmt::format("{} holds no '='", quoted(rule)), "write OLD=NEW, such as 'old/#=new/#'");
  const std::string_view from = rule.substr(0, equals);
  const std::string_view to = rule.substr(equals + 1);
  if (auto checked = check_topic_filter(from); !checked) return checked;
  if (is_shared(from)) return usage(fmt::format("{} is a shared subscription, no topic", quoted(from)));
  if (auto checked = check_topic_filter(to); !checked) return checked;
  const std::string wanted = wildcards_of(to);
  if (!wanted.empty() && wanted != wildcards_of(from))
    return usage(fmt::format("{} and {} have different wildcards", quoted(from), quoted(to)),
                 "the new topic has those of the old one in their order, or none");
  rules_.push_back({std::string(from), std::string(to)});
  return {};
}

std::string_view TopicMap::apply(std::string_view topic, Buffer& made) const {
  for (const auto& [from, to] : rules_) {
    if (!matches(from, topic)) continue;
    if (!has_wildcard(to)) return to;
    made.clear();
    Taken taken(from, topic);
    for (const char c : to) {
      if (c != '+' && c != '#') {
        made += c;
      } else if (const auto part = taken.next()) {
        made += *part;
      } else if (made.ends_with('/')) {
        made.pop_back();
      }
    }
    return made;
  }
  return topic;
}

}  // namespace mq
