#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/troop.hpp"

// What arrives: deliveries, requests that want an answer, answers.

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
  Sequence& sequence = receiving.sequences.of(stamp.stream);
  const bool first_of_stream = sequence.next() == 0;
  const auto arrival = sequence.take(stamp.number);
  if (arrival == Sequence::Arrival::duplicate) {
    ++tally.at(qos, MessageCount::duplicated);
    if (message.qos != QoS::exactly_once) return;
    if (!receiving.copies) receiving.copies = std::make_unique<Copies>();
    Copies& copies = *receiving.copies;
    if (copies.first.size() < Copies::most)
      copies.first.emplace_back(stamp.stream, stamp.number);
    else
      ++copies.more;
    return;
  }
  if (receiving.lapses && arrival == Sequence::Arrival::fresh) end_lapse(receiving, stamp, first_of_stream);
  ++tally.at(qos, MessageCount::received);
  // Between topics no order is promised.
  if (arrival == Sequence::Arrival::late && from->maker->one_topic()) {
    ++tally.at(qos, MessageCount::reordered);
    breach(Breach::Kind::reordered, {.qos = qos,
                                     .stream = stamp.stream,
                                     .first = stamp.number,
                                     .last = stamp.number,
                                     .subscriber = client.number});
  }
  const std::int64_t now = plan_.wall(poller_.now());
  if ((plan != nullptr && plan->replay) || population.resumes) {
    const Time since = population.resumes ? client.connect_begun : receiving.subscribed_at;
    tally[Latency::replay].record(poller_.now() - since);
    replay_.add({.first = since, .last = poller_.now()});
    return;
  }
  if (from->measured_from == Time::max() || stamp.due < plan_.wall(from->measured_from)) return;
  const Duration since_due(now - stamp.due);
  tally[Latency::end_to_end].record(since_due, since_due - std::chrono::microseconds(stamp.late));
}

// The server has no session for it any more: whatever was sent since the last that it got is promised to
// nobody.
void Troop::lapse(LoadClient& client) {
  Receiving& receiving = *client.receiving;
  note(
      {ErrorKind::lost, "a session was not kept while its client was away: it misses what came then", 0, {}});
  if (!receiving.lapses) receiving.lapses = std::make_unique<Lapses>();
  receiving.sequences.visit([&receiving](std::uint32_t stream, const Sequence& sequence) {
    receiving.lapses->open.emplace(stream, sequence.next());
  });
}

void Troop::end_lapse(Receiving& receiving, const Stamp& stamp, bool first_of_stream) {
  Lapses& lapses = *receiving.lapses;
  const auto open = lapses.open.find(stamp.stream);
  if (open == lapses.open.end() && !first_of_stream) return;
  const std::uint64_t from = first_of_stream ? 0 : open->second;
  if (from < stamp.number) lapses.past[stamp.stream].add({.first = from, .last = stamp.number - 1});
  if (open != lapses.open.end()) lapses.open.erase(open);
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

}  // namespace mq
