// The event loop of one thread that holds very many connections: epoll itself, edge-triggered, one
// registration for the life of a socket, and a wait that ends to the microsecond. What is built on net's Loop
// (TLS, WebSocket) is its guest: it has a turn whenever something has happened. The one place of the engine
// that reads the clock.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/loop.hpp"

namespace mq {

class Poller {
 public:
  // Somebody who waits for a socket. Calls come from turn() alone.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void ready(std::uint32_t epoll_events) = 0;
    virtual void resume() = 0;  // asked for by resume_soon()
  };
  // Names a waiter as long as it is there.
  struct Place {
    std::uint32_t index = 0, generation = 0;
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  Time now() const { return now_; }  // as of this turn
  Time moment() const;               // read now
  // What has to be added to the steady clock's nanoseconds to have nanoseconds since 1970.
  static std::int64_t epoch();

  // The socket is the caller's, who closes it after remove(). Kind io: the kernel watches no more of them.
  Result<Place> add(int socket, Waiter& waiter);
  // For somebody who has no socket and waits for resume_soon() alone.
  Place add(Waiter& waiter);
  void hand_over(Place place, Waiter& to);
  void remove(Place place);
  void resume_soon(Place place) { resuming_.push_back(place); }

  // Waits for what happens, at most until `until`, and lets everybody do what he waited for.
  void turn(std::optional<Time> until);

  // From any thread: called in a turn of this one.
  void post(Loop::Handler handler);

  Loop& loop() { return loop_; }
  // There are guests on the loop; from now on it gets its turns.
  void invite() { has_guests_ = true; }

 private:
  struct Slot {
    Waiter* waiter = nullptr;
    std::uint32_t generation = 0;
  };

  Waiter* find(Place place) const;
  void take_posted();

  Loop loop_;
  bool has_guests_ = false;
  int epoll_ = -1;
  int wake_ = -1;  // an eventfd, written to when something was posted
  Time now_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Place> resuming_, resumed_;
  std::mutex mutex_;  // of what other threads post
  std::vector<Loop::Handler> posted_;
};

}  // namespace mq
