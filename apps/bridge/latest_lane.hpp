// A lane of which each topic's latest message alone goes out, and so often at most (conflation). All that
// waits is in memory, one message for each topic; the journal, if there is one, has it too.
#pragma once

#include <map>
#include <set>
#include <string>

#include "bridge/lane.hpp"

namespace mq {

class LatestLane final : public Lane {
 public:
  LatestLane(std::string name, Duration every, PartyId party, Journal* journal)
      : Lane(std::move(name), party, journal), every_(every) {}

  Result<void> restore(std::size_t in_flight) override;
  bool has_room(std::string_view topic, std::size_t bytes) const override;
  bool keeps_unstored() const override { return true; }
  bool open(Time /*now*/) const override { return false; }  // who goes must be remembered
  std::optional<Waiting> put(Waiting waiting, Time now) override;
  const Waiting* first(Time now) override;
  Waiting pop(Time now) override;
  const Waiting* oldest() override;
  Waiting drop_oldest() override;
  std::optional<Time> due(Time now) override;
  std::uint64_t size() const override { return size_; }
  Waiting drop_unstored() override { return drop_oldest(); }

 private:
  // One that went not long ago, or waits.
  struct Topic {
    Time from{};  // when it may go
    std::optional<Waiting> waiting;
  };
  using Topics = std::map<std::string, Topic, std::less<>>;
  struct Turn {
    Time from;
    Topics::iterator topic;
    bool operator<(const Turn& other) const {
      return from != other.from ? from < other.from : topic->first < other.topic->first;
    }
  };

  void forget_rested(Time now);
  Waiting take(Topics::iterator topic);

  Duration every_;
  Topics topics_;
  std::size_t topic_bytes_ = 0;
  std::set<Turn> turns_;  // of all topics, by their time
  std::uint64_t size_ = 0;
};

}  // namespace mq
