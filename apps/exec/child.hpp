// A program that runs for us: gets bytes on its standard input, which is fed without ever being waited for,
// shares our standard output and error unless they are captured, inherits nothing else, has every signal at
// its default, and leads a process group of its own, so that a terminal's signals are not for it. The loop
// tells when it has ended.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "net/loop.hpp"

namespace mq {

// What is kept of a captured output and error. What the error has more is read and forgotten; an output that
// is longer is closed, which ends most programs.
struct CaptureBounds {
  std::size_t output = 0, error = 0;
};

class Child {
 public:
  using Ended = std::function<void(int status)>;  // as waitpid(2) has it

  // `words` and `environment` are not empty and hold no NUL; the program is looked for in PATH. Kind io; not
  // permanent when there were too few descriptors, processes or memory. `input` is taken once it runs. When
  // it is captured, what it has written before its end is there when `ended` is called.
  static Result<std::unique_ptr<Child>> start(Loop& loop, const std::vector<std::string>& words,
                                              const std::vector<std::string>& environment, Buffer& input,
                                              Ended ended,
                                              std::optional<CaptureBounds> capture = std::nullopt);
  ~Child();  // one that still runs is left to itself
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // To all of its group.
  void signal(int number) const;
  bool group_left() const;  // whether anybody is left in it, itself too while it is not waited for
  // Its status once it has ended, waited for no longer than that; not through the loop.
  std::optional<int> wait(int milliseconds) const;

  // Captured so far.
  Bytes output() const { return output_.kept; }
  Bytes error() const { return error_.kept; }
  bool output_too_long() const { return output_.too_long; }

 private:
  // Our end of a pipe that it writes to.
  struct Capture {
    int descriptor = -1;
    std::size_t bound = 0;
    Buffer kept{};
    bool too_long = false;
    std::optional<Watch> watch{};
  };

  Child(Loop& loop, pid_t process, int process_descriptor, int input_descriptor, Buffer input, Ended ended);
  void capture(Capture& from, int descriptor, std::size_t bound);
  void read_on(Capture& from);
  bool read_once(Capture& from);
  void drain(Capture& from);
  static void close(Capture& from);
  void feed();
  void close_input();

  Loop& loop_;
  pid_t process_;
  int process_descriptor_;
  int input_descriptor_;
  Buffer input_;
  std::size_t fed_ = 0;
  Ended ended_;
  std::optional<Watch> end_;
  std::optional<Watch> room_;
  Capture output_, error_;
};

// Raises the soft limit of descriptors, as far as may be, to what so many children need at the same time.
void allow_descriptors(std::size_t children, bool captured);

// Asks the groups of these to end, and kills what is left of them a moment later. Waits for that, not through
// the loop.
void end_groups(std::vector<const Child*> children);

}  // namespace mq
