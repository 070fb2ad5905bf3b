// How an outlet goes on where the journal's last owner stopped.
#include <algorithm>
#include <utility>

#include "bridge/outlet.hpp"
#include "session/saved.hpp"

namespace mq {

Result<void> Outlet::restore(PartyId session, std::int64_t wall) {
  session_ = session;
  if (journal_ == nullptr) return {};
  auto state = journal_->state(session);
  if (!state) return std::unexpected(std::move(state.error()));
  struct InLane {
    RecordInFlight flight;
    Lane* lane;
  };
  std::vector<InLane> all;
  for (const auto& lane : lanes_) {
    auto of = journal_->state(lane->party());
    if (!of) return std::unexpected(std::move(of.error()));
    if (auto restored = lane->restore(of->in_flight.size()); !restored) return restored;
    for (RecordInFlight& each : of->in_flight) all.push_back({std::move(each), lane.get()});
  }
  // In sending order [MQTT-4.6.0-1] [MQTT-4.6.0-4].
  std::ranges::sort(all, {}, [](const InLane& each) { return each.flight.turn; });
  std::vector<SavedPublish> publishes;
  Ticket ticket = 0;
  for (const auto& [flight, lane] : all) {
    const Record& record = flight.record;
    SavedPublish& saved =
        publishes.emplace_back(SavedPublish{.id = flight.packet_id, .published = record.arrived / 1000});
    if (!flight.received)
      saved.message = Publish{false,         record.qos,       record.retain,
                              record.topic,  flight.packet_id, Properties(record.properties),
                              record.payload};
    const std::size_t bytes = record.topic.size() + record.properties.size() + record.payload.size();
    flights_[++ticket] = {record.id, lane, bytes, record.arrived, 0};
  }
  if (publishes.empty() && state->held.empty()) return {};
  const SessionConfig& config = client_.session().config();
  const auto saved = saved_session(config.version, config.client_id, state->held, publishes);
  if (!saved) return std::unexpected(saved.error());
  return client_.restore(*saved, wall / 1000);
}

}  // namespace mq
