// Outcomes for the tests of what is made of them, all figures of which are known.
#pragma once

#include <cstdint>
#include <string>

#include "base/histogram.hpp"
#include "load/outcome.hpp"

namespace mq::testing {

// 10 s of 1,000 messages a second from 10 publishers to 10 subscribers, the second half of them at QoS 1; one
// second in which nothing moved; 3 lost, 2 of them at QoS 1. `seed` varies the noise alone.
LoadOutcome outcome(std::uint32_t seed = 1);

// As log-normal as latencies are, in microseconds.
void fill(Histogram& histogram, std::uint32_t seed, std::size_t count, double middle, double spread = 0.5);

// Every member of it is equal.
bool equal(const LoadOutcome& left, const LoadOutcome& right);
bool equal(const Tally& left, const Tally& right);
bool equal(const Interval& left, const Interval& right);

// "" when it keeps to the schema in docs/, else what is wrong first.
std::string against_schema(const std::string& json, const std::string& schema);

}  // namespace mq::testing
