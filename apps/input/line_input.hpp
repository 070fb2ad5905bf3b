// Lines of a descriptor that may make one wait: a LineReader, and the loop told when there is more to read.
// Every source of lines has one. The descriptor stays the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "net/loop.hpp"
#include "shared/line_reader.hpp"

namespace mq {

class LineInput {
 public:
  enum class State : std::uint8_t { waiting, end, failed };

  LineInput(int descriptor, char delimiter)
      : descriptor_(descriptor), delimiter_(delimiter), lines_(descriptor, delimiter) {}

  void start(Loop& loop, Loop::Handler ready) {
    ready_ = std::move(ready);
    watch_.emplace(loop, descriptor_);
  }

  // Lives until the next line is asked for.
  std::optional<Bytes> next() { return lines_.next_line(); }

  // After next() found nothing. Waiting: `ready` will be called.
  State wait();

  // From the descriptor's place on, as if nothing had been read.
  void restart() {
    lines_ = LineReader(descriptor_, delimiter_);
    ended_ = false;
  }

  const Error& error() const { return error_; }          // of `failed`
  std::uint64_t line() const { return lines_.lines(); }  // number of the last line

 private:
  void fill();

  int descriptor_;
  char delimiter_;
  LineReader lines_;
  Loop::Handler ready_;
  std::optional<Watch> watch_;
  bool asked_ = false;
  bool ended_ = false;
  bool failed_ = false;
  Error error_;
};

}  // namespace mq
