#include "rr/topic_pattern.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

void append_level(std::string_view text, std::string& out) {
  for (const char c : text) out += c == '/' || c == '+' || c == '#' ? '_' : c;
}

// "{...}" at the beginning of `text`; empty: no such thing stands there.
std::string_view braced(std::string_view text) {
  if (!text.starts_with('{')) return {};
  const std::size_t end = text.find_first_of("{}", 1);
  return end == std::string_view::npos || text[end] == '{' ? std::string_view() : text.substr(0, end + 1);
}

}  // namespace

Result<TopicPattern> TopicPattern::compile(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Part>, 3> names{
      {{"{topic}", Part::topic}, {"{client}", Part::client}, {"{id}", Part::id}}};
  TopicPattern pattern;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) pattern.pieces_.push_back({Part::text, std::exchange(literal, {})});
  };
  while (!text.empty()) {
    const auto* const named =
        std::ranges::find_if(names, [text](const auto& name) { return text.starts_with(name.first); });
    if (named == names.end()) {
      if (const std::string_view unknown = braced(text); !unknown.empty())
        return fail(ErrorKind::usage,
                    fmt::format("unknown {}; {{topic}}, {{client}} and {{id}} are known", quoted(unknown)));
      literal += text.front();
      text.remove_prefix(1);
    } else {
      end_literal();
      pattern.pieces_.push_back({named->second, {}});
      text.remove_prefix(named->first.size());
    }
  }
  end_literal();
  const std::string made = pattern.fill("t", "c", "i");
  if (auto checked = check_topic_name(made); !checked) return std::unexpected(std::move(checked.error()));
  // As a filter it would stand for other topics [MQTT-4.8.2-1].
  if (made.starts_with("$share/"))
    return fail(ErrorKind::usage, "nobody can subscribe to a topic that begins with $share/");
  return pattern;
}

TopicPattern TopicPattern::literal(std::string topic) {
  TopicPattern pattern;
  pattern.pieces_.push_back({Part::text, std::move(topic)});
  return pattern;
}

void TopicPattern::append(std::string_view topic, std::string_view client, std::string_view id,
                          std::string& out) const {
  for (const Piece& piece : pieces_) {
    switch (piece.part) {
      case Part::text:
        out += piece.text;
        break;
      case Part::topic:
        out += topic;
        break;
      case Part::client:
        append_level(client, out);
        break;
      case Part::id:
        append_level(id, out);
        break;
    }
  }
}

std::string TopicPattern::fill(std::string_view topic, std::string_view client, std::string_view id) const {
  std::string filled;
  append(topic, client, id, filled);
  return filled;
}

std::string TopicPattern::filter(std::string_view topic, std::string_view client) const {
  std::string open;
  for (const Piece& piece : pieces_) {
    if (piece.part == Part::text)
      open += piece.text;
    else if (piece.part == Part::topic)
      open += topic;
    else if (piece.part == Part::client)
      append_level(client, open);
    else
      open += '+';
  }
  std::string filter;
  for (std::string_view rest = open;;) {
    const std::size_t end = rest.find('/');
    const std::string_view level = rest.substr(0, end);
    filter += level.contains('+') ? "+" : level;
    if (end == std::string_view::npos) return filter;
    filter += '/';
    rest.remove_prefix(end + 1);
  }
}

std::string_view TopicPattern::before_topic() const {
  if (pieces_.size() < 2 || pieces_[0].part != Part::text || pieces_[1].part != Part::topic) return {};
  return pieces_[0].text;
}

bool TopicPattern::has(Part part) const {
  return std::ranges::find(pieces_, part, &Piece::part) != pieces_.end();
}

std::string with_asker(std::string_view topic, std::string_view client, std::string_view id) {
  std::string text(topic);
  text += '/';
  append_level(client, text);
  text += '/';
  append_level(id, text);
  return text;
}

Asker asker_in(std::string_view topic) {
  const std::size_t last = topic.rfind('/');
  if (last == std::string_view::npos || last == 0) return {};
  const std::size_t before = topic.rfind('/', last - 1);
  if (before == std::string_view::npos) return {};
  return {.client = topic.substr(before + 1, last - before - 1), .id = topic.substr(last + 1)};
}

std::string with_askers(std::string_view filter) {
  return std::string(filter).append(filter == "#" || filter.ends_with("/#") ? "" : "/+/+");
}

}  // namespace mq
