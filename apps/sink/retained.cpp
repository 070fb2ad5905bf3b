#include "sink/retained.hpp"

#include <utility>

#include "wire/topic.hpp"

namespace mq::sink {
namespace {

constexpr unsigned most_looked_at = 10'000;

// What every topic that the filter takes in begins with.
std::string_view beginning(std::string_view filter) {
  const std::size_t wildcard = filter.find_first_of("+#");
  if (wildcard == std::string_view::npos) return filter;
  // "a/#" takes in "a" too.
  const bool parent = filter[wildcard] == '#' && wildcard > 0;
  return filter.substr(0, parent ? wildcard - 1 : wildcard);
}

}  // namespace

void Retained::store(std::string_view topic, MessagePtr message) {
  const auto found = messages_.find(topic);
  if (found != messages_.end()) {
    found->second = std::move(message);
  } else {
    messages_.emplace(topic, std::move(message));
  }
}

void Retained::erase(std::string_view topic) {
  const auto found = messages_.find(topic);
  if (found != messages_.end()) messages_.erase(found);
}

MessagePtr Retained::next(std::string_view filter, std::string& last, bool& more) const {
  more = false;
  if (!has_wildcard(filter)) {
    if (!last.empty()) return {};
    last = filter;
    const auto found = messages_.find(filter);
    return found == messages_.end() ? MessagePtr{} : found->second;
  }
  const std::string_view begin = beginning(filter);
  auto at = last.empty() ? messages_.lower_bound(begin) : messages_.upper_bound(last);
  for (unsigned looked_at = 0; at != messages_.end() && at->first.starts_with(begin); ++at) {
    if (matches(filter, at->first)) {
      last = at->first;
      more = true;
      return at->second;
    }
    if (++looked_at == most_looked_at) {
      last = at->first;
      more = true;
      return {};
    }
  }
  return {};
}

}  // namespace mq::sink
