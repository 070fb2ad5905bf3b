// One thread's event loop: time, timers, descriptors, signals; the only reader of the clock. Everything that
// hangs on a Loop (timers, watches, transports, dials) is used from its thread alone, is destroyed before it,
// and calls its handlers from run(), never from within the call that asked for them.
// A handler may destroy whatever called it. What is cancelled or destroyed calls nothing any more.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>

#include "base/time.hpp"

namespace mq {

class Loop {
 public:
  using Handler = std::move_only_function<void()>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Read once for each handler that asks, at its first asking, so that a burst costs one reading.
  Time now() const;
  // Read at each call, for what measures how long something takes.
  Time this_moment() const;

  void run();  // until stop(), or until nothing is left that could call a handler
  // What can be called now, without waiting: for a thread whose loop is another one.
  void run_ready();
  void stop();  // run() returns after the handler that is running; before run(): that run() returns at once
  void post(Handler handler);  // called from run(), after the handler that is running

  // The one buffer that reads of all connections go into. Its bytes are the running handler's until it
  // returns.
  std::span<char> read_buffer();

  struct Impl;  // known to net/ alone
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Putting a deadline off costs nothing: the kernel is told again only when the earlier one has come.
class Timer {
 public:
  explicit Timer(Loop& loop);
  ~Timer();  // cancels
  // Replaces what was set before. A time that has passed fires at the next turn.
  void set(Time when, Loop::Handler handler);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Waits for a descriptor that the caller keeps open, and closes after the Watch is gone. What no kernel can
// wait for (a regular file, /dev/null, a closed descriptor) is always ready. The descriptor's flags, which
// other processes may share, stay as they are; so a blocking pipe that is writable takes PIPE_BUF bytes at
// once, no more.
class Watch {
 public:
  Watch(Loop& loop, int descriptor);
  ~Watch();  // cancels
  // One call each: ask again for the next. Errors and hang-ups count as ready, reading or writing shows them.
  void readable(Loop::Handler handler);
  void writable(Loop::Handler handler);
  // Nobody is at the other end any more. Of what is always ready nobody ever learns that.
  void over(Loop::Handler handler);
  void cancel();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Signals {
 public:
  // `handler` is called with the signal's number, each time, until destruction, which puts the old
  // dispositions back. Of two for the same number the younger one is called, and must go first.
  Signals(Loop& loop, std::initializer_list<int> numbers, std::move_only_function<void(int)> handler);
  ~Signals();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mq
