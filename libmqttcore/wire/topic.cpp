#include "wire/topic.hpp"

#include "base/text.hpp"
#include "wire/reason_code.hpp"
#include "wire/strings.hpp"

namespace mq {
namespace {

constexpr std::string_view share_prefix = "$share/";

// What a name and a filter have in common. [MQTT-4.7.3-1] [MQTT-4.7.3-2] [MQTT-4.7.3-3]
std::string_view common_fault(std::string_view text, std::uint8_t marks) {
  if (text.empty()) return "is empty";
  if (text.size() > max_string_bytes) return "is longer than 65535 bytes";
  if ((marks & mark_invalid) != 0) return "is not valid UTF-8";
  if ((marks & mark_null) != 0) return "holds U+0000";
  return {};
}

// Whether every wildcard fills a level of its own and '#' is the last. [MQTT-4.7.1-1] [MQTT-4.7.1-2]
std::string_view wildcard_fault(std::string_view filter) {
  for (std::size_t at = filter.find_first_of("+#"); at != std::string_view::npos;
       at = filter.find_first_of("+#", at + 1)) {
    const bool begins = at == 0 || filter[at - 1] == '/';
    const bool ends = at + 1 == filter.size() || filter[at + 1] == '/';
    if (!begins || !ends)
      return filter[at] == '#' ? "needs '#' as a level of its own" : "needs '+' as a level of its own";
    if (filter[at] == '#' && at + 1 != filter.size()) return "goes on behind '#'";
  }
  return {};
}

// [MQTT-4.8.2-1] [MQTT-4.8.2-2]
std::string_view share_fault(std::string_view filter) {
  filter.remove_prefix(share_prefix.size());
  const std::size_t slash = filter.find('/');
  const std::string_view name = filter.substr(0, slash);
  if (name.empty()) return "has an empty share name";
  if (has_wildcard(name)) return "has a wildcard in its share name";
  if (slash == std::string_view::npos || slash + 1 == filter.size())
    return "has no filter behind its share name";
  return {};
}

std::unexpected<Error> refuse(std::string_view what, std::string_view text, std::string_view fault,
                              ReasonCode reason) {
  std::string message(what);
  if (!text.empty()) message.append(" ").append(quoted(text));
  message.append(" ").append(fault);
  return fail(ErrorKind::usage, std::move(message), value_of(reason));
}

}  // namespace

Result<void> check_topic_name(std::string_view topic) {
  const std::uint8_t marks = marks_of(topic);
  if (marks == 0 && !topic.empty() && topic.size() <= max_string_bytes) return {};
  std::string_view fault = common_fault(topic, marks);
  if (fault.empty()) fault = "holds a wildcard, which only a filter may";  // [MQTT-3.3.2-2]
  return refuse("topic name", topic, fault, ReasonCode::topic_name_invalid);
}

Result<void> check_topic_filter(std::string_view filter) {
  std::string_view fault = common_fault(filter, marks_of(filter));
  if (fault.empty() && is_shared(filter)) fault = share_fault(filter);
  if (fault.empty()) fault = wildcard_fault(plain_filter(filter));
  if (fault.empty()) return {};
  return refuse("topic filter", filter, fault, ReasonCode::topic_filter_invalid);
}

bool is_shared(std::string_view filter) { return filter.starts_with(share_prefix); }

std::string_view plain_filter(std::string_view filter) {
  if (!is_shared(filter)) return filter;
  const std::size_t slash = filter.find('/', share_prefix.size());
  return slash == std::string_view::npos ? std::string_view{} : filter.substr(slash + 1);
}

bool has_wildcard(std::string_view filter) { return filter.find_first_of("+#") != std::string_view::npos; }

bool matches(std::string_view filter, std::string_view topic) {
  if (filter.empty() || topic.empty()) return false;
  // [MQTT-4.7.2-1]
  if (topic[0] == '$' && (filter[0] == '+' || filter[0] == '#')) return false;
  while (true) {
    if (filter == "#") return true;
    const std::size_t filter_end = filter.find('/');
    const std::size_t topic_end = topic.find('/');
    const std::string_view level = filter.substr(0, filter_end);
    if (level != "+" && level != topic.substr(0, topic_end)) return false;
    const bool filter_done = filter_end == std::string_view::npos;
    const bool topic_done = topic_end == std::string_view::npos;
    if (filter_done) return topic_done;
    filter.remove_prefix(filter_end + 1);
    if (topic_done) return filter == "#";  // '#' takes in its parent level
    topic.remove_prefix(topic_end + 1);
  }
}

}  // namespace mq
