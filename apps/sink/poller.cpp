#include "sink/poller.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/system_error.hpp"

namespace mq::sink {

Poller::~Poller() {
  if (epoll_ >= 0) ::close(epoll_);
  if (wake_ >= 0) ::close(wake_);
}

Result<void> Poller::open() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0)
    return fail(ErrorKind::io, "cannot open an epoll descriptor: " + system_error(errno));
  now_ = Clock::now();
  return {};
}

void Poller::watch(int descriptor, std::uint32_t events, void* tag) {
  epoll_event event{.events = events, .data = {.ptr = tag}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void Poller::change(int descriptor, std::uint32_t events, void* tag) {
  epoll_event event{.events = events, .data = {.ptr = tag}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void Poller::forget(int descriptor) { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr); }

std::span<const epoll_event> Poller::wait(bool hurry) {
  int timeout = -1;
  if (hurry) {
    timeout = 0;
  } else if (!due_.empty()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - Clock::now());
    timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
  }
  const int ready = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout);
  now_ = Clock::now();
  std::size_t count = 0;
  for (const epoll_event& event : std::span(events_).first(static_cast<std::size_t>(std::max(ready, 0)))) {
    if (event.data.ptr != nullptr) {
      events_[count++] = event;
    } else {
      forget_wake();
    }
  }
  return std::span(events_).first(count);
}

void Poller::run_due() {
  while (!due_.empty() && due_.begin()->first <= now_) {
    const auto due = due_.extract(due_.begin());
    due.mapped()();
  }
}

Poller::Due Poller::at(Time time, std::function<void()> action) {
  return due_.emplace(time, std::move(action));
}

void Poller::forget_wake() {
  std::uint64_t value = 0;
  (void)!::read(wake_, &value, sizeof value);
}

void Poller::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

void Poller::pause(Duration length) {
  const Time end = Clock::now() + length;
  pollfd woken{.fd = wake_, .events = POLLIN, .revents = 0};
  int ready = 0;
  while (ready <= 0 && (now_ = Clock::now()) < end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now_);
    ready = ::poll(&woken, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
  }
  if (ready > 0) forget_wake();
}

}  // namespace mq::sink
