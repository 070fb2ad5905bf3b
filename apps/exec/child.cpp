#include "exec/child.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <span>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {
namespace {

// All that are to end are looked at so often, and so far apart, before they are killed.
constexpr int most_glances = 100;
constexpr int between_glances_ms = 2;
constexpr int killed_ms = 200;  // until one that was killed is gone
// Descriptors for each child: its input, its process, its output and error, and what watches them; and for
// all else.
constexpr rlim_t for_each = 4;
constexpr rlim_t for_each_captured = 8;
constexpr rlim_t for_all_else = 64;

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

// The error's number, 0: it runs.
int spawn(pid_t& process, const std::vector<std::string>& words, const std::vector<std::string>& environment,
          int input, int output, int error_output) {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  if (output >= 0) {
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, error_output, STDERR_FILENO);
  }
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t all{};
  sigset_t none{};
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  const int error = ::posix_spawnp(&process, words.front().c_str(), &actions, &attributes,
                                   pointers(words).data(), pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

void close_end(int& end) {
  if (end >= 0) ::close(std::exchange(end, -1));
}

// Closes what nobody has taken.
struct Pipe {
  int read_end = -1, write_end = -1;

  Pipe() = default;
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
};

std::unexpected<Error> cannot_start(const std::string& program, int error) {
  const bool scarce = error == EMFILE || error == ENFILE || error == EAGAIN || error == ENOMEM;
  return std::unexpected(
      Error{.kind = ErrorKind::io,
            .text = fmt::format("cannot start {}: {}", quoted(program), system_error(error)),
            .permanent = !scarce});
}

}  // namespace

Result<std::unique_ptr<Child>> Child::start(Loop& loop, const std::vector<std::string>& words,
                                            const std::vector<std::string>& environment, Buffer& input,
                                            Ended ended, std::optional<CaptureBounds> capture) {
  Pipe in;
  Pipe out;
  Pipe err;
  if (!in.open() || (capture && !(out.open() && err.open()))) return cannot_start(words.front(), errno);
  const std::array<int, 3> ours{in.write_end, out.read_end, err.read_end};
  for (const int end : ours)
    if (end >= 0) ::fcntl(end, F_SETFL, O_NONBLOCK);  // our ends alone
  // Each of the watches needs a descriptor too, and they are not to fail once the program runs.
  std::array<int, 4> spare{-1, -1, -1, -1};
  const std::size_t watches = capture ? 4 : 2;
  for (std::size_t i = 0; i < watches; ++i) spare[i] = ::fcntl(in.read_end, F_DUPFD_CLOEXEC, 0);
  pid_t process = 0;
  int error = spare[watches - 1] < 0
                  ? EMFILE
                  : spawn(process, words, environment, in.read_end, out.write_end, err.write_end);
  for (const int descriptor : spare)
    if (descriptor >= 0) ::close(descriptor);
  close_end(in.read_end);
  int process_descriptor = -1;
  if (error == 0) {
    // There is room for it where in.read_end was. glibc 2.36 declares pidfd_open() without C linkage.
    process_descriptor = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    if (process_descriptor < 0) {
      error = errno;
      ::kill(-process, SIGKILL);
      ::waitpid(process, nullptr, 0);
    }
  }
  if (error != 0) return cannot_start(words.front(), error);
  std::unique_ptr<Child> child(new Child(loop, process, process_descriptor, std::exchange(in.write_end, -1),
                                         std::move(input), std::move(ended)));
  if (capture) {
    child->capture(child->output_, std::exchange(out.read_end, -1), capture->output);
    child->capture(child->error_, std::exchange(err.read_end, -1), capture->error);
  }
  return child;
}

Child::Child(Loop& loop, pid_t process, int process_descriptor, int input_descriptor, Buffer input,
             Ended ended)
    : loop_(loop),
      process_(process),
      process_descriptor_(process_descriptor),
      input_descriptor_(input_descriptor),
      input_(std::move(input)),
      ended_(std::move(ended)) {
  end_.emplace(loop, process_descriptor);
  end_->readable([this] {
    int status = 0;
    if (::waitpid(process_, &status, 0) != process_) return;
    drain(output_);
    drain(error_);
    const Ended ended_now = std::move(ended_);  // it may destroy this
    ended_now(status);
  });
  feed();
}

Child::~Child() {
  end_.reset();
  ::close(process_descriptor_);
  close_input();
  close(output_);
  close(error_);
}

void Child::capture(Capture& from, int descriptor, std::size_t bound) {
  from.descriptor = descriptor;
  from.bound = bound;
  from.watch.emplace(loop_, descriptor);
  from.watch->readable([this, &from] { read_on(from); });
}

void Child::read_on(Capture& from) {
  (void)read_once(from);
  if (from.descriptor >= 0) from.watch->readable([this, &from] { read_on(from); });
}

// Once. False when there is nothing to read now, or no more.
bool Child::read_once(Capture& from) {
  const std::span<char> buffer = loop_.read_buffer();
  ssize_t count = 0;
  do count = ::read(from.descriptor, buffer.data(), buffer.size());
  while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return false;
  if (count <= 0) {
    close(from);
    return false;
  }
  const auto size = static_cast<std::size_t>(count);
  const std::size_t room = from.bound - from.kept.size();
  from.kept.append(buffer.data(), std::min(size, room));
  from.too_long = from.too_long || size > room;
  if (from.too_long && &from == &output_) close(from);
  return from.descriptor >= 0;
}

// What was in the pipe when it ended; somebody whom it left behind may go on writing for ever.
void Child::drain(Capture& from) {
  constexpr int most_reads = 64;
  for (int reads = 0; from.descriptor >= 0 && read_once(from) && reads < most_reads;) ++reads;
  close(from);
}

void Child::close(Capture& from) {
  from.watch.reset();
  close_end(from.descriptor);
}

void Child::feed() {
  while (fed_ < input_.size()) {
    const ssize_t count = ::write(input_descriptor_, input_.data() + fed_, input_.size() - fed_);
    if (count >= 0) {
      fed_ += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      if (!room_) room_.emplace(loop_, input_descriptor_);
      return room_->writable([this] { feed(); });
    } else if (errno != EINTR) {
      break;  // it does not read, which is its own affair
    }
  }
  close_input();
}

void Child::close_input() {
  room_.reset();
  close_end(input_descriptor_);
  input_ = {};
}

void Child::signal(int number) const { ::kill(-process_, number); }

bool Child::group_left() const { return ::kill(-process_, 0) == 0; }

std::optional<int> Child::wait(int milliseconds) const {
  pollfd request{.fd = process_descriptor_, .events = POLLIN, .revents = 0};
  int status = 0;
  if (::poll(&request, 1, milliseconds) <= 0 || ::waitpid(process_, &status, WNOHANG) != process_)
    return std::nullopt;
  return status;
}

void allow_descriptors(std::size_t children, bool captured) {
  const rlim_t wanted = (captured ? for_each_captured : for_each) * children + for_all_else;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void end_groups(std::vector<const Child*> children) {
  for (const Child* const child : children) child->signal(SIGTERM);
  // A program's own children may outlive it, and nothing but its group tells of them.
  const auto gone = [](const Child* child) {
    (void)child->wait(0);
    return !child->group_left();
  };
  std::erase_if(children, gone);
  for (int glance = 0; glance < most_glances && !children.empty(); ++glance) {
    (void)::poll(nullptr, 0, between_glances_ms);
    std::erase_if(children, gone);
  }
  for (const Child* const child : children) child->signal(SIGKILL);
  for (const Child* const child : children) (void)child->wait(killed_ms);
}

}  // namespace mq
