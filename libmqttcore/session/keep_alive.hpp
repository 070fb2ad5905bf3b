// When a PINGREQ is due and when silence means a dead peer (5.0: 3.1.2.10). Told what happens; keeps times,
// reads no clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace mq {

class KeepAlive {
 public:
  // Both leave alone when something was last sent, which may be CONNECT, and whether somebody reads, which
  // outlives a connection.
  void start(std::uint16_t seconds, Time now) {
    interval_ = std::chrono::seconds(seconds);
    received_ = now;
    pinged_.reset();
    delivered_ = 0;
  }
  void stop() { interval_ = {}; }

  void sent(Time now) { sent_ = now; }
  void received(Time now) {
    received_ = now;
    pinged_.reset();
  }
  // `end`: of the connection's output, with the PINGREQ.
  void pinged(Time now, std::uint64_t end) {
    sent_ = now;
    if (pinged_) return;
    pinged_ = now;
    ping_end_ = end > delivered_ + little ? end : 0;
  }
  // So many bytes of the output have got to the peer. A PINGREQ behind much else, on a slow way, is not there
  // yet; as long as the way moves, the peer is neither gone nor can it answer. One behind little counts as
  // there at once.
  void delivered(std::uint64_t bytes, Time now) {
    if (pinged_ && bytes > delivered_ && delivered_ < ping_end_) pinged_ = now;
    delivered_ = std::max(delivered_, bytes);
  }

  // While nobody takes messages from us no answer can be seen: silence proves nothing then.
  void reading(bool on, Time now) {
    if (on && !reading_ && pinged_) pinged_ = now;
    reading_ = on;
  }
  bool reading() const { return reading_; }

  // A tenth early, so that no delay of ours makes the gap longer than the interval [MQTT-3.1.2-20]. Also
  // after an interval without input, so that a peer that is gone shows while we only send.
  bool ping_due(Time now) const { return on() && now >= ping_time(); }
  bool dead(Time now) const { return on() && pinged_ && reading_ && now >= *pinged_ + patience(); }

  std::optional<Time> deadline() const {
    if (!on()) return std::nullopt;
    return pinged_ && reading_ ? std::min(ping_time(), *pinged_ + patience()) : ping_time();
  }

 private:
  static constexpr std::uint64_t little = 16384;

  bool on() const { return interval_ > Duration::zero(); }
  // So that a dead peer shows within one and a half intervals of its last sign of life.
  Duration patience() const { return interval_ / 2; }
  Time ping_time() const { return (pinged_ ? sent_ : std::min(sent_, received_)) + interval_ / 10 * 9; }

  Duration interval_{};
  Time sent_{};
  Time received_{};
  std::optional<Time> pinged_;  // a PINGREQ is out and nothing has come since
  std::uint64_t ping_end_ = 0;  // where it ends in the output, if it went behind much
  std::uint64_t delivered_ = 0;
  bool reading_ = true;
};

}  // namespace mq
