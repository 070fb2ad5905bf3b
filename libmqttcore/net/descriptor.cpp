#include "net/descriptor.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/loop.ipp"

namespace mq {
namespace {

using AsioDescriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;
using boost::system::error_code;

}  // namespace

struct Descriptor::State : std::enable_shared_from_this<State> {
  enum Direction : unsigned { reading, writing };

  struct Slot {
    Loop::Handler handler;
    unsigned ticket = 0;  // a completion that was under way when things changed holds an older one
  };

  State(Loop::Impl& l, int n) : loop(l), number(n), watched(l.context) {}

  // The kernel is told of a descriptor when it is first waited for.
  bool watch() {
    error_code error;
    if (!watched.is_open()) watched.assign(number, error);
    return !error;
  }

  void ask(Direction direction, Loop::Handler handler, When when) {
    if (number < 0) return;
    slots[direction].handler = std::move(handler);
    auto call = [self = shared_from_this(), direction, asked = ++slots[direction].ticket](error_code = {}) {
      Slot& slot = self->slots[direction];
      if (slot.ticket == asked) self->loop.turn(std::exchange(slot.handler, {}));
    };
    // What can't be watched is asked for its trouble by using it.
    if (when == When::now || !watch()) {
      boost::asio::post(loop.context, std::move(call));
    } else {
      watched.async_wait(direction == reading ? AsioDescriptor::wait_read : AsioDescriptor::wait_write,
                         std::move(call));
    }
  }

  void cancel() {
    for (Slot& slot : slots) {
      slot.handler = {};
      ++slot.ticket;
    }
    error_code ignored;
    if (watched.is_open()) watched.cancel(ignored);
  }

  void close() {
    if (number < 0) return;
    cancel();
    error_code ignored;
    if (watched.is_open()) {
      watched.close(ignored);
    } else {
      ::close(number);
    }
    number = -1;
  }

  Loop::Impl& loop;
  int number;
  AsioDescriptor watched;
  std::array<Slot, 2> slots;
};

Descriptor::Descriptor(Loop& loop, int number) : state_(std::make_shared<State>(loop.impl(), number)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (state_) state_->close();
    state_ = std::move(other.state_);
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (state_) state_->close();
}

int Descriptor::number() const { return state_->number; }

void Descriptor::readable(Loop::Handler handler, When when) {
  state_->ask(State::reading, std::move(handler), when);
}

void Descriptor::writable(Loop::Handler handler, When when) {
  state_->ask(State::writing, std::move(handler), when);
}

void Descriptor::cancel() { state_->cancel(); }

void Descriptor::close() { state_->close(); }

}  // namespace mq
