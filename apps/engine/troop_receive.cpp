#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/troop.hpp"

// What arrives: deliveries, requests that want an answer, answers; and the verdict on it all.

namespace mq {
const Squad* Troop::squad_of(std::uint32_t stream) const {
  for (const Squad& squad : squads_) {
    const Population& population = *squad.population;
    if (stream - population.first_client < population.clients) return &squad;
  }
  return nullptr;
}

void Troop::received(LoadClient& client, const Publish& message) {
  const Population& population = *client.squad->population;
  if (population.respond) return answer(client, message);
  if (population.request) return answered(client, message);
  if (!client.receiving) return;
  Receiving& receiving = *client.receiving;
  Tally& tally = *tally_;
  ++receiving.received;
  const auto read = read_stamp(message, plan_.scenario.run);
  const int delivered = static_cast<int>(message.qos);
  const SubscribePlan* plan = population.subscribe ? &*population.subscribe : nullptr;
  if (plan != nullptr && plan->count > 0 && receiving.received == plan->count) finish(client);
  if (!read) {
    ++tally[Count::unstamped];
    return;
  }
  if (read->corrupted) {
    ++receiving.corrupted;
    ++tally.at(delivered, MessageCount::corrupted);
    ++tally.at(delivered, MessageCount::received);
    return;
  }
  const Stamp& stamp = read->stamp;
  const Squad* from = squad_of(stamp.stream);
  if (from == nullptr || !from->population->publish) {
    ++tally[Count::unstamped];
    return;
  }
  // What a stream was sent with, not what a subscription made of it: so it adds up with what was expected.
  const int qos = static_cast<int>(from->population->publish->qos);
  const auto arrival = receiving.sequences.of(stamp.stream).take(stamp.number);
  const Breach what{.qos = qos,
                    .stream = stamp.stream,
                    .first = stamp.number,
                    .last = stamp.number,
                    .subscriber = client.number};
  if (arrival == Sequence::Arrival::duplicate) {
    ++tally.at(qos, MessageCount::duplicated);
    if (message.qos == QoS::exactly_once) breach(Breach::Kind::duplicated, what);
    return;
  }
  ++tally.at(qos, MessageCount::received);
  // Between topics no order is promised.
  if (arrival == Sequence::Arrival::late && from->maker->one_topic()) {
    ++tally.at(qos, MessageCount::reordered);
    breach(Breach::Kind::reordered, what);
  }
  const std::int64_t now = plan_.wall(poller_.now());
  if ((plan != nullptr && plan->replay) || population.resumes) {
    const Time since = population.resumes ? client.connect_begun : receiving.subscribed_at;
    tally[Latency::replay].record(poller_.now() - since);
    return;
  }
  if (from->measured_from == Time::max() || stamp.due < plan_.wall(from->measured_from)) return;
  const Duration since_due(now - stamp.due);
  tally[Latency::end_to_end].record(since_due, since_due - std::chrono::microseconds(stamp.late));
}

void Troop::answer(LoadClient& client, const Publish& request) {
  Publish reply{.qos = request.qos, .topic = {}, .properties = {}, .payload = request.payload};
  request_properties_.clear();
  std::string topic;
  if (const auto wanted = request.properties.bytes(PropertyId::response_topic)) {
    reply.topic = *wanted;
    if (const auto data = request.properties.bytes(PropertyId::correlation_data))
      (void)request_properties_.add(PropertyId::correlation_data, *data);
    reply.properties = request_properties_.view();
  } else {
    // Below 5.0 the scenario knows where the answer goes, and the stamp which request it was.
    const auto read = read_stamp(request, plan_.scenario.run);
    const Squad* from = read && !read->corrupted ? squad_of(read->stamp.stream) : nullptr;
    if (from == nullptr || !from->population->request) {
      ++(*tally_)[Count::unstamped];
      return;
    }
    topic = from->names->response_topic(read->stamp.stream - from->population->first_client);
    reply.topic = topic;
  }
  if (auto sent = client.session().publish(std::move(reply), poller_.now()); !sent) note(sent.error());
}

void Troop::answered(LoadClient& client, const Publish& message) {
  std::optional<std::uint64_t> number;
  const auto data = message.properties.bytes(PropertyId::correlation_data);
  if (data && data->size() == sizeof(std::uint64_t)) {
    number.emplace();
    std::memcpy(&*number, data->data(), sizeof *number);
  } else if (const auto read = read_stamp(message, plan_.scenario.run);
             read && !read->corrupted && read->stamp.stream == client.number) {
    number = read->stamp.number;
  }
  Tally& tally = *tally_;
  if (!number || !client.sending) {
    ++tally[Count::unstamped];
    return;
  }
  const auto times = client.sending->open.take(*number + 1);
  if (!times) {
    ++tally[Count::late_answers];
    return;
  }
  ++tally[Count::answers];
  client.sending->blocked = client.sending->blocked || !client.sending->queued;
  if (times->due < client.squad->measured_from) return;
  const Time now = poller_.now();
  tally[Latency::request].record(now - times->due, now - times->sent);
}

void Troop::breach(Breach::Kind kind, Breach what) {
  what.kind = kind;
  verdict_.breach_count += what.last - what.first + 1;
  if (verdict_.breaches.size() < most_breaches) verdict_.breaches.push_back(what);
}

Troop::Verdict Troop::judge(const std::vector<std::uint64_t>& sent) {
  for (const LoadClient* client : clients_) {
    if (client->sending && client->squad->population->publish)
      verdict_.unacknowledged[static_cast<std::size_t>(client->squad->population->publish->qos)] +=
          client->sending->open.size();
    if (!client->receiving) continue;
    std::uint64_t corrupted = client->receiving->corrupted;
    client->receiving->sequences.visit([&](std::uint32_t stream, const Sequence& sequence) {
      const Squad* from = squad_of(stream);
      if (from == nullptr || from->population->publish->qos == QoS::at_most_once || from->refused) return;
      const Population& own = *client->squad->population;
      const Population& subscribed = own.resumes ? plan_.scenario.populations[*own.resumes] : own;
      if (subscribed.subscribe && subscribed.subscribe->qos == QoS::at_most_once) return;
      std::vector<Sequence::Range> missing = sequence.missing();
      if (sequence.next() < sent[stream])
        missing.push_back({.first = sequence.next(), .last = sent[stream] - 1});
      for (Sequence::Range range : missing) {
        // What was changed on the way is missing under its number: it is not lost as well.
        const std::uint64_t changed = std::min(corrupted, range.last - range.first + 1);
        corrupted -= changed;
        Breach what{.qos = static_cast<int>(from->population->publish->qos),
                    .stream = stream,
                    .first = range.first,
                    .last = range.first + changed - 1,
                    .subscriber = client->number};
        if (changed > 0) breach(Breach::Kind::corrupted, what);
        what.first = range.first + changed;
        what.last = range.last;
        if (what.first <= what.last) breach(Breach::Kind::lost, what);
      }
    });
  }
  return std::move(verdict_);
}

}  // namespace mq
