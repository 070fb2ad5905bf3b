#include "engine/poller.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <span>

#include "base/system_error.hpp"

namespace mq {
namespace {

constexpr std::uint64_t of_wake = ~std::uint64_t{0};
constexpr std::size_t events_at_once = 512;
// Guests may have timers of their own, of which nobody here knows.
constexpr auto guests_patience = std::chrono::milliseconds(50);

// Before Linux 5.11, in some containers and under valgrind there is no epoll_pwait2; epoll_wait knows no less
// than a millisecond, so that ppoll waits there.
int wait(int epoll, std::span<epoll_event> events, const timespec* limit) {
  const int room = static_cast<int>(events.size());
  const int count = ::epoll_pwait2(epoll, events.data(), room, limit, nullptr);
  if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
  pollfd all{.fd = epoll, .events = POLLIN, .revents = 0};
  if (::ppoll(&all, 1, limit, nullptr) <= 0) return 0;
  return ::epoll_wait(epoll, events.data(), room, 0);
}

std::uint64_t packed(Poller::Place place) { return std::uint64_t{place.generation} << 32 | place.index; }

Poller::Place unpacked(std::uint64_t value) {
  return {.index = static_cast<std::uint32_t>(value), .generation = static_cast<std::uint32_t>(value >> 32)};
}

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  now_ = moment();
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = of_wake;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  // The kernel may end a wait up to 50 us late to save power: a schedule in microseconds is what this is for.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
}

Poller::~Poller() {
  ::close(wake_);
  ::close(epoll_);
}

Time Poller::moment() const { return Clock::now(); }

// Two clocks can't be read in one moment: of several attempts the one that took the shortest is the best.
std::int64_t Poller::epoch() {
  constexpr int attempts = 10;
  Duration shortest = Duration::max();
  std::int64_t best = 0;
  for (int i = 0; i < attempts; ++i) {
    const Time before = Clock::now();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const Duration took = Clock::now() - before;
    if (took >= shortest) continue;
    shortest = took;
    best = (std::chrono::duration_cast<Duration>(wall) - (before + took / 2).time_since_epoch()).count();
  }
  return best;
}

Poller::Place Poller::add(Waiter& waiter) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  slots_[index].waiter = &waiter;
  return {.index = index, .generation = slots_[index].generation};
}

Result<Poller::Place> Poller::add(int socket, Waiter& waiter) {
  const Place place = add(waiter);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = packed(place);
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0) return place;
  const int error = errno;
  remove(place);
  return fail(ErrorKind::io, fmt::format("cannot wait for a socket: {}", system_error(error)), 0,
              error == ENOSPC ? "sysctl fs.epoll.max_user_watches has the limit" : "");
}

void Poller::hand_over(Place place, Waiter& to) { slots_[place.index].waiter = &to; }

void Poller::remove(Place place) {
  if (!find(place)) return;
  Slot& slot = slots_[place.index];
  slot.waiter = nullptr;
  ++slot.generation;
  free_.push_back(place.index);
}

Poller::Waiter* Poller::find(Place place) const {
  if (place.index >= slots_.size()) return nullptr;
  const Slot& slot = slots_[place.index];
  return slot.generation == place.generation ? slot.waiter : nullptr;
}

void Poller::post(Loop::Handler handler) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(handler));
  }
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

void Poller::take_posted() {
  std::uint64_t count = 0;
  (void)!::read(wake_, &count, sizeof count);
  std::vector<Loop::Handler> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (Loop::Handler& handler : posted) handler();
}

void Poller::turn(std::optional<Time> until) {
  std::array<epoll_event, events_at_once> events;
  timespec patience{};
  const timespec* limit = nullptr;
  if (has_guests_ && (!until || *until > now_ + guests_patience)) until = now_ + guests_patience;
  if (!resuming_.empty()) until = now_;
  if (until) {
    const auto left = std::max(*until - moment(), Duration::zero());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    patience = {.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    limit = &patience;
  }
  const int count = wait(epoll_, events, limit);
  now_ = moment();
  bool was_posted = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == of_wake) {
      was_posted = true;
    } else if (Waiter* waiter = find(unpacked(event.data.u64))) {
      waiter->ready(event.events);
    }
  }
  resumed_.swap(resuming_);
  for (const Place place : resumed_)
    if (Waiter* waiter = find(place)) waiter->resume();
  resumed_.clear();
  if (was_posted) take_posted();
  if (has_guests_) loop_.run_ready();
}

}  // namespace mq
