#include "shared/topic_steps.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/utf8.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

// Takes the first level off, with its slash.
std::string_view take_level(std::string_view& text) {
  const std::size_t end = text.find('/');
  const std::string_view level = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return level;
}

struct Typed {
  std::string_view share;    // "$share/NAME/"
  std::string_view levels;   // that are whole, with their slashes
  std::string_view partial;  // of the level that is being typed
};

Typed taken_apart(std::string_view typed) {
  const std::size_t plain = plain_filter(typed).size();
  const std::string_view share = typed.substr(0, typed.size() - plain);
  typed.remove_prefix(share.size());
  const std::size_t slash = typed.rfind('/');
  const std::size_t whole = slash == typed.npos ? 0 : slash + 1;
  return {share, typed.substr(0, whole), typed.substr(whole)};
}

// What of a topic lies behind the levels of a filter; data() is nullptr where they don't match.
std::string_view behind(std::string_view levels, std::string_view topic) {
  if (levels.starts_with('+') && topic.starts_with('$')) return {};  // [MQTT-4.7.2-1]
  while (!levels.empty()) {
    if (!topic.contains('/')) return {};
    const std::string_view wanted = take_level(levels);
    if (const std::string_view level = take_level(topic); wanted != "+" && wanted != level) return {};
  }
  return topic;
}

std::string_view step_of(std::string_view rest, std::size_t from) {
  const std::size_t slash = rest.find('/', from);
  return slash == rest.npos ? rest : rest.substr(0, slash + 1);
}

}  // namespace

std::vector<std::string> topic_steps(const std::set<std::string>& topics, std::string_view typed,
                                     std::size_t most) {
  const Typed parts = taken_apart(typed);
  std::set<std::string_view> rests;
  for (const std::string& topic : topics) {
    const std::string_view rest = behind(parts.levels, topic);
    if (rest.data() != nullptr && rest.starts_with(parts.partial)) rests.insert(rest);
  }
  std::set<std::string_view> steps;
  for (std::size_t known = 0;;) {
    steps.clear();
    for (const std::string_view rest : rests) steps.insert(step_of(rest, known));
    if (steps.size() != 1 || steps.begin()->size() == known || !steps.begin()->ends_with('/')) break;
    known = steps.begin()->size();
  }
  std::vector<std::string> found;
  for (const std::string_view step : steps) {
    if (found.size() == most) break;
    found.push_back(std::string(parts.share).append(parts.levels).append(step));
  }
  return found;
}

std::string filter_for_steps(std::string_view typed) {
  if (is_shared(typed) && std::ranges::count(typed, '/') < 2) return {};  // its name is being typed
  const Typed parts = taken_apart(typed);
  std::string filter(parts.levels);
  if (filter.empty() && parts.partial.starts_with('$'))
    filter = "$SYS/";  // '#' leaves out what begins with '$'
  filter.push_back('#');
  return check_topic_filter(filter) ? filter : std::string();
}

bool is_showable(std::string_view text) {
  if (!is_utf8(text)) return false;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view c = text.substr(at, utf8_sequence(text.substr(at)));
    at += c.size();
    if (c.size() == 1 && (octet(c[0]) < 0x20 || c[0] == 0x7F)) return false;
    if (c >= "\xC2\x80" && c <= "\xC2\x9F") return false;          // C1
    if (c == "\xD8\x9C" || c == "\xC2\xAD") return false;          // Arabic letter mark, soft hyphen
    if (c >= "\xE2\x80\x8B" && c <= "\xE2\x80\x8F") return false;  // no width, marks of direction
    if (c >= "\xE2\x80\xA8" && c <= "\xE2\x80\xAE") return false;  // ends of line, embeddings and overrides
    if (c >= "\xE2\x81\xA0" && c <= "\xE2\x81\xAF") return false;  // invisible operators, isolates
    if (c == "\xEF\xBB\xBF") return false;                         // byte order mark
  }
  return true;
}

}  // namespace mq
