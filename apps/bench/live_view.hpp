// What a run shows while it goes on, on standard error: on a terminal a block of lines that is drawn again
// each second, as wide as the terminal; elsewhere a plain line now and then.
#pragma once

#include <string>
#include <vector>

#include "engine/run.hpp"
#include "load/outcome.hpp"

namespace mq {

class LiveView {
 public:
  // `terminal`: that standard error is one on which lines can be drawn again; `unicode`: what the locale can
  // show.
  LiveView(bool terminal, bool unicode) : terminal_(terminal), unicode_(unicode) {}

  void show(const LoadOutcome& so_far, const RunState& state);
  // Nothing of the block stays.
  void clear();

 private:
  std::vector<std::string> lines(const LoadOutcome& so_far, const RunState& state, std::size_t width) const;
  std::string heat(const LoadOutcome& so_far, std::size_t width) const;
  std::string erasure() const;

  bool terminal_, unicode_;
  std::vector<std::size_t> drawn_;  // the width of each line
  double last_line_ = 0;            // of plain ones: seconds since the start
  bool stopping_ = false;           // which was shown as a plain line
};

}  // namespace mq
