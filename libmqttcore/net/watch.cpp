#include <sys/epoll.h>

#include <cstdint>
#include <utility>

#include "net/descriptor.hpp"

namespace mq {

// The loop waits for an epoll instance of this watch's own, which holds the caller's descriptor. So nothing
// is done to the descriptor itself (Asio sets O_NONBLOCK on what it waits for), and two watches may hold the
// same one.
struct Watch::Impl {
  Impl(Loop& loop, int descriptor) : watched(descriptor), inner(loop, ::epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{};
    always_ready = ::epoll_ctl(inner.number(), EPOLL_CTL_ADD, watched, &event) != 0;
  }

  void ask() {
    if (always_ready) return inner.readable([this] { ready(EPOLLIN | EPOLLOUT); }, Descriptor::When::now);
    const std::uint32_t wanted = (on_readable ? EPOLLIN : 0U) | (on_writable ? EPOLLOUT : 0U);
    if (wanted != asked) {
      epoll_event event{.events = wanted, .data = {}};
      ::epoll_ctl(inner.number(), EPOLL_CTL_MOD, watched, &event);
      asked = wanted;
    }
    inner.readable([this] {
      epoll_event event{};
      if (::epoll_wait(inner.number(), &event, 1, 0) != 1) return ask();
      ready(event.events);
    });
  }

  // One handler in one turn, since it may destroy the watch; the other one is asked for again before.
  void ready(std::uint32_t events) {
    const bool over = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (over) events |= EPOLLIN | EPOLLOUT;
    Loop::Handler handler;
    if (on_readable && (events & EPOLLIN) != 0) {
      handler = std::exchange(on_readable, {});
    } else if (on_writable && (events & EPOLLOUT) != 0) {
      handler = std::exchange(on_writable, {});
    } else if (on_over && over) {
      handler = std::exchange(on_over, {});
    }
    if (on_readable || on_writable || on_over) ask();
    if (handler) handler();
  }

  int watched;
  bool always_ready = false;
  std::uint32_t asked = 0;
  Loop::Handler on_readable;
  Loop::Handler on_writable;
  Loop::Handler on_over;
  Descriptor inner;
};

Watch::Watch(Loop& loop, int descriptor) : impl_(std::make_unique<Impl>(loop, descriptor)) {}

Watch::~Watch() = default;

void Watch::readable(Loop::Handler handler) {
  impl_->on_readable = std::move(handler);
  impl_->ask();
}

void Watch::writable(Loop::Handler handler) {
  impl_->on_writable = std::move(handler);
  impl_->ask();
}

void Watch::over(Loop::Handler handler) {
  if (impl_->always_ready) return;
  impl_->on_over = std::move(handler);
  impl_->ask();
}

void Watch::cancel() {
  impl_->on_readable = {};
  impl_->on_writable = {};
  impl_->on_over = {};
  impl_->inner.cancel();
}

}  // namespace mq
