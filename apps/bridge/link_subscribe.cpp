// What a link is subscribed to, and what the journal knows of that.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "bridge/link.hpp"

namespace mq {

Result<void> Link::remember(PartyId party) {
  party_ = party;
  auto note = journal_->note(party);
  if (!note) return std::unexpected(std::move(note.error()));
  for (std::size_t at = 0; at < note->size();) {
    const std::size_t end = note->find('\n', at);
    unwanted_.push_back(note->substr(at, end - at));
    at = end + 1;
  }
  noted_ = *std::move(note);
  return {};
}

// A filter with a line feed in it would be two that no session has.
void Link::note_subscriptions() {
  if (journal_ == nullptr) return;
  std::string text;
  for (const WantedSubscription& one : subscriptions_) text += one.filter + '\n';
  for (const auto& [ticket, filter] : given_up_) text += filter + '\n';
  if (text == noted_) return;
  if (auto noted = journal_->set_note(party_, text); !noted)
    endpoint_->connection.log.report(noted.error(), "store-fails");
  else
    noted_ = std::move(text);
}

void Link::follow(std::vector<Route*> routes) {
  routes_ = std::move(routes);
  const auto before = std::exchange(
      subscriptions_, subscriptions_of(routes_, client_.session().config().version, endpoint_->most_qos()));
  for (const WantedSubscription& one : before) unwanted_.push_back(one.filter);
  std::erase_if(unwanted_, [this](const std::string& filter) {
    return std::ranges::find(subscriptions_, filter, &WantedSubscription::filter) != subscriptions_.end();
  });
  if (!client_.session().connected()) {
    subscribed_ = false;
    return;
  }
  // First what comes anew: between the two nothing of both may be missed.
  std::vector<WantedSubscription> anew;
  std::ranges::copy_if(subscriptions_, std::back_inserter(anew), [&before](const WantedSubscription& one) {
    return std::ranges::find(before, one) == before.end();
  });
  subscribe(anew);
  unsubscribe();
}

void Link::on_subscribed(const Subscribed& subscribed) {
  const auto of = std::ranges::find(asked_, subscribed.ticket, &std::pair<Ticket, std::string>::first);
  if (of == asked_.end()) return;
  for (const char code : subscribed.suback.codes)
    if (is_failure(static_cast<ReasonCode>(octet(code))))
      endpoint_->connection.log.report(
          {ErrorKind::denied,
           fmt::format("{}: the server refused the subscription to {}", endpoint_->name, quoted(of->second)),
           octet(code),
           {}},
          "subscription-refused", {{"endpoint", endpoint_->name}, {"filter", of->second}});
  asked_.erase(of);
}

void Link::subscribe(const std::vector<WantedSubscription>& wanted) {
  const Session& session = client_.session();
  const bool identified =
      session.config().version == Version::v5 && session.limits().subscription_identifiers;
  for (const WantedSubscription& one : wanted) {
    const Subscription subscription{.filter = one.filter,
                                    .qos = one.qos,
                                    .no_local = one.no_local,
                                    .retain_as_published = one.retain_as_published,
                                    .retain_handling = one.retain_handling};
    PropertyList properties;
    if (identified) (void)properties.add(PropertyId::subscription_identifier, one.identifier);
    if (const auto ticket = client_.subscribe({subscription}, properties.view()))
      asked_.emplace_back(*ticket, one.filter);
    else
      endpoint_->connection.log.report(ticket.error(), "subscription-refused",
                                       {{"endpoint", endpoint_->name}, {"filter", one.filter}});
  }
}

void Link::unsubscribe() {
  for (std::string& filter : std::exchange(unwanted_, {}))
    if (const auto ticket = client_.unsubscribe({filter}, {}))
      given_up_.emplace_back(*ticket, std::move(filter));
  note_subscriptions();
}

}  // namespace mq
