// What this machine lets a load have: plain facts, read once, so that what follows from them can be reckoned
// with any others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace mq {

struct PortRange {
  std::uint16_t first = 0, last = 0;
};

struct Machine {
  // File descriptors of one process: what it may open, what it may allow itself, what it has open.
  std::uint64_t open_files_soft = 1024, open_files_hard = 1024, open_files = 0;
  // Of all processes together, beyond what is open now.
  std::optional<std::uint64_t> system_files_left{};
  // Local ports that the system chooses from, and those that it passes over, wherever they lie.
  PortRange ports{32768, 60999};
  std::vector<PortRange> reserved{};
  std::optional<std::uint64_t> memory_left{};         // bytes, of the whole machine
  std::optional<std::uint64_t> cgroup_memory_left{};  // of the control groups that we are in
  std::optional<std::uint64_t> conntrack_left{};      // connections that the packet filter can still track
  std::optional<std::uint64_t> conntrack_max{};

  std::vector<std::uint16_t> free_ports() const;  // in ascending order
};

// What can't be found out keeps its default. `root` stands before /proc and /sys.
Machine read_machine(const std::string& root = {});

// Raises the soft limit of descriptors to the hard one, and both to `wanted` if the system lets us; tells
// what it is then.
std::uint64_t raise_open_files(std::uint64_t wanted);

}  // namespace mq
