#include <algorithm>
#include <utility>

#include "engine/troop.hpp"
#include "wire/topic.hpp"

// The verdict on what has arrived, once all is over: which promises were broken, message by message. Only
// what a server acknowledged was promised, and only to subscribers that it had a session for.

namespace mq {
namespace {

using Range = NumberRanges::Range;

// What of `from` is not in `what`; both in ascending order.
template <class Ranges>
std::vector<Range> without(const std::vector<Range>& from, const Ranges& what) {
  std::vector<Range> rest;
  auto next = what.begin();
  for (Range range : from) {
    while (next != what.end() && next->last < range.first) ++next;
    bool any = true;
    for (auto cut = next; any && cut != what.end() && cut->first <= range.last; ++cut) {
      if (cut->first > range.first) rest.push_back({range.first, cut->first - 1});
      any = cut->last < range.last;
      range.first = cut->last + 1;
    }
    if (any) rest.push_back(range);
  }
  return rest;
}

std::vector<Range> without(const std::vector<Range>& from, const NumberRanges& what) {
  const std::vector<Range> forgotten{{0, what.known_from() == 0 ? 0 : what.known_from() - 1}};
  const std::vector<Range> rest = what.known_from() > 0 ? without(from, forgotten) : from;
  return without(rest, what.ranges());
}

std::uint64_t at(const std::vector<std::uint64_t>& counts, std::uint32_t stream) {
  return stream < counts.size() ? counts[stream] : 0;
}

}  // namespace

StreamFacts Troop::sent() const {
  std::uint64_t streams = 0;
  for (const Squad& squad : squads_)
    streams = std::max(streams, squad.population->first_client + squad.population->clients);
  StreamFacts facts;
  facts.sent.resize(streams);
  facts.seen.resize(streams);
  for (const LoadClient* client : clients_) {
    if (client->receiving)
      client->receiving->sequences.visit(
          [&facts](std::uint32_t stream, const Sequence&) { ++facts.seen[stream]; });
    if (!client->sending) continue;
    const Sending& sending = *client->sending;
    facts.sent[client->number] = sending.next;
    if (!client->squad->population->publish || (!sending.exceptions && sending.open.size() == 0)) continue;
    Exceptions& exceptions = facts.exceptions[client->number];
    if (sending.exceptions) exceptions = *sending.exceptions;
    sending.open.visit(
        [&](Ticket ticket, const OpenRequests::Times&) { exceptions.unsure.add(sending.number_of(ticket)); });
  }
  return facts;
}

void Troop::breach(Breach::Kind kind, Breach what) {
  what.kind = kind;
  verdict_.breach_count += what.last - what.first + 1;
  if (verdict_.breaches.size() < most_breaches) verdict_.breaches.push_back(what);
}

Troop::Verdict Troop::judge(const StreamFacts& facts) {
  std::vector<std::uint32_t> unseen;
  for (std::uint32_t stream = 0; stream < facts.sent.size(); ++stream) {
    if (facts.sent[stream] == 0 || at(facts.seen, stream) >= plan_.receivers[stream]) continue;
    const Squad* from = squad_of(stream);
    if (from == nullptr || !from->population->publish) continue;
    const PublishPlan& plan = *from->population->publish;
    if (plan.qos != QoS::at_most_once && plan.stamp != StampPlace::none) unseen.push_back(stream);
  }
  std::optional<Audience> audience;
  if (!unseen.empty())
    if (auto made = Audience::make(plan_.scenario, unseen, plan_.environment)) audience = std::move(*made);
  for (const LoadClient* client : clients_) {
    if (client->sending && client->squad->population->publish)
      verdict_.unacknowledged[static_cast<std::size_t>(client->squad->population->publish->qos)] +=
          client->sending->open.size();
    if (client->receiving) judge(*client, facts, audience ? &*audience : nullptr);
  }
  verdict_.falls = falls();
  return std::move(verdict_);
}

std::vector<Falls> Troop::falls() const {
  std::vector<Falls> all;
  for (const Squad& squad : squads_) {
    Falls& falls = all.emplace_back();
    falls.kind = squad.fell_by;
    falls.why = squad.fell_why;
    for (const LoadClient& client : squad.clients) {
      if (client.times > 0) ++falls.ever;
      if (client.fell)
        ++falls.fallen;
      else if (client.times > 0)
        ++falls.stood;
    }
  }
  return all;
}

void Troop::judge(const LoadClient& client, const StreamFacts& facts, const Audience* audience) {
  const Receiving& receiving = *client.receiving;
  if (receiving.copies) judge_copies(client, facts);
  if (receiving.granted < 1) return;
  const Squad& squad = *client.squad;
  const auto filters = squad.names->filters(client.number - squad.population->first_client);
  // Of a shared subscription any other member may have got what this one has not.
  if (std::ranges::any_of(filters, [](const std::string& filter) { return is_shared(filter); })) return;
  std::uint64_t corrupted = receiving.corrupted;
  receiving.sequences.visit(
      [&](std::uint32_t stream, const Sequence&) { judge_stream(client, stream, facts, corrupted); });
  if (audience == nullptr) return;
  const bool no_local = squad.population->subscribe && squad.population->subscribe->no_local;
  for (const std::uint32_t stream : audience->streams_for(squad.index, filters)) {
    const bool own = no_local && stream == client.number;
    if (!own && receiving.sequences.find(stream) == nullptr) judge_stream(client, stream, facts, corrupted);
  }
}

void Troop::judge_copies(const LoadClient& client, const StreamFacts& facts) {
  const Copies& copies = *client.receiving->copies;
  for (const auto& [stream, number] : copies.first) {
    const auto found = facts.exceptions.find(stream);
    if (found != facts.exceptions.end()) {
      const NumberRanges& repeated = found->second.repeated;
      if (repeated.contains(number) || number < repeated.known_from()) continue;
    }
    breach(Breach::Kind::duplicated,
           {.qos = 2, .stream = stream, .first = number, .last = number, .subscriber = client.number});
  }
  const bool ours =
      std::ranges::any_of(facts.exceptions, [](const auto& entry) { return !entry.second.repeated.empty(); });
  if (!ours) verdict_.breach_count += copies.more;
}

void Troop::judge_stream(const LoadClient& client, std::uint32_t stream, const StreamFacts& facts,
                         std::uint64_t& corrupted) {
  const Receiving& receiving = *client.receiving;
  const Sequence* sequence = receiving.sequences.find(stream);
  if (sequence != nullptr && sequence->known_from() > 0) verdict_.forgetful = true;
  const Squad* from = squad_of(stream);
  const std::uint64_t sent = at(facts.sent, stream);
  // Whether another shard's server acknowledged them can't be known here.
  if (from == nullptr || sent == 0 || from->population->publish->qos == QoS::at_most_once) return;
  const std::uint64_t next = sequence != nullptr ? sequence->next() : 0;
  std::vector<Range> missing = sequence != nullptr ? sequence->missing() : std::vector<Range>();
  std::uint64_t end = receiving.away ? next : sent;
  if (receiving.lapses) {
    const auto past = receiving.lapses->past.find(stream);
    if (past != receiving.lapses->past.end()) missing = without(missing, past->second);
    const auto open = receiving.lapses->open.find(stream);
    if (open != receiving.lapses->open.end() || sequence == nullptr) end = next;
  }
  if (next < end) missing.push_back({.first = next, .last = end - 1});
  if (const auto found = facts.exceptions.find(stream); found != facts.exceptions.end())
    missing = without(missing, found->second.unsure);
  for (const Range& range : missing) {
    // What was changed on the way is missing under its number: it is not lost as well.
    const std::uint64_t changed = std::min(corrupted, range.last - range.first + 1);
    corrupted -= changed;
    Breach what{.qos = static_cast<int>(from->population->publish->qos),
                .stream = stream,
                .first = range.first,
                .last = range.first + changed - 1,
                .subscriber = client.number};
    if (changed > 0) breach(Breach::Kind::corrupted, what);
    what.first = range.first + changed;
    what.last = range.last;
    if (what.first <= what.last) breach(Breach::Kind::lost, what);
  }
}

}  // namespace mq
