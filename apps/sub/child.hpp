// A program that runs for us: gets bytes on its standard input, which is fed without ever being waited for,
// shares our standard output and error, inherits nothing else, has every signal at its default, and leads a
// process group of its own, so that a terminal's signals are not for it. The loop tells when it has ended.
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

class Child {
 public:
  using Ended = std::function<void(int status)>;  // as waitpid(2) has it

  // `words` and `environment` are not empty and hold no NUL; the program is looked for in PATH. Kind io; not
  // permanent when there were too few descriptors, processes or memory. `input` is taken once it runs.
  static Result<std::unique_ptr<Child>> start(Loop& loop, const std::vector<std::string>& words,
                                              const std::vector<std::string>& environment, Buffer& input,
                                              Ended ended);
  ~Child();  // one that still runs is left to itself
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // To all of its group.
  void signal(int number) const;
  bool group_left() const;  // whether anybody is left in it, itself too while it is not waited for
  // Its status once it has ended, waited for no longer than that; not through the loop.
  std::optional<int> wait(int milliseconds) const;

 private:
  Child(Loop& loop, pid_t process, int process_descriptor, int input_descriptor, Buffer input, Ended ended);
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
};

}  // namespace mq
