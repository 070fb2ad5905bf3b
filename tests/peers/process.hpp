// Runs a program as a shell would, and more: with every kind of standard input and output that it may meet,
// and with its time, memory and text kept. A thread of its own carries the bytes, so that a test only says
// what it waits for. What is not finished when a Process is destroyed is killed.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "peers/failure.hpp"

namespace mq {

enum class Input {
  nothing,   // /dev/null
  bytes,     // Launch::input_bytes through a pipe, then its end
  file,      // Launch::input_path
  pipe,      // stays open: write() and close_input()
  terminal,  // a pseudo-terminal: write() types, close_input() types the end of file
  closed,    // no descriptor 0 at all
};

enum class Output {
  captured,
  unread,    // a pipe that nobody reads until read_output()
  broken,    // a pipe whose reader is gone
  file,      // Launch::output_path
  terminal,  // the one of Input::terminal: Process::terminal() has it
};

struct Launch {
  std::vector<std::string> command;  // the program first: a path, or a name in PATH, /usr/sbin or /sbin
  std::vector<std::pair<std::string, std::optional<std::string>>> environment = {};  // nullopt takes it out
  Input input = Input::nothing;
  Buffer input_bytes = {};
  std::string input_path = {};
  Output output = Output::captured;
  std::string output_path = {};
};

struct Outcome {
  int code = 0;    // exit code; 128 + signal when a signal ended it, as a shell says
  int signal = 0;  // 0: it ended by itself
  std::string out, err;
  Duration wall{};       // from before the start
  Duration cpu{};        // user and system
  long max_rss_kib = 0;  // never less than the size of the program that started it (Linux counts the fork)
};

class Process {
 public:
  explicit Process(Launch launch);
  ~Process();
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;

  pid_t pid() const;
  void write(Bytes bytes);  // never waits
  void close_input();
  void signal(int number);
  void read_output();   // Output::unread: from now on it is
  void close_output();  // as `head` does when it has enough

  // All of it so far.
  std::string out() const;
  std::string err() const;

  // Waits until the output holds `text` behind its first `from` bytes; throws what was seen instead when the
  // limit or the program's end comes first.
  void await_out(std::string_view text, std::size_t from = 0, Duration limit = patience);
  // With Input::terminal: what the program shows there.
  void await_terminal(std::string_view text, Duration limit = patience);
  std::string terminal() const;
  void await_err(std::string_view text, std::size_t from = 0, Duration limit = patience);
  // Waits for that many lines (ends of line) on standard output.
  void await_lines(std::size_t count, Duration limit = patience);

  bool running() const;
  // The end. Kills it and throws what was seen when the limit comes first.
  Outcome wait(Duration limit = patience);

  // Peak of its resident memory so far; it must be running.
  long peak_memory_kib() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Outcome run(Launch launch, Duration limit = patience);

// Where a program is: `name` in PATH, /usr/sbin or /sbin, or `name` itself when it holds a slash; empty when
// nowhere.
std::string find_program(const std::string& name);

}  // namespace mq
