#include "peers/spawn.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>

extern char** environ;

namespace mq {
namespace {

[[noreturn]] void fail_with_errno(const std::string& what) {
  throw PeerFailure(what + ": " + std::strerror(errno));
}

struct Pipe {
  FileHandle read, write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_with_errno("pipe");
  return {FileHandle(ends[0]), FileHandle(ends[1])};
}

FileHandle open_file(const std::string& path, int flags) {
  FileHandle file(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0600));
  if (!file) fail_with_errno("open " + path);
  return file;
}

void make_non_blocking(const FileHandle& end) {
  if (end) ::fcntl(end.get(), F_SETFL, ::fcntl(end.get(), F_GETFL) | O_NONBLOCK);
}

// What the child is to find at 0, 1 and 2.
struct Ends {
  FileHandle in, out, err;
};

FileHandle open_terminal(FileHandle& ours) {
  ours = FileHandle(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  std::array<char, 64> name{};
  if (!ours || ::grantpt(ours.get()) != 0 || ::unlockpt(ours.get()) != 0 ||
      ::ptsname_r(ours.get(), name.data(), name.size()) != 0)
    fail_with_errno("pseudo-terminal");
  return open_file(name.data(), O_RDWR);
}

void open_input(const Launch& launch, Ends& theirs, Child& child) {
  switch (launch.input) {
    case Input::closed:
      break;
    case Input::nothing:
      theirs.in = open_file("/dev/null", O_RDONLY);
      break;
    case Input::file:
      theirs.in = open_file(launch.input_path, O_RDONLY);
      break;
    case Input::terminal:
      theirs.in = open_terminal(child.in);
      break;
    case Input::bytes:
    case Input::pipe: {
      Pipe pipe = make_pipe();
      theirs.in = std::move(pipe.read);
      child.in = std::move(pipe.write);
      break;
    }
  }
}

void open_output(const Launch& launch, Ends& theirs, Child& child) {
  if (launch.output == Output::file) {
    theirs.out = open_file(launch.output_path, O_WRONLY | O_CREAT | O_TRUNC);
    return;
  }
  if (launch.output == Output::terminal) {
    if (launch.input != Input::terminal) throw PeerFailure("no terminal to write to: the input is none");
    theirs.out = FileHandle(::fcntl(theirs.in.get(), F_DUPFD_CLOEXEC, 0));
    return;
  }
  Pipe pipe = make_pipe();
  theirs.out = std::move(pipe.write);
  if (launch.output != Output::broken) child.out = std::move(pipe.read);
}

std::vector<std::string> make_environment(const Launch& launch) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (std::ranges::none_of(launch.environment, [&](const auto& change) { return change.first == name; }))
      result.emplace_back(text);
  }
  std::map<std::string, std::optional<std::string>> changes;  // of several for one name the last counts
  for (const auto& [name, value] : launch.environment) changes[name] = value;
  for (const auto& [name, value] : changes)
    if (value) result.push_back(name + '=' + *value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// Only calls that are safe between fork and exec in a program with threads.
[[noreturn]] void become(const Launch& launch, const Ends& ends, const char* path, char* const* arguments,
                         char* const* environment, int report) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (launch.input == Input::terminal) {
    ::setsid();
    ::ioctl(ends.in.get(), TIOCSCTTY, 0);
  }
  const bool placed = (ends.in ? ::dup2(ends.in.get(), 0) == 0 : ::close(0) == 0 || errno == EBADF) &&
                      ::dup2(ends.out.get(), 1) == 1 && ::dup2(ends.err.get(), 2) == 2;
  // What the test itself was started with would count against a program's limit of descriptors.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (placed) ::execve(path, arguments, environment);
  const int error = errno;
  if (::write(report, &error, sizeof error) < 0) ::_exit(126);
  ::_exit(127);
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : std::string();
  const char* from_environment = std::getenv("PATH");
  std::string folders = from_environment == nullptr ? "/usr/bin:/bin" : from_environment;
  folders += ":/usr/sbin:/sbin";
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    std::string path = folders.substr(begin, end - begin);
    path += '/';
    path += name;
    if (::access(path.c_str(), X_OK) == 0) return path;
    begin = end + 1;
  }
  return {};
}

Child spawn(const Launch& launch) {
  if (launch.command.empty()) throw PeerFailure("no program to run");
  const std::string path = find_program(launch.command.front());
  if (path.empty()) throw PeerFailure("no such program: " + launch.command.front());

  Child child;
  Ends theirs;
  open_input(launch, theirs, child);
  open_output(launch, theirs, child);
  Pipe errors = make_pipe();
  theirs.err = std::move(errors.write);
  child.err = std::move(errors.read);
  Pipe report = make_pipe();

  std::vector<std::string> arguments = launch.command;
  std::vector<std::string> environment = make_environment(launch);
  const std::vector<char*> argument_pointers = pointers(arguments);
  const std::vector<char*> environment_pointers = pointers(environment);

  child.pid = ::fork();
  if (child.pid < 0) fail_with_errno("fork");
  if (child.pid == 0)
    become(launch, theirs, path.c_str(), argument_pointers.data(), environment_pointers.data(),
           report.write.get());

  report.write.close();
  int error = 0;
  if (::read(report.read.get(), &error, sizeof error) == sizeof error) {
    ::waitpid(child.pid, nullptr, 0);
    throw PeerFailure("cannot run " + path + ": " + std::strerror(error));
  }
  make_non_blocking(child.in);
  make_non_blocking(child.out);
  make_non_blocking(child.err);
  return child;
}

}  // namespace mq
