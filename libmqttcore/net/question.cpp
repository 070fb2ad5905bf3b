#include "net/question.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {

std::unexpected<Error> not_resolved(ErrorKind kind, std::string_view name, std::string_view why,
                                    std::string hint) {
  return fail(kind, fmt::format("cannot resolve {}: {}", quoted(name), why), 0, std::move(hint));
}

// The thread does its work, says so with `yet`, and wakes the loop by closing its end of a pipe; by then the
// loop may be gone.
struct Question::Given {
  std::atomic<bool> yet = false;
};

Question::Question(Descriptor answered, std::shared_ptr<Given> given, Loop::Handler handler)
    : handler_(std::move(handler)), given_(std::move(given)), answered_(std::move(answered)) {
  answered_.readable([this] {
    given_->yet.wait(false, std::memory_order_acquire);
    auto to_call = std::exchange(handler_, {});
    to_call();
  });
}

Result<std::unique_ptr<Question>> Question::start(Loop& loop, const std::string& name,
                                                  std::function<void()> work, Loop::Handler handler) {
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    return not_resolved(ErrorKind::connect, name, system_error(errno));
  Descriptor answered(loop, pipe[0]);
  auto given = std::make_shared<Given>();
  auto ask = [given, work = std::move(work), wake_up = pipe[1]] {
    work();
    given->yet.store(true, std::memory_order_release);
    ::close(wake_up);
  };
  // Signals are for the threads that were there before.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int trouble = 0;
  try {
    std::thread(std::move(ask)).detach();
  } catch (const std::system_error& e) {
    trouble = e.code().value();
    ::close(pipe[1]);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (trouble != 0) return not_resolved(ErrorKind::connect, name, system_error(trouble));
  return std::make_unique<Question>(std::move(answered), std::move(given), std::move(handler));
}

}  // namespace mq
