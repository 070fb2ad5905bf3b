// All that every thread needs to carry out its part of a scenario: made once before the run, then only read.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "client/config.hpp"
#include "engine/connecting.hpp"
#include "load/client_fields.hpp"
#include "load/machine.hpp"
#include "load/scenario.hpp"
#include "shared/log.hpp"

namespace mq {

struct LoadPlan {
  Scenario scenario;
  ClientConfig client;          // how to connect; its endpoints are `targets`
  std::vector<Target> targets;  // clients take them in turn
  // How many of the scenario's own subscribers every message of a client should get to, by client number.
  std::vector<std::uint32_t> receivers;
  // What steady time is in nanoseconds since 1970, the same in all processes of this machine.
  std::int64_t epoch = 0;
  Environment environment = process_variable;  // of templates
  Log log;
  Machine machine;
  std::uint64_t expected_connections = 0;  // of this machine
  // Of the threads of all processes on this machine: which ports a thread may choose.
  unsigned first_slice = 0, slices = 1;

  std::int64_t wall(Time time) const { return epoch + time.time_since_epoch().count(); }
};

}  // namespace mq
