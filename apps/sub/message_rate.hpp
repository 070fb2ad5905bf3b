// How many messages came in each second (mosquitto_sub's --message-rate), told once a second instead of the
// messages.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "net/loop.hpp"

namespace mq {

class MessageRate {
 public:
  // `tell` gets a line with its newline, every second from now on.
  MessageRate(Loop& loop, std::function<void(const std::string& line)> tell)
      : tell_(std::move(tell)), timer_(loop), next_(loop.now()) {
    wait();
  }

  void count() { ++count_; }

 private:
  void wait() {
    next_ += std::chrono::seconds(1);
    timer_.set(next_, [this] {
      tell_(std::to_string(std::exchange(count_, 0)) + " msgs/s\n");
      wait();
    });
  }

  std::function<void(const std::string&)> tell_;
  Timer timer_;
  Time next_;
  std::uint64_t count_ = 0;
};

}  // namespace mq
