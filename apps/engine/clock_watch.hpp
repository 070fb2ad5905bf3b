// How far the clocks of a load's hosts are apart, found out through the server: shard 0 answers the questions
// of the others with the time that it has, and the answer that took the shortest way is the best. What it
// can't know is which half of the way took longer: hence the uncertainty. Clocks drift: what is old is worth
// less.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/connection.hpp"
#include "engine/load_plan.hpp"
#include "load/outcome.hpp"

namespace mq {

class ClockWatch final : public ConnectionOwner {
 public:
  // All that it is given outlives it. It connects at once, to the first server.
  ClockWatch(Poller& poller, const LoadPlan& plan, WayIn& way);

  void tick();   // a few times a second, or more often
  void leave();  // it asks and answers no more, and disconnects
  // What is known now; nothing in shard 0, and as long as that has not answered.
  std::optional<ClockOffset> offset() const;

 private:
  void on_event(Connection& connection, const Event& event) override;
  void on_room(Connection& connection) override;
  void on_end(Connection& connection, const std::optional<Error>& why) override;
  void ask();
  void answer(Bytes question);
  void take(Bytes answer);
  double uncertainty() const;  // of the offset, nanoseconds
  void send(const std::string& topic, const std::string& text);
  std::int64_t wall() const { return plan_.wall(poller_.moment()); }

  Poller& poller_;
  const LoadPlan& plan_;
  WayIn& way_;
  Connection connection_;
  std::string topic_;  // of questions; of answers with the shard behind it
  Time next_{};        // question, or attempt to connect
  std::uint64_t asked_ = 0;
  bool subscribed_ = false, left_ = false;
  std::array<Time, 64> asked_at_{};  // the last questions, by their numbers
  std::optional<Duration> offset_;   // of the best answer
  Duration round_trip_{};            // of that
  Time taken_{};
};

}  // namespace mq
