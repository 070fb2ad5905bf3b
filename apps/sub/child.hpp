// A program that runs for us: gets bytes on its standard input, which is fed without ever being waited for,
// shares our standard output and error, inherits nothing else, and has every signal at its default. The loop
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

class Child {
 public:
  using Ended = std::function<void(int status)>;  // as waitpid(2) has it

  // `words` and `environment` are not empty and hold no NUL; the program is looked for in PATH. Kind io.
  static Result<std::unique_ptr<Child>> start(Loop& loop, const std::vector<std::string>& words,
                                              const std::vector<std::string>& environment, Buffer input,
                                              Ended ended);
  ~Child();  // one that still runs is left to itself
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void signal(int number) const;
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
