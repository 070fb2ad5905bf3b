// The sink's own loop: epoll with a tag for each descriptor, a way in for other threads, and what is to
// happen at a time. The only place in the sink that reads the clock.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "base/error.hpp"
#include "base/time.hpp"

namespace mq::sink {

class Poller {
 public:
  Poller() = default;
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  Result<void> open();

  // `tag` comes back with the events; not null.
  void watch(int descriptor, std::uint32_t events, void* tag);
  void change(int descriptor, std::uint32_t events, void* tag);
  void forget(int descriptor);

  // Events, until the next call; at once if `hurry`. Then runs what is due.
  std::span<const epoll_event> wait(bool hurry);
  void run_due();
  Time now() const { return now_; }  // when wait() or pause() last ended
  using Due = std::multimap<Time, std::function<void()>>::iterator;
  Due at(Time time, std::function<void()> action);
  void cancel(Due due) { due_.erase(due); }  // before it has run

  void wake();                  // from any thread: ends wait() and pause()
  void pause(Duration length);  // does nothing for so long, or until woken

 private:
  void forget_wake();

  int epoll_ = -1, wake_ = -1;
  Time now_{};
  std::multimap<Time, std::function<void()>> due_;
  std::array<epoll_event, 512> events_;
};

}  // namespace mq::sink
