// What mqtt-bench shows on a terminal while a run goes on, and what is left of it after Ctrl-C.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "e2e/bench_run.hpp"
#include "peers/file_handle.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

constexpr std::string_view erase = "\r\x1b[J";
constexpr std::string_view erase_three = "\x1b[3A\r\x1b[J";

// Standard error, and with `all` standard output too, on a pseudo-terminal of that kind.
Launch on_terminal(std::uint16_t port, const Arguments& arguments, const char* kind, bool all = false) {
  Launch launch = with_input(bench("pubsub", port, arguments), Input::terminal);
  launch.command.pop_back();  // --no-progress
  const char* script = all ? "exec \"$0\" \"$@\" >&0 2>&0" : "exec \"$0\" \"$@\" 2>&0";
  launch.command.insert(launch.command.begin(), {"sh", "-c", script});
  launch.environment.insert(launch.environment.end(),
                            {{"TERM", kind}, {"LC_ALL", "C.UTF-8"}, {"NO_COLOR", std::nullopt}});
  return launch;
}

void resize(const Process& process, unsigned short columns) {
  const std::string name = "/proc/" + std::to_string(process.pid()) + "/fd/0";
  const FileHandle terminal(::open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  const winsize size{.ws_row = 30, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  REQUIRE(::ioctl(terminal.get(), TIOCSWINSZ, &size) == 0);
}

// Where on the terminal that is, behind its first `from` bytes, as soon as it is there.
std::size_t await(const Process& process, std::string_view text, std::size_t from) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    if (const std::size_t at = process.terminal().find(text, from); at != std::string::npos) return at;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw PeerFailure("the terminal does not show " + std::string(text) + ": " + process.terminal());
}

// What is left on a terminal that was shown this, line by line, as far as mqtt-bench asks it for anything.
std::vector<std::string> screen(std::string_view shown) {
  std::vector<std::string> lines(1);
  std::size_t row = 0, column = 0;
  while (!shown.empty()) {
    std::size_t taken = 1;
    if (shown.front() == '\n') {
      if (++row == lines.size()) lines.emplace_back();
    } else if (shown.front() == '\r') {
      column = 0;
    } else if (shown.starts_with("\x1b[J")) {
      taken = 3;
      lines.resize(row + 1);
      lines[row].resize(std::min(column, lines[row].size()));
    } else if (shown.starts_with("\x1b[")) {
      taken = shown.find('A') + 1;
      const std::size_t up = std::stoul(std::string(shown.substr(2, taken - 3)));
      CHECK(up <= row);
      row -= std::min(up, row);
    } else {
      std::string& line = lines[row];
      line.resize(std::max(line.size(), column + 1), ' ');
      line[column++] = shown.front();
    }
    shown.remove_prefix(taken);
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// A server that does nothing for a while.
class Stopped {
 public:
  explicit Stopped(const Mosquitto& broker) : process_(broker.process().pid()) { ::kill(process_, SIGSTOP); }
  ~Stopped() { ::kill(process_, SIGCONT); }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;

 private:
  pid_t process_;
};

}  // namespace

TEST_CASE("a block of lines is drawn in place, as wide as the terminal, and nothing of it stays") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process process(on_terminal(broker.port(), {"-c", "2", "--rate", "50", "-d", "4"}, "xterm"));
  resize(process, 120);
  process.await_terminal(erase_three);
  const std::string wide = process.terminal();
  const auto block = screen(wide.substr(0, wide.rfind(erase_three)));
  REQUIRE(block.size() == 3);
  CHECK(block[0].starts_with("pubsub  ["));
  CHECK(holds(block[0], "4 connected"));
  CHECK(holds(block[1], "/s"));
  CHECK(holds(block[2], "p99"));
  // What was drawn before is longer than what there is now: it counts as the lines that it takes.
  resize(process, 42);
  const std::size_t next = await(process, erase, wide.size()) + erase.size();
  await(process, erase, next);
  const Outcome outcome = process.wait();
  CHECK(outcome.code == 0);
  const std::string shown = process.terminal();
  const auto narrow = screen(shown.substr(next, shown.find('\x1b', next) - next));
  REQUIRE(narrow.size() == 3);
  for (const std::string& line : narrow) CHECK(columns(line) <= 41);
  CHECK(shown.ends_with(erase_three));
  CHECK(holds(outcome.out, "pubsub"));
  CHECK(holds(outcome.out, "limit"));
  CHECK_FALSE(holds(outcome.out, "\x1b"));
}

TEST_CASE("Ctrl-C leaves a clean terminal, and a report") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process process(on_terminal(broker.port(), {"-c", "2", "--rate", "50", "-d", "60"}, "xterm"));
  process.await_terminal("4 connected");
  process.write("\x03");
  const Outcome outcome = process.wait();
  CHECK(outcome.code == 130);
  CHECK(screen(process.terminal()).empty());
  CHECK(holds(outcome.out, "interrupted"));
}

TEST_CASE("while a server that stands still is waited for, that is what is shown, at once") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process process(on_terminal(
      broker.port(), {"-c", "2", "--rate", "50", "-q", "1", "-d", "60", "--drain", "1500ms"}, "xterm"));
  process.await_terminal(" s left");
  const Stopped stopped(broker);
  // What is sent from now on nobody acknowledges.
  await(process, erase, process.terminal().size());
  process.write("\x03");
  const std::size_t at = await(process, "stopping: waiting for what is on its way", 0);
  const Outcome outcome = process.wait();
  CHECK(outcome.code == 130);
  CHECK_FALSE(holds(process.terminal().substr(at), " s left"));
}

TEST_CASE("whoever presses Ctrl-C again and again has the report, its files and the exit code all the same") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  for (const char* processes : {"1", "2"}) {
    const TempDir dir;
    Process process(on_terminal(broker.port(),
                                {"-c", "20", "--rate", "20", "-q", "1", "-d", "60", "--processes", processes,
                                 "--json", dir.file("report.json")},
                                "xterm"));
    process.await_terminal("end to end");
    while (process.running()) {
      process.signal(SIGINT);
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    const Outcome outcome = process.wait();
    CAPTURE(processes);
    CHECK(outcome.signal == 0);
    CHECK(outcome.code == 130);
    CHECK(holds(outcome.out, "interrupted"));
    std::ifstream file(dir.file("report.json"));
    const nlohmann::json report = nlohmann::json::parse(file, nullptr, false);
    REQUIRE(report.is_object());
    CHECK(report["interrupted"] == true);
    CHECK(report["complete"] == true);
    CHECK(report["measured_s"] > 0.5);
    CHECK(report["rates"]["sent_per_s"] > 100);
  }
}

TEST_CASE("on a terminal that can't draw, and where nobody wants colours") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Arguments arguments{"-c", "1", "--rate", "50", "-d", "1.2"};
  Process dumb(on_terminal(broker.port(), arguments, "dumb", true));
  CHECK(dumb.wait().code == 0);
  CHECK(holds(dumb.terminal(), "limit"));
  CHECK_FALSE(holds(dumb.terminal(), "\x1b"));

  Launch launch = on_terminal(broker.port(), arguments, "xterm", true);
  launch.environment.emplace_back("NO_COLOR", "1");
  Process plain(launch);
  CHECK(plain.wait().code == 0);
  const std::string shown = plain.terminal();
  const std::size_t last = shown.rfind('\x1b');
  REQUIRE(last != std::string::npos);
  CHECK(shown.substr(last).starts_with("\x1b[J"));
  CHECK(holds(shown.substr(last), "limit"));
}
