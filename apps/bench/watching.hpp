// What is to be seen of a run while it goes on.
#pragma once

#include "bench/live_view.hpp"
#include "bench/settings.hpp"

namespace mq {

class Watching final : public RunOwner {
 public:
  explicit Watching(const BenchSettings& settings);

  void on_interval(const LoadOutcome& so_far, const RunState& state) override;
  void end() { view_.clear(); }

 private:
  bool shows_;
  LiveView view_;
};

}  // namespace mq
