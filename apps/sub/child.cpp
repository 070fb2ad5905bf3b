#include "sub/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

// The error's number, 0: it runs.
int spawn(pid_t& process, const std::vector<std::string>& words, const std::vector<std::string>& environment,
          int input) {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
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
                                            Ended ended) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot_start(words.front(), errno);
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);  // our end alone
  // Each of the two watches needs a descriptor too, and they are not to fail once the program runs.
  const std::array<int, 2> spare{::fcntl(ends[0], F_DUPFD_CLOEXEC, 0), ::fcntl(ends[0], F_DUPFD_CLOEXEC, 0)};
  pid_t process = 0;
  int error = spare[1] < 0 ? EMFILE : spawn(process, words, environment, ends[0]);
  for (const int descriptor : spare)
    if (descriptor >= 0) ::close(descriptor);
  ::close(ends[0]);
  int process_descriptor = -1;
  if (error == 0) {
    // There is room for it where ends[0] was. glibc 2.36 declares pidfd_open() without C linkage.
    process_descriptor = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    if (process_descriptor < 0) {
      error = errno;
      ::kill(-process, SIGKILL);
      ::waitpid(process, nullptr, 0);
    }
  }
  if (error != 0) {
    ::close(ends[1]);
    return cannot_start(words.front(), error);
  }
  return std::unique_ptr<Child>(
      new Child(loop, process, process_descriptor, ends[1], std::move(input), std::move(ended)));
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
    const Ended ended_now = std::move(ended_);  // it may destroy this
    ended_now(status);
  });
  feed();
}

Child::~Child() {
  end_.reset();
  ::close(process_descriptor_);
  close_input();
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
  if (input_descriptor_ >= 0) ::close(std::exchange(input_descriptor_, -1));
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

}  // namespace mq
