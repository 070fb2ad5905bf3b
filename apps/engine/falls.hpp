// Whether a run did what it was to do: what became of the clients of each population while they were needed,
// and the failure that follows from it. Plain data that adds up over threads and processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/outcome.hpp"

namespace mq {

// Of one population.
struct Falls {
  std::uint64_t stood = 0;   // clients that were connected, up to their end
  std::uint64_t fallen = 0;  // that could not connect, or were lost, before their end
  std::uint64_t ever = 0;    // that were connected at any time
  ErrorKind kind = ErrorKind::connect;
  std::string why{};  // of a fallen one

  void add(const Falls& other);
};

void add_falls(const std::vector<Falls>& from, std::vector<Falls>& to);

// Of a run that is complete so far but for this. `falls`: by population.
std::optional<Error> failure_of(const LoadOutcome& outcome, const Scenario& scenario,
                                const std::vector<Falls>& falls);

}  // namespace mq
