// What is known of every stream at the end of a run, added up over all crews: what a verdict on any
// subscriber needs of publishers and subscribers elsewhere. Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "load/number_ranges.hpp"

namespace mq {

// Messages of a stream that are not as the others.
struct Exceptions {
  NumberRanges unsure;    // refused, or not acknowledged: nothing is promised of them
  NumberRanges repeated;  // that we sent as new messages once more: they may come twice
};

// By client number; streams of other shards have 0.
struct StreamFacts {
  std::vector<std::uint64_t> sent;
  std::vector<std::uint64_t> seen;  // subscribers that have got anything of it
  std::map<std::uint32_t, Exceptions> exceptions;

  void add(StreamFacts&& other) {
    if (sent.size() < other.sent.size()) sent.resize(other.sent.size());
    if (seen.size() < other.seen.size()) seen.resize(other.seen.size());
    for (std::size_t i = 0; i < other.sent.size(); ++i) sent[i] += other.sent[i];
    for (std::size_t i = 0; i < other.seen.size(); ++i) seen[i] += other.seen[i];
    exceptions.merge(other.exceptions);  // a stream's are known by one crew alone
  }
};

}  // namespace mq
