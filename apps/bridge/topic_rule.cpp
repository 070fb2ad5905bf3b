#include "bridge/topic_rule.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "bridge/filter_sets.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t name_length(std::string_view text) {
  const auto end = std::ranges::find_if(text, [](char c) { return !begins_name(c) && !is_digit(c); });
  return static_cast<std::size_t>(end - text.begin());
}

Result<void> check_plain_filter(std::string_view filter) {
  if (auto checked = check_topic_filter(filter); !checked) return checked;
  if (is_shared(filter))
    return usage(fmt::format("{} is a shared subscription, no topics", quoted(filter)),
                 "a route has the name of one as share");
  return {};
}

// What the wildcards of a rule are called, in their order; empty: it has no name.
class Names {
 public:
  // Takes the names out of `from`; what is left is the filter.
  Result<std::string> take_from(std::string_view from) {
    std::string filter;
    for (std::optional rest(from); const auto level = take_level(rest);) {
      if (!filter.empty() || level->data() != from.data()) filter += '/';
      if (!level->starts_with('+') && !level->starts_with('#')) {
        filter += *level;
        continue;
      }
      const std::string_view name = level->substr(1);
      if (auto added = add(*level, name); !added) return std::unexpected(std::move(added.error()));
      filter += level->front();
    }
    if (auto checked = check_plain_filter(filter); !checked)
      return std::unexpected(std::move(checked.error()));
    return filter;
  }

  // The number of the wildcard, from 1; 0 is the whole topic.
  Result<int> find(std::string_view name) const {
    if (const auto number = parse_number<unsigned>(name)) {
      if (*number <= names_.size()) return static_cast<int>(*number);
      return usage(fmt::format("there is no wildcard {}", *number), fmt::format("there {}", counted()));
    }
    const auto found = std::ranges::find(names_, name);
    if (found != names_.end()) return static_cast<int>(found - names_.begin()) + 1;
    return usage(fmt::format("no wildcard is called {}", quoted(name)), "a dollar itself is written $$");
  }

 private:
  Result<void> add(std::string_view level, std::string_view name) {
    if (!name.empty() && (!begins_name(name.front()) || name_length(name) != name.size()))
      return usage(fmt::format("{} is no wildcard with a name", quoted(level)),
                   "a name is made of letters, digits and _, and does not begin with a digit");
    if (!name.empty() && std::ranges::find(names_, name) != names_.end())
      return usage(fmt::format("two wildcards are called {}", quoted(name)));
    names_.push_back(name);
    return {};
  }

  std::string counted() const {
    return names_.size() == 1 ? "is one" : names_.empty() ? "is none" : fmt::format("are {}", names_.size());
  }

  std::vector<std::string_view> names_;
};

// The name behind a dollar, with its braces if it has any; empty: that is none.
std::string_view name_behind(std::string_view text) {
  if (!text.starts_with('{')) {
    if (text.empty() || !is_digit(text.front())) return text.substr(0, name_length(text));
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    return text.substr(0, end);
  }
  const std::size_t length = name_length(text.substr(1));
  return length > 0 && text.substr(1 + length).starts_with('}') ? text.substr(0, length + 2)
                                                                : std::string_view();
}

Result<void> check_text(std::string_view text) {
  if (text.find_first_of("+#") != text.npos)
    return usage("the new topic would hold a wildcard", "what a wildcard takes in is written $NAME or $1");
  return check_mqtt_text(text);
}

// What the wildcard of that number, from 0, of a filter takes in of a topic that it matches; nullopt for a
// '#' that takes in its parent level alone.
std::optional<std::string_view> part_of(std::string_view filter, std::string_view topic, int wildcard) {
  std::optional left(filter), rest(topic);
  while (const auto level = take_level(left)) {
    const bool wild = *level == "+" || *level == "#";
    if (wild && wildcard-- == 0) return *level == "#" ? rest : take_level(rest);
    take_level(rest);
  }
  return std::nullopt;
}

}  // namespace

Result<TopicRule> TopicRule::parse(std::string_view from, std::string_view to) {
  TopicRule rule;
  Names names;
  auto filter = names.take_from(from);
  if (!filter) return std::unexpected(std::move(filter.error()));
  rule.filter_ = *std::move(filter);
  rule.from_ = from;
  rule.to_ = to;
  if (to.empty()) return rule;
  if (auto checked = check_text(to); !checked) return std::unexpected(std::move(checked.error()));
  std::string text;
  while (!to.empty()) {
    if (to.front() != '$' || to.starts_with("$$")) {
      text += to.front();
      to.remove_prefix(to.front() == '$' ? 2 : 1);
      continue;
    }
    std::string_view name = name_behind(to.substr(1));
    if (name.empty())
      return usage(fmt::format("{} is not followed by a name", quoted(to.substr(0, 1))),
                   "a dollar itself is written $$");
    to.remove_prefix(1 + name.size());
    if (name.front() == '{') name = name.substr(1, name.size() - 2);
    const auto wildcard = names.find(name);
    if (!wildcard) return std::unexpected(wildcard.error());
    rule.pieces_.push_back({std::exchange(text, {}), *wildcard == 0 ? whole_topic : *wildcard - 1});
  }
  if (!text.empty()) rule.pieces_.push_back({std::move(text), end});
  return rule;
}

Result<TopicRule> TopicRule::prefixes(std::string_view pattern, std::string_view from_prefix,
                                      std::string_view to_prefix) {
  TopicRule rule;
  if (pattern.empty() && (from_prefix.empty() || to_prefix.empty()))
    return usage("an empty pattern needs both prefixes");
  for (const std::string_view prefix : {from_prefix, to_prefix})
    if (!prefix.empty())
      if (auto checked = check_topic_name(prefix); !checked)
        return std::unexpected(std::move(checked.error()));
  // Both ends: who has them the wrong way round had rather know it.
  rule.filter_.append(from_prefix).append(pattern);
  for (const std::string& filter : {rule.filter_, std::string(to_prefix).append(pattern)})
    if (auto checked = check_plain_filter(filter); !checked)
      return std::unexpected(std::move(checked.error()));
  rule.by_prefix_ = true;
  rule.from_ = from_prefix;
  rule.to_ = to_prefix;
  return rule;
}

std::string TopicRule::text() const {
  if (by_prefix_) {
    const std::string pattern = filter_.substr(from_.size());
    return from_.empty() && to_.empty() ? pattern : fmt::format("{}{} -> {}{}", from_, pattern, to_, pattern);
  }
  return to_.empty() ? from_ : fmt::format("{} -> {}", from_, to_);
}

bool TopicRule::keeps_topics() const {
  if (by_prefix_) return from_ == to_;
  if (to_.empty()) return true;
  if (pieces_.size() == 1 && pieces_[0].text.empty() && pieces_[0].wildcard == whole_topic) return true;
  std::string same;
  std::size_t next = 0;
  int wildcards = 0;
  for (const Piece& piece : pieces_) {
    same += piece.text;
    if (piece.wildcard == end) continue;
    if (piece.wildcard != wildcards++) return false;
    next = filter_.find_first_of("+#", next);
    same += filter_[next++];
  }
  return same == filter_;
}

std::string TopicRule::made_filter() const {
  if (by_prefix_) return std::string(to_).append(filter_, from_.size());
  if (keeps_topics()) return filter_;
  // Levels of which not all is known are '+', and with a part of several levels the rest is '#'.
  std::string text;
  for (const Piece& piece : pieces_) {
    text += piece.text;
    if (piece.wildcard == end) continue;
    std::size_t at = 0;
    for (int i = 0; piece.wildcard != whole_topic; ++i, ++at) {
      at = filter_.find_first_of("+#", at);
      if (i == piece.wildcard) break;
    }
    text += piece.wildcard == whole_topic || filter_[at] == '#' ? '#' : '+';
  }
  std::string made;
  for (std::optional rest(std::string_view{text}); const auto level = take_level(rest);) {
    if (level->data() != text.data()) made += '/';
    if (level->contains('#')) return made += '#';
    made += level->contains('+') ? "+" : *level;
  }
  return made;
}

std::optional<std::string> TopicRule::emptied() const {
  std::string topic = filter_;
  std::erase_if(topic, [](char c) { return c == '+' || c == '#'; });
  for (Buffer made; !topic.empty(); topic.pop_back()) {
    if (apply(topic, made) && made.empty()) return topic;
    if (!filter_.ends_with("/#") || !topic.ends_with('/')) break;
  }
  return std::nullopt;
}

bool TopicRule::apply(std::string_view topic, Buffer& made) const {
  if (!matches(filter_, topic)) return false;
  made.clear();
  if (by_prefix_) {
    if (!topic.starts_with(from_)) return false;  // "foo" is one of "foo/#", but not behind "foo/"
    made.append(to_).append(topic.substr(from_.size()));
    return true;
  }
  if (to_.empty()) {
    made.append(topic);
    return true;
  }
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    made.append(piece.text);
    if (piece.wildcard == end) continue;
    if (piece.wildcard == whole_topic) {
      made.append(topic);
    } else if (const auto part = part_of(filter_, topic, piece.wildcard)) {
      made.append(*part);
    } else if (made.ends_with('/') && (i + 1 == pieces_.size() || pieces_[i + 1].text.starts_with('/'))) {
      made.pop_back();  // no level is left of it
    }
  }
  return true;
}

}  // namespace mq
