// Sources that make a message of each line of standard input: the whole line, or what its format finds in it.
#pragma once

#include <unistd.h>

#include "input/line_input.hpp"
#include "input/source.hpp"

namespace mq {

// What sources of lines have in common.
class LinesOfInput : public Source {
 public:
  LinesOfInput(int descriptor, char delimiter) : input_(descriptor, delimiter) {}

  void start(Loop& loop, Loop::Handler ready) override { input_.start(loop, std::move(ready)); }
  std::uint64_t line() const override { return input_.line(); }

 protected:
  // No line is there.
  Supply wait() {
    switch (input_.wait()) {
      case LineInput::State::waiting:
        return Supply::nothing;
      case LineInput::State::end:
        return Supply::end;
      case LineInput::State::failed:
        break;
    }
    return say(Supply::failed, input_.error());
  }

  LineInput input_;
};

class LineSource final : public LinesOfInput {
 public:
  explicit LineSource(char delimiter) : LinesOfInput(STDIN_FILENO, delimiter) {}

  Supply next(Draft& draft) override {
    const auto line = input_.next();
    if (!line) return wait();
    draft.payload = *line;
    return Supply::message;
  }
};

class FormattedLines final : public LinesOfInput {
 public:
  explicit FormattedLines(const InputSettings& settings)
      : LinesOfInput(STDIN_FILENO, settings.delimiter), settings_(settings) {}

  Supply next(Draft& draft) override;

 private:
  const InputSettings& settings_;
};

}  // namespace mq
