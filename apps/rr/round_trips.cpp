#include "rr/round_trips.hpp"

#include <algorithm>
#include <chrono>

namespace mq {

void RoundTrips::add(Message message) {
  messages_.push_back(message);
  if (messages_.size() <= remembered_) return;
  if (messages_.front().state == State::under_way) ++given_up_;
  messages_.pop_front();
  ++forgotten_;
}

void RoundTrips::sent(Time since) { add({.since = since}); }

void RoundTrips::not_sent() {
  ++unsent_;
  add({.state = State::unsent});
}

RoundTrips::Back RoundTrips::back(std::uint64_t number, Time now) {
  if (number == 0 || number > turns()) return {};
  if (number <= forgotten_) {
    ++late_;
    return {.arrival = Arrival::late};
  }
  Message& message = messages_[static_cast<std::size_t>(number - forgotten_ - 1)];
  if (message.state == State::unsent) return {};
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - message.since).count();
  Back back{.arrival = Arrival::again, .microseconds = static_cast<std::uint64_t>(std::max<long>(took, 0))};
  if (message.state == State::back) {
    ++doubled_;
    return back;
  }
  message.state = State::back;
  times_.record(back.microseconds);
  back.arrival = Arrival::first;
  return back;
}

std::uint64_t RoundTrips::lost(Time now, Duration patience) const {
  const auto is_lost = [limit = now - patience](const Message& one) {
    return one.state == State::under_way && one.since <= limit;
  };
  return given_up_ + static_cast<std::uint64_t>(std::ranges::count_if(messages_, is_lost));
}

}  // namespace mq
