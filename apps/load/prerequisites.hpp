// Whether this machine can carry a load, before it begins: descriptors, local ports, memory, tracked
// connections. Pure arithmetic over the facts of machine.hpp; every lack is a sentence and the command that
// mends it. What the server needs is its own affair.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "load/machine.hpp"

namespace mq {

struct Need {
  std::uint64_t connections = 0;   // of this machine, at the same time
  std::uint64_t processes = 1;     // that share them
  std::uint64_t served = 0;        // whose other ends are in this process as well
  std::uint64_t destinations = 1;  // addresses and ports of servers; 0: Unix sockets, which need no port
  std::vector<std::string> source_addresses{};  // empty: the system's one
  bool loopback = false;                        // the servers are on this machine
  bool tls = false;
  std::uint64_t bytes_per_connection =
      0;  // beyond what any connection takes: payloads under way and the like
};

// How many connections one process can hold, its descriptors limited to so many.
std::uint64_t connections_of_process(std::uint64_t open_files);
// How many worker processes it takes on this machine (1 is the program alone).
std::uint64_t processes_for(std::uint64_t connections, const Machine& machine);

// Bytes of memory, the kernel's with them.
std::uint64_t memory_for(const Need& need);

// Of kind usage; empty when all is there.
std::vector<Error> lacks(const Need& need, const Machine& machine);

}  // namespace mq
