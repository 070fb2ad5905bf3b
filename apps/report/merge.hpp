// The shards of one run added up to one outcome. What is counted and measured adds up exactly; what was lost
// is reckoned anew from the sums, since a shard's subscribers get what other shards publish. Rates over time
// are laid over each other by the clock of shard 0 as far as offsets are known.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "load/outcome.hpp"

namespace mq {

struct NamedOutcome {
  std::string name;  // the file's, for errors
  LoadOutcome outcome;
};

// Kind usage when they are not all shards of one run, each there once.
Result<LoadOutcome> merge_shards(const std::vector<NamedOutcome>& parts);

}  // namespace mq
