// What has become of each message of a series that is to come back: under way since when, back, or never
// sent. Told the time, does nothing by itself. Memory is bounded: of the messages that don't come back only
// the newest are remembered, and those before them are lost for good.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/histogram.hpp"
#include "base/time.hpp"

namespace mq {

class RoundTrips {
 public:
  static constexpr std::size_t most_remembered = 65536;

  explicit RoundTrips(std::size_t remembered = most_remembered) : remembered_(remembered) {}

  // The message next() has left, or waits since then for its turn; or could not leave.
  void sent(Time since);
  void not_sent();

  enum class Arrival : std::uint8_t {
    first,
    again,    // it was back already
    late,     // so late that it was given up, or again
    unasked,  // no such message was sent
  };
  struct Back {
    Arrival arrival = Arrival::unasked;
    std::uint64_t microseconds = 0;  // that it took, for `first` and `again`
  };
  Back back(std::uint64_t number, Time now);

  std::uint64_t next() const { return forgotten_ + messages_.size() + 1; }  // numbers begin with 1
  std::uint64_t turns() const { return next() - 1; }                        // sent or not
  std::uint64_t unsent() const { return unsent_; }
  std::uint64_t sent() const { return turns() - unsent_; }
  std::uint64_t came() const { return times_.count(); }
  std::uint64_t doubled() const { return doubled_; }
  std::uint64_t late() const { return late_; }
  // Sent at least `patience` ago and not back.
  std::uint64_t lost(Time now, Duration patience) const;
  bool all_back() const { return came() == sent(); }
  const Histogram& times() const { return times_; }  // of those that came, in microseconds

 private:
  enum class State : std::uint8_t { under_way, back, unsent };
  struct Message {
    Time since{};
    State state = State::under_way;
  };

  void add(Message message);

  std::size_t remembered_;
  std::deque<Message> messages_;  // the newest ones
  std::uint64_t forgotten_ = 0;   // messages before those
  std::uint64_t given_up_ = 0;    // of these, sent and not back
  std::uint64_t unsent_ = 0;
  std::uint64_t doubled_ = 0;
  std::uint64_t late_ = 0;
  Histogram times_;
};

}  // namespace mq
