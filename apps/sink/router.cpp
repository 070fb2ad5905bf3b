#include "sink/router.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "wire/topic.hpp"

namespace mq::sink {

struct FilterNode {
  std::map<std::string, std::unique_ptr<FilterNode>, std::less<>> below;  // "+" and "#" among them
  std::unique_ptr<Filter> filter;
  FilterNode* above = nullptr;
  std::string level;
};

namespace {

constexpr std::size_t known_topics = 4096;

// The name of a shared subscription; empty for any other.
std::string_view share_of(std::string_view filter) {
  if (!is_shared(filter)) return {};
  const std::size_t begin = filter.find('/') + 1;
  return filter.substr(begin, filter.find('/', begin) - begin);
}

std::string_view next_level(std::string_view& rest, bool& last) {
  const std::size_t slash = rest.find('/');
  const std::string_view level = rest.substr(0, slash);
  last = slash == std::string_view::npos;
  rest.remove_prefix(last ? rest.size() : slash + 1);
  return level;
}

FilterNode* child(FilterNode& node, std::string_view level) {
  const auto found = node.below.find(level);
  return found == node.below.end() ? nullptr : found->second.get();
}

}  // namespace

Router::Router() : tree_(std::make_unique<FilterNode>()), known_(known_topics) {}
Router::~Router() = default;

Filter* Router::find_filter(std::string_view plain) {
  if (!has_wildcard(plain)) {
    const auto found = exact_.find(plain);
    return found == exact_.end() ? nullptr : found->second.get();
  }
  FilterNode* node = tree_.get();
  for (bool last = false; !last && node != nullptr;) node = child(*node, next_level(plain, last));
  return node == nullptr ? nullptr : node->filter.get();
}

Filter& Router::make_filter(std::string_view plain) {
  auto filter = std::make_unique<Filter>();
  filter->text = plain;
  Filter& made = *filter;
  if (!has_wildcard(plain)) {
    exact_.emplace(made.text, std::move(filter));
    return made;
  }
  FilterNode* node = tree_.get();
  for (bool last = false; !last;) {
    const std::string_view level = next_level(plain, last);
    FilterNode* next = child(*node, level);
    if (next == nullptr) {
      auto fresh = std::make_unique<FilterNode>();
      next = fresh.get();
      next->above = node;
      next->level = level;
      node->below.emplace(level, std::move(fresh));
    }
    node = next;
  }
  made.node = node;
  node->filter = std::move(filter);
  return made;
}

void Router::discard(Filter& filter) {
  if (filter.node == nullptr) {
    exact_.erase(exact_.find(filter.text));
    return;
  }
  FilterNode* node = filter.node;
  node->filter.reset();
  while (node->above != nullptr && node->filter == nullptr && node->below.empty()) {
    FilterNode* const above = node->above;
    above->below.erase(above->below.find(node->level));
    node = above;
  }
}

bool Router::subscribe(Session& session, const Subscription& subscription, std::uint32_t identifier) {
  const Subscriber subscriber{.session = &session,
                              .identifier = identifier,
                              .qos = subscription.qos,
                              .no_local = subscription.no_local,
                              .retain_as_published = subscription.retain_as_published};
  const std::string_view plain = plain_filter(subscription.filter);
  const std::string_view share = share_of(subscription.filter);
  Filter* filter = find_filter(plain);
  if (filter == nullptr) filter = &make_filter(plain);
  Group* group = nullptr;
  if (!share.empty()) {
    const auto found = std::ranges::find(filter->groups, share, [](const auto& each) { return each->name; });
    if (found == filter->groups.end()) {
      group = filter->groups.emplace_back(std::make_unique<Group>()).get();
      group->name = share;
    } else {
      group = found->get();
    }
  }
  std::vector<Subscriber>& subscribers = group == nullptr ? filter->subscribers : group->members;
  for (const Membership& membership : session.memberships) {
    if (membership.filter == filter && membership.group == group) {
      subscribers[membership.index] = subscriber;
      return false;
    }
  }
  session.memberships.push_back(
      {.filter = filter, .group = group, .index = static_cast<std::uint32_t>(subscribers.size())});
  subscribers.push_back(subscriber);
  ++subscriptions_;
  ++generation_;
  return true;
}

void Router::leave(Session& session, std::size_t membership) {
  const auto [filter, group, index] = session.memberships[membership];
  std::vector<Subscriber>& subscribers = group == nullptr ? filter->subscribers : group->members;
  if (index + 1 != subscribers.size()) {
    subscribers[index] = subscribers.back();
    for (Membership& moved : subscribers[index].session->memberships) {
      if (moved.filter == filter && moved.group == group) moved.index = index;
    }
  }
  subscribers.pop_back();
  session.memberships[membership] = session.memberships.back();
  session.memberships.pop_back();
  --subscriptions_;
  ++generation_;
  if (!subscribers.empty()) return;
  if (group != nullptr)
    std::erase_if(filter->groups, [group](const auto& each) { return each.get() == group; });
  if (filter->subscribers.empty() && filter->groups.empty()) discard(*filter);
}

bool Router::unsubscribe(Session& session, std::string_view text) {
  const Filter* const filter = find_filter(plain_filter(text));
  if (filter == nullptr) return false;
  const std::string_view share = share_of(text);
  for (std::size_t at = 0; at < session.memberships.size(); ++at) {
    const Membership& membership = session.memberships[at];
    if (membership.filter != filter) continue;
    if ((membership.group == nullptr ? std::string_view{} : membership.group->name) != share) continue;
    leave(session, at);
    return true;
  }
  return false;
}

void Router::unsubscribe_all(Session& session) {
  while (!session.memberships.empty()) leave(session, session.memberships.size() - 1);
}

void Router::find(std::string_view topic, Known& known) {
  known.generation = generation_;
  known.topic = topic;
  known.filters.clear();
  if (const auto found = exact_.find(topic); found != exact_.end())
    known.filters.push_back(found->second.get());

  const auto take = [&](const FilterNode* node) {
    if (node != nullptr && node->filter != nullptr) known.filters.push_back(node->filter.get());
  };
  // What is left of the topic behind a node; done: nothing, not even an empty level.
  struct Place {
    FilterNode* node;
    std::string_view rest;
    bool done;
  };
  std::vector<Place> places{{tree_.get(), topic, false}};
  while (!places.empty()) {
    Place place = places.back();
    places.pop_back();
    // [MQTT-4.7.2-1]
    const bool wild = place.node != tree_.get() || topic[0] != '$';
    if (wild) take(child(*place.node, "#"));  // '#' takes in its parent level
    if (place.done) {
      take(place.node);
      continue;
    }
    const std::string_view level = next_level(place.rest, place.done);
    if (FilterNode* const next = child(*place.node, level)) places.push_back({next, place.rest, place.done});
    if (!wild) continue;
    if (FilterNode* const next = child(*place.node, "+")) places.push_back({next, place.rest, place.done});
  }
}

}  // namespace mq::sink
