#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

#include "net/descriptor.hpp"

namespace mq {
namespace {

// A signal's action can reach nothing but what is static: for each number the descriptor that wakes its loop,
// plus one, so that zero is none.
std::array<std::atomic<int>, NSIG> wake_up;

extern "C" void wake_loop(int number) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(number);
  const int descriptor = wake_up[byte].load(std::memory_order_relaxed) - 1;
  [[maybe_unused]] const ssize_t ignored = ::write(descriptor, &byte, 1);
  errno = saved;
}

}  // namespace

struct Signals::Impl {
  struct Before {
    int number;
    int wake_up;
    struct sigaction action;
  };

  Impl(Loop& loop, std::array<int, 2> pipe, std::move_only_function<void(int)> h)
      : arrived(loop, pipe[0]),
        writing_end(loop, pipe[1]),
        handler(std::make_shared<Handler>(std::move(h))) {}

  static std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{-1, -1};
    [[maybe_unused]] const int ignored = ::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK);
    return ends;
  }

  void take(int number) {
    Before old{number, wake_up[static_cast<std::size_t>(number)].exchange(writing_end.number() + 1), {}};
    struct sigaction action{};
    action.sa_handler = wake_loop;
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, &old.action);
    before.push_back(old);
  }

  void give_back() {
    for (const Before& old : before) {
      ::sigaction(old.number, &old.action, nullptr);
      wake_up[static_cast<std::size_t>(old.number)].store(old.wake_up);
    }
  }

  void wait() {
    arrived.readable([this] {
      unsigned char number = 0;
      const bool got_one = ::read(arrived.number(), &number, 1) == 1;
      wait();
      if (!got_one) return;
      const auto called = handler;  // it may destroy these Signals
      (*called)(number);
    });
  }

  using Handler = std::move_only_function<void(int)>;
  Descriptor arrived;
  Descriptor writing_end;
  std::shared_ptr<Handler> handler;
  std::vector<Before> before;
};

Signals::Signals(Loop& loop, std::initializer_list<int> numbers, std::move_only_function<void(int)> handler)
    : impl_(std::make_unique<Impl>(loop, Impl::make_pipe(), std::move(handler))) {
  if (impl_->arrived.number() < 0) return;  // no descriptors left: the signals keep doing what they did
  for (const int number : numbers) impl_->take(number);
  impl_->wait();
}

Signals::~Signals() { impl_->give_back(); }

}  // namespace mq
