// A descriptor of our own in the loop: waits for it and closes it. For net/ alone; what others share is
// watched with a Watch. Handlers come from the loop, and never after cancel(), close() or destruction.
#pragma once

#include <memory>

#include "net/loop.hpp"

namespace mq {

class Descriptor {
 public:
  enum class When { ready, now };  // now: no waiting, at the next turn

  Descriptor(Loop& loop, int number);  // which it owns, and may set to non-blocking
  Descriptor(Descriptor&&) noexcept = default;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int number() const;  // -1 when closed

  // One call each. At times ready turns out not to be: expect EAGAIN.
  void readable(Loop::Handler handler, When when = When::ready);
  void writable(Loop::Handler handler, When when = When::ready);
  void cancel();
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mq
