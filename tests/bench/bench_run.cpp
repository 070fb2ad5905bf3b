// Runs one program and writes to stdout, as one line of JSON, what it cost: wall time from start to exit, CPU
// time of user and system, highest resident memory, exit status (-1: killed, because the time limit passed).
// A program of its own because a small process starts another one faster and more evenly than an interpreter,
// and because the memory of the parent counts in what the kernel reports for the child.
//   bench_run [-c CORE] [-i STDIN] [-o STDOUT] [-e STDERR] [-t SECONDS] PROGRAM [ARGUMENT...]
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Command {
  int core = -1;
  int limit_seconds = 60;
  const char* standard_input = "/dev/null";
  const char* standard_output = "/dev/null";
  const char* standard_error = "/dev/null";
  char** program = nullptr;
};

[[noreturn]] void fail(const char* what, int error) {
  std::fprintf(stderr, "bench_run: %s: %s\n", what, std::strerror(error));
  std::exit(2);
}

Command parse(int argc, char** argv) {
  Command command;
  for (int letter = 0; (letter = ::getopt(argc, argv, "+c:i:o:e:t:")) != -1;) {
    switch (letter) {
      case 'c':
        command.core = std::atoi(optarg);
        break;
      case 'i':
        command.standard_input = optarg;
        break;
      case 'o':
        command.standard_output = optarg;
        break;
      case 'e':
        command.standard_error = optarg;
        break;
      case 't':
        command.limit_seconds = std::atoi(optarg);
        break;
      default:
        std::exit(2);
    }
  }
  if (optind == argc) fail("no program", EINVAL);
  command.program = argv + optind;
  return command;
}

void pin_to(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(core), &cores);
  if (::sched_setaffinity(0, sizeof cores, &cores) != 0) fail("core", errno);
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
}

}  // namespace

int main(int argc, char** argv) {
  const Command command = parse(argc, argv);
  if (command.core >= 0) pin_to(command.core);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, command.standard_input, O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, command.standard_output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_addopen(&files, 2, command.standard_error, O_WRONLY | O_CREAT | O_TRUNC, 0600);

  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, command.program[0], &files, nullptr, command.program, environ);
  if (error != 0) fail(command.program[0], error);

  // Whoever stops this program stops the other one too.
  struct sigaction stop{};
  stop.sa_handler = [](int) {};
  ::sigaction(SIGTERM, &stop, nullptr);
  pollfd ended{.fd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0)), .events = POLLIN, .revents = 0};
  const bool killed = ::poll(&ended, 1, command.limit_seconds * 1000) != 1;
  if (killed) ::kill(child, SIGKILL);
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();

  std::printf(R"({"wall": %.9f, "cpu": %.6f, "max_rss_kib": %ld, "status": %d})"
              "\n",
              wall, seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
              killed ? -1 : (WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)));
  return 0;
}
