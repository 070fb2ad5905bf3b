// How far a long run has come, for a person who watches: one line on a terminal's standard error, written
// anew a few times a second, gone at the end.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "net/loop.hpp"

namespace mq {

class Progress {
 public:
  struct State {
    std::uint64_t messages = 0;
    std::optional<double> share;  // of the whole, 0 to 1
  };

  // Draws what `state` says until it is destroyed.
  Progress(Loop& loop, std::function<State()> state);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Takes the line away, so that something else can be written; it comes again by itself.
  void clear();

 private:
  void draw();

  Loop& loop_;
  std::function<State()> state_;
  Time start_;
  Timer timer_;
  bool shown_ = false;
};

}  // namespace mq
