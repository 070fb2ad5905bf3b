#include "bridge/network.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "shared/local_time.hpp"

namespace mq {
namespace {

// The journal knows a lane by its route and its link: names of routes hold no space.
constexpr std::string_view lane_word = "queue ";

std::string lane_party(const std::string& route, const std::string& link) {
  return fmt::format("{}{} {}", lane_word, route, link);
}

std::string link_id(const EndpointPlan& at, const std::string& suffix) {
  return at.connection.client.session.client_id + suffix;
}

std::string suffix_of(const RoutePlan& route) { return route.own_connection ? "-" + route.name : ""; }

}  // namespace

Result<Treatments> treatments_of(const BridgePlan& plan) {
  Treatments treatments;
  for (const RoutePlan& route : plan.routes) {
    auto treatment = Treatment::make(route);
    if (!treatment) return std::unexpected(std::move(treatment.error()));
    treatments.push_back(std::move(*treatment));
  }
  return treatments;
}

Result<void> Network::prepare(const BridgePlan& plan) {
  if (journal_ == nullptr) return {};
  for (const RoutePlan& route : plan.routes) {
    const std::string to = link_id(plan.endpoints[route.to], "");
    const std::string from = link_id(plan.endpoints[route.from], suffix_of(route));
    for (const std::string& name : {to, lane_party(route.name, to), from})
      if (auto given = journal_->party(name); !given) return std::unexpected(std::move(given.error()));
  }
  return {};
}

Result<void> Network::follow(const BridgePlan& plan, Treatments treatments) {
  if (auto added = add_routes(plan, std::move(treatments)); !added) return added;
  if (auto added = add_left_lanes(plan.log); !added) return added;
  return restore();
}

void Network::start() {
  for (const auto& [id, link] : links_) link->start();
}

Result<Link*> Network::link_to(const BridgePlan& plan, std::size_t endpoint, const std::string& suffix) {
  const EndpointPlan& at = plan.endpoints[endpoint];
  const std::string id = link_id(at, suffix);
  if (const auto known = links_.find(id); known != links_.end()) {
    if (&known->second->endpoint() != &at) known->second->follow(at);
    return known->second.get();
  }
  PartyId party = 0;
  if (journal_ != nullptr) {
    const auto given = journal_->party(id);
    if (!given) return std::unexpected(given.error());
    party = *given;
  }
  // The first connection of an endpoint has its status.
  const bool has_status = std::ranges::none_of(
      links_, [&at](const auto& other) { return other.second->endpoint().name == at.name; });
  auto link = std::make_unique<Link>(loop_, at, id, plan.store, journal_, link_owner_, outlet_owner_,
                                     has_status ? status_will(plan, at) : std::nullopt);
  if (has_status) link->post = operation_.add_post(link->client(), at);
  if (journal_ != nullptr)
    if (auto remembered = link->remember(party); !remembered) return std::unexpected(remembered.error());
  if (barrier_ != nullptr) barrier_->add(link->client());
  new_.push_back(link.get());
  return links_.emplace(id, std::move(link)).first->second.get();
}

Result<Lane*> Network::lane_of(Link& link, const std::string& route, const RoutePlan* plan) {
  if (Lane* const known = link.outlet().lane_of(route)) {
    known->follow(plan);
    return known;
  }
  PartyId party = 0;
  if (journal_ != nullptr) {
    const auto given = journal_->party(lane_party(route, link.id()));
    if (!given) return std::unexpected(given.error());
    party = *given;
  }
  Lane& lane = link.outlet().add(Lane::make(route, plan, party, journal_));
  // The link's other lanes are at work already.
  if (journal_ != nullptr && std::ranges::find(new_, &link) == new_.end())
    if (auto restored = lane.restore(0); !restored) return std::unexpected(restored.error());
  return &lane;
}

Result<void> Network::add_routes(const BridgePlan& plan, Treatments treatments) {
  std::vector<std::unique_ptr<Route>> routes;
  std::map<Link*, std::vector<Route*>> of;
  std::vector<Link*> wanted;
  for (const auto& [id, link] : links_)
    for (const auto& lane : link->outlet().lanes()) lane->follow(nullptr);
  for (std::size_t i = 0; i < plan.routes.size(); ++i) {
    const RoutePlan& each = plan.routes[i];
    const auto to = link_to(plan, each.to, "");
    if (!to) return std::unexpected(to.error());
    const auto lane = lane_of(**to, each.name, &each);
    if (!lane) return std::unexpected(lane.error());
    const auto from = link_to(plan, each.from, suffix_of(each));
    if (!from) return std::unexpected(from.error());
    routes.push_back(std::make_unique<Route>(Route{
        .plan = &each, .to = *to, .lane = *lane, .treatment = std::move(treatments[i]), .identifiers = {}}));
    of[*from].push_back(routes.back().get());
    wanted.insert(wanted.end(), {*to, *from});
  }
  for (const auto& [id, link] : links_) link->follow(std::move(of[link.get()]));
  routes_ = std::move(routes);
  retire(wanted);
  return {};
}

void Network::retire(const std::vector<Link*>& wanted) {
  for (const auto& [id, link] : links_)
    if (std::ranges::find(wanted, link.get()) == wanted.end()) link->leave();
}

void Network::forget(Link& link) {
  loop_.post([this, id = link.id()] {
    const auto found = links_.find(id);
    if (found == links_.end() || !found->second->left()) return;
    // Until all is in the journal whoever wants it again finds it here.
    if (barrier_ == nullptr) return drop(id);
    found->second->outlet().keep_changes();
    barrier_->then([this, id] { drop(id); });
  });
}

void Network::drop(const std::string& id) {
  const auto found = links_.find(id);
  if (found == links_.end() || !found->second->left()) return;
  Link& gone = *found->second;
  gone.outlet().abandon();
  link_owner_.on_gone(gone);
  if (barrier_ != nullptr) barrier_->remove(gone.client());
  if (gone.post != nullptr) operation_.drop_post(*gone.post);
  links_.erase(found);
  operation_.changed();
}

// Of routes that the plan had before: what waits there goes out, if their destination is still known.
Result<void> Network::add_left_lanes(const Log& log) {
  if (journal_ == nullptr) return {};
  for (const std::string& name : journal_->parties()) {
    if (!name.starts_with(lane_word)) continue;
    const std::size_t space = name.find(' ', lane_word.size());
    const std::string route = name.substr(lane_word.size(), space - lane_word.size());
    const std::string id = name.substr(space + 1);
    const auto link = links_.find(id);
    if (link != links_.end() && link->second->outlet().lane_of(route) != nullptr) continue;
    const auto party = journal_->party(name);
    if (!party) return std::unexpected(party.error());
    const auto left = journal_->backlog(*party);
    if (!left) return std::unexpected(left.error());
    if (left->records == 0) continue;
    if (link != links_.end()) {
      if (auto lane = lane_of(*link->second, route, nullptr); !lane) return std::unexpected(lane.error());
      continue;
    }
    log.warn(
        "left-in-store",
        fmt::format("{} message{} of route {} stay in the store: no endpoint has the client identifier {}",
                    left->records, left->records == 1 ? "" : "s", route, quoted(id)),
        {{"route", route}, {"client_id", id}, {"messages", fmt::format("{}", left->records)}});
  }
  return {};
}

Result<void> Network::restore() {
  for (Link* const link : std::exchange(new_, {}))
    if (auto restored = link->outlet().restore(link->party(), wall_milliseconds()); !restored)
      return restored;
  return {};
}

}  // namespace mq
