#include "peers/process.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/text.hpp"
#include "peers/spawn.hpp"

namespace mq {
namespace {

Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

std::string shown(std::string_view name, std::string_view text) {
  std::string result = "\n  ";
  result.append(name).append(": ");
  if (text.size() <= 4000) return result.append(text);
  return result.append(text.substr(0, 2000)).append("\n ...\n").append(text.substr(text.size() - 2000));
}

// Appends what is there; false at the end of the stream.
bool read_into(int descriptor, std::string& text) {
  std::array<char, 65536> chunk;
  while (true) {
    const ssize_t got = ::read(descriptor, chunk.data(), chunk.size());
    if (got > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      return got != 0 && errno == EAGAIN;
    }
  }
}

}  // namespace

struct Process::State {
  Launch launch;
  Clock::time_point start = Clock::now();
  FileHandle wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Child child;
  FileHandle exit;
  std::thread pump;

  mutable std::mutex mutex;
  std::condition_variable changed;
  // Under the mutex:
  std::string out, err, terminal, pending;
  std::size_t written_of_pending = 0;
  bool reading = true, close_when_written = false, close_output = false, exited = false;
  Outcome outcome;

  explicit State(Launch given) : launch(std::move(given)), child(spawn(launch)) {
    exit = FileHandle(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    reading = launch.output != Output::unread;
    if (launch.input == Input::bytes) {
      pending = launch.input_bytes;
      close_when_written = true;
    }
    sigset_t all, old;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &old);  // a SIGPIPE belongs to the thread that writes
    pump = std::thread([this] { carry(); });
    ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  }

  ~State() {
    {
      const std::lock_guard lock(mutex);
      if (!exited) ::kill(child.pid, SIGKILL);
    }
    rouse();
    pump.join();
  }

  void rouse() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake.get(), &one, sizeof one);
  }

  void carry() {
    std::unique_lock lock(mutex);
    while (!exited) {
      write_pending();
      if (close_output && child.out) {
        child.out.close();
        changed.notify_all();
      }
      std::array<pollfd, 6> watched{};
      watched[0] = {wake.get(), POLLIN, 0};
      watched[1] = {exit.get(), POLLIN, 0};
      watched[2] = {reading ? child.out.get() : -1, POLLIN, 0};
      watched[3] = {child.err.get(), POLLIN, 0};
      watched[4] = {pending.empty() ? -1 : child.in.get(), POLLOUT, 0};
      watched[5] = {launch.input == Input::terminal ? child.in.get() : -1, POLLIN, 0};
      lock.unlock();
      ::poll(watched.data(), watched.size(), -1);
      lock.lock();
      if (watched[0].revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = ::read(wake.get(), &count, sizeof count);
      }
      if (reading) read_from(child.out, out);
      read_from(child.err, err);
      if ((watched[5].revents & POLLIN) != 0) (void)read_into(child.in.get(), terminal);
      if (watched[1].revents != 0) end();
      changed.notify_all();
    }
  }

  static void read_from(FileHandle& descriptor, std::string& text) {
    if (descriptor && !read_into(descriptor.get(), text)) descriptor.close();
  }

  void write_pending() {
    if (!child.in) return;
    while (written_of_pending < pending.size()) {
      const ssize_t written =
          ::write(child.in.get(), pending.data() + written_of_pending, pending.size() - written_of_pending);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0 && errno == EAGAIN) return;
      if (written < 0) {
        child.in.close();  // nobody reads the rest
        break;
      }
      written_of_pending += static_cast<std::size_t>(written);
    }
    pending.clear();
    written_of_pending = 0;
    if (close_when_written) child.in.close();
  }

  void end() {
    int status = 0;
    rusage usage{};
    ::wait4(child.pid, &status, 0, &usage);
    outcome.wall = Clock::now() - start;
    outcome.cpu = duration_of(usage.ru_utime) + duration_of(usage.ru_stime);
    outcome.max_rss_kib = usage.ru_maxrss;
    outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + outcome.signal;
    read_from(child.out, out);
    read_from(child.err, err);
    if (launch.input == Input::terminal && child.in) (void)read_into(child.in.get(), terminal);
    exited = true;
  }

  // With the mutex held.
  std::string seen() const {
    std::string text = "\n  command:";
    for (const std::string& word : launch.command) text.append(" ").append(quoted(word, 200));
    text += exited ? "\n  exit code: " + std::to_string(outcome.code) : "\n  still running";
    return text + shown("stdout", out) + shown("stderr", err) + shown("terminal", terminal);
  }

  template <class Done>
  void await(const std::string& what, Duration limit, Done done) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, limit, [&] { return done() || exited; });
    if (!done()) throw PeerFailure("waited in vain for " + what + seen());
  }
};

Process::Process(Launch launch) : state_(std::make_unique<State>(std::move(launch))) {}
Process::~Process() = default;
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;

pid_t Process::pid() const { return state_->child.pid; }

void Process::write(Bytes bytes) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->pending.append(bytes);
  }
  state_->rouse();
}

void Process::close_input() {
  if (state_->launch.input == Input::terminal) return write("\x04");
  {
    const std::lock_guard lock(state_->mutex);
    state_->close_when_written = true;
  }
  state_->rouse();
}

void Process::signal(int number) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->exited) ::kill(state_->child.pid, number);
}

void Process::read_output() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->reading = true;
  }
  state_->rouse();
}

// The thread's poll holds on to what it waits for: closed elsewhere, the pipe would still have its reader.
void Process::close_output() {
  std::unique_lock lock(state_->mutex);
  state_->close_output = true;
  state_->rouse();
  state_->changed.wait(lock, [this] { return !state_->child.out || state_->exited; });
}

std::string Process::out() const {
  const std::lock_guard lock(state_->mutex);
  return state_->out;
}

std::string Process::err() const {
  const std::lock_guard lock(state_->mutex);
  return state_->err;
}

void Process::await_terminal(std::string_view text, Duration limit) {
  state_->await("the terminal to hold " + quoted(text), limit,
                [&] { return state_->terminal.find(text) != std::string::npos; });
}

std::string Process::terminal() const {
  const std::lock_guard lock(state_->mutex);
  return state_->terminal;
}

void Process::await_out(std::string_view text, std::size_t from, Duration limit) {
  state_->await("stdout to hold " + quoted(text), limit,
                [&] { return state_->out.find(text, from) != std::string::npos; });
}

void Process::await_err(std::string_view text, std::size_t from, Duration limit) {
  state_->await("stderr to hold " + quoted(text), limit,
                [&] { return state_->err.find(text, from) != std::string::npos; });
}

void Process::await_lines(std::size_t count, Duration limit) {
  state_->await(std::to_string(count) + " lines on stdout", limit,
                [&] { return static_cast<std::size_t>(std::ranges::count(state_->out, '\n')) >= count; });
}

bool Process::running() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->exited;
}

Outcome Process::wait(Duration limit) {
  std::unique_lock lock(state_->mutex);
  if (!state_->changed.wait_for(lock, limit, [&] { return state_->exited; })) {
    ::kill(state_->child.pid, SIGKILL);
    throw PeerFailure("a program did not end in time" + state_->seen());
  }
  Outcome outcome = state_->outcome;
  outcome.out = state_->out;
  outcome.err = state_->err;
  return outcome;
}

long Process::peak_memory_kib() const {
  std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
  for (std::string word; status >> word;) {
    long value = 0;
    if (word == "VmHWM:" && status >> value) return value;
  }
  throw PeerFailure("no memory figures: the program has ended");
}

Outcome run(Launch launch, Duration limit) { return Process(std::move(launch)).wait(limit); }

}  // namespace mq
