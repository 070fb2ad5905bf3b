#include "shared/output.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "shared/pipe.hpp"

namespace mq {
namespace {

using State = Output::State;

// As the programs have it.
const bool sigpipe_ignored = std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::mt19937 random(11);
  for (char& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

bool is_writable(int descriptor) {
  pollfd request{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&request, 1, 0) == 1;
}

// Lets `output` write and reads at `reader` in turn until all of it has come.
std::string drain(Output& output, int reader, std::size_t size) {
  std::string seen;
  while (seen.size() < size) {
    REQUIRE(output.flush());
    seen += test::read_some(reader, 50'000);
  }
  CHECK(output.flush() == State::drained);
  CHECK(output.size() == 0);
  return seen;
}

struct Terminal {
  Terminal() {
    termios settings{};
    ::cfmakeraw(&settings);
    REQUIRE(::openpty(&master, &slave, nullptr, &settings, nullptr) == 0);
  }
  ~Terminal() {
    close_master();
    ::close(slave);
  }
  void close_master() {
    if (master >= 0) ::close(master);
    master = -1;
  }
  int master = -1, slave = -1;
};

// Every open(2) fails as long as this lives.
class NothingOpens {
 public:
  NothingOpens() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~NothingOpens() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_CASE("a regular file takes all at once") {
  REQUIRE(sigpipe_ignored);
  const int file = ::memfd_create("output", MFD_CLOEXEC);
  Output output(file);
  CHECK(output.flush() == State::drained);
  const std::string text = pattern(3'000'000);
  output.buffer() = text;
  CHECK(output.size() == text.size());
  CHECK(output.flush() == State::drained);
  output.buffer() += "end";
  CHECK(output.finish() == State::drained);
  REQUIRE(::lseek(file, 0, SEEK_SET) == 0);
  CHECK(test::read_some(file, 4'000'000) == text + "end");
  ::close(file);
}

TEST_CASE("/dev/null takes all at once, /dev/full is an error that keeps what waits") {
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  Output nowhere(null);
  nowhere.buffer().assign(10'000'000, 'x');
  CHECK(nowhere.flush() == State::drained);
  CHECK(nowhere.buffer().capacity() < 10'000'000);
  ::close(null);

  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  Output output(full);
  output.buffer() += "lost?";
  const auto state = output.flush();
  REQUIRE_FALSE(state);
  CHECK(state.error().kind == ErrorKind::io);
  CHECK(state.error().text == "cannot write the output: no space left on device");
  CHECK(output.size() == 5);
  ::close(full);
}

TEST_CASE("a pipe whose reader has stopped blocks the output but not the program") {
  test::Pipe pipe;
  Output output(pipe.write_end());
  const std::string text = pattern(1'000'000);
  output.buffer() += text;
  CHECK(output.flush() == State::blocked);
  CHECK(output.flush() == State::blocked);
  CHECK(output.size() > 0);
  CHECK(output.size() < text.size());
  CHECK_FALSE(is_writable(output.descriptor()));
  output.buffer() += "more";
  CHECK(drain(output, pipe.read_end(), text.size() + 4) == text + "more");
  CHECK(is_writable(output.descriptor()));
}

TEST_CASE("the flags of the given descriptor stay as they were") {
  test::Pipe pipe;
  const int before = ::fcntl(pipe.write_end(), F_GETFL);
  {
    Output output(pipe.write_end());
    output.buffer() += pattern(200'000);
    CHECK(output.flush() == State::blocked);
    CHECK(::fcntl(pipe.write_end(), F_GETFL) == before);
  }
  CHECK(::fcntl(pipe.write_end(), F_GETFL) == before);
  CHECK((before & O_NONBLOCK) == 0);
}

TEST_CASE("a pipe without a reader is closed") {
  test::Pipe pipe;
  Output output(pipe.write_end());
  output.buffer() += "first";
  CHECK(output.flush() == State::drained);
  pipe.close_read_end();
  output.buffer() += "second";
  CHECK(output.flush() == State::closed);
  CHECK(output.size() == 0);
  output.buffer() += "third";
  CHECK(output.finish() == State::closed);

  test::Pipe dead;
  dead.close_read_end();
  Output late(dead.write_end());
  late.buffer() += "x";
  CHECK(late.flush() == State::closed);
}

TEST_CASE("a pipe that may not be opened again is written in pieces that always fit") {
  test::Pipe pipe;
  std::optional<Output> unprivileged;
  {
    const NothingOpens limit;
    unprivileged.emplace(pipe.write_end());
  }
  Output& output = *unprivileged;
  CHECK(output.descriptor() == pipe.write_end());
  const std::string text = pattern(300'000);
  output.buffer() += text;
  CHECK(output.flush() == State::blocked);
  // One page read may free room for less than a whole piece.
  std::string seen = test::read_some(pipe.read_end(), 1000);
  CHECK(output.flush() == State::blocked);
  seen += drain(output, pipe.read_end(), text.size() - seen.size());
  CHECK(seen == text);
  pipe.close_read_end();
  output.buffer() += "x";
  CHECK(output.flush() == State::closed);
}

TEST_CASE("a socket whose peer has stopped, and one whose peer has gone") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  Output output(ends[0]);
  const std::string text = pattern(2'000'000);
  output.buffer() += text;
  CHECK(output.flush() == State::blocked);
  CHECK((::fcntl(ends[0], F_GETFL) & O_NONBLOCK) == 0);
  CHECK(drain(output, ends[1], text.size()) == text);
  ::close(ends[1]);
  output.buffer() += "x";
  CHECK(output.flush() == State::closed);
  ::close(ends[0]);
}

TEST_CASE("a terminal that is stopped or not read") {
  Terminal terminal;
  Output output(terminal.slave);
  REQUIRE(::tcflow(terminal.slave, TCOOFF) == 0);
  output.buffer() += "held";
  CHECK(output.flush() == State::blocked);
  CHECK(output.size() == 4);
  REQUIRE(::tcflow(terminal.slave, TCOON) == 0);
  CHECK(output.flush() == State::drained);
  CHECK(test::read_some(terminal.master) == "held");

  const std::string text = pattern(300'000);
  output.buffer() += text;
  CHECK(output.flush() == State::blocked);
  CHECK(output.size() > 0);
  CHECK((::fcntl(terminal.slave, F_GETFL) & O_NONBLOCK) == 0);
  CHECK(drain(output, terminal.master, text.size()) == text);
}

TEST_CASE("a terminal that has gone is closed") {
  Terminal terminal;
  Output output(terminal.slave);
  terminal.close_master();
  output.buffer() += "x";
  CHECK(output.flush() == State::closed);
}

TEST_CASE("finish waits for a slow reader until all is written") {
  test::Pipe pipe;
  const std::string text = pattern(2'000'000);
  std::string seen;
  std::thread reader([&] {
    while (seen.size() < text.size()) seen += test::read_some(pipe.read_end(), 10'000);
  });
  Output output(pipe.write_end());
  output.buffer() += text;
  CHECK(output.finish() == State::drained);
  reader.join();
  CHECK(seen == text);
}

TEST_CASE("finish gives up on a reader that takes nothing") {
  test::Pipe pipe;
  Output output(pipe.write_end());
  output.buffer() += pattern(200'000);
  CHECK(output.finish(std::chrono::milliseconds(1)) == State::blocked);
  CHECK(output.size() > 0);
}

TEST_CASE("finish ends when a signal was handled") {
  test::Pipe pipe;
  Output output(pipe.write_end());
  output.buffer() += pattern(200'000);
  struct sigaction handled{}, before{};
  handled.sa_handler = [](int) {};
  REQUIRE(::sigaction(SIGALRM, &handled, &before) == 0);
  const itimerval soon_and_again{.it_interval = {0, 10'000}, .it_value = {0, 10'000}};
  REQUIRE(::setitimer(ITIMER_REAL, &soon_and_again, nullptr) == 0);
  CHECK(output.finish() == State::blocked);
  const itimerval off{};
  REQUIRE(::setitimer(ITIMER_REAL, &off, nullptr) == 0);
  REQUIRE(::sigaction(SIGALRM, &before, nullptr) == 0);
}

}  // namespace
}  // namespace mq
