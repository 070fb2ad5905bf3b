#include "load/prerequisites.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

namespace mq {
namespace {

// Standard streams, loops, timers, reports, pipes to other processes, name look-ups, with room to spare.
constexpr std::uint64_t other_files = 100;

// What measuring has shown: our own part, one end in the kernel, what OpenSSL adds.
constexpr std::uint64_t plain_bytes = 4096;
constexpr std::uint64_t kernel_bytes = 4864;
constexpr std::uint64_t tls_bytes = 46'080;
constexpr std::uint64_t process_bytes = 24U << 20U;

constexpr std::uint16_t lowest_port = 1024, highest_port = 65'535;

std::uint64_t shared(std::uint64_t whole, std::uint64_t parts) {
  return (whole + parts - 1) / std::max<std::uint64_t>(parts, 1);
}

std::string size_text(std::uint64_t bytes) {
  if (bytes >= 1U << 30U) return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1U << 30U));
  return fmt::format("{} MiB", (bytes + (1U << 20U) - 1) >> 20U);
}

Error lack(std::string text, std::string hint) {
  return {.kind = ErrorKind::usage, .text = std::move(text), .hint = std::move(hint)};
}

std::optional<Error> lack_of_files(const Need& need, const Machine& machine) {
  std::uint64_t each = shared(need.connections, need.processes);
  // With worker processes this one has the other ends alone.
  each = need.processes > 1 ? std::max(each, need.served) : each + need.served;
  const std::uint64_t limit = std::max(machine.open_files_soft, machine.open_files_hard);
  if (each > connections_of_process(limit)) {
    std::string hint = fmt::format("ulimit -n {}", each + other_files);
    if (need.served <= connections_of_process(limit))
      hint += fmt::format(", or share them out among {} processes",
                          processes_for(need.connections + need.served, machine));
    return lack(
        fmt::format("{} {} in one process need {} file descriptors, but it may open {}", each,
                    need.served > 0 ? "ends of connections" : "connections", each + other_files, limit),
        std::move(hint));
  }
  const std::uint64_t all = need.connections + need.served + need.processes * other_files;
  if (machine.system_files_left && all > *machine.system_files_left) {
    return lack(fmt::format("{} connections need {} file descriptors, but the system has only {} left",
                            need.connections, all, *machine.system_files_left),
                fmt::format("sysctl -w fs.file-max={}", 2 * all));
  }
  return std::nullopt;
}

// "127.0.0.1,127.0.0.2,...", each with so many connections.
std::string loopback_addresses(std::uint64_t count) {
  std::string list;
  for (std::uint64_t number = 1; number <= std::min<std::uint64_t>(count, 250); ++number)
    list += fmt::format("{}127.0.0.{}", number > 1 ? "," : "", number);
  return list;
}

std::optional<Error> lack_of_ports(const Need& need, const Machine& machine) {
  if (need.destinations == 0) return std::nullopt;
  const std::uint64_t sources = std::max<std::uint64_t>(need.source_addresses.size(), 1);
  const std::uint64_t wanted = shared(shared(need.connections, need.destinations), sources);
  const std::uint64_t ports = machine.free_ports().size();
  if (wanted <= ports) return std::nullopt;
  std::string text = fmt::format(
      "{} connections from one address to one port of a server need as many local ports, but there are {}",
      wanted, ports);
  const std::uint64_t all = wanted * sources;
  const std::string wide = "sysctl -w net.ipv4.ip_local_port_range='1024 65535'";
  Machine widened = machine;
  widened.ports = {lowest_port, highest_port};
  const std::uint64_t most_ports = widened.free_ports().size();
  if (wanted <= most_ports && !need.loopback) return lack(std::move(text), wide);
  const std::uint64_t addresses = shared(all, ports);
  if (need.loopback) return lack(std::move(text), "--source-address " + loopback_addresses(addresses));
  const std::uint64_t fewer = shared(all, most_ports);
  return lack(std::move(text),
              fmt::format("{}, and --source-address with {} addresses of this machine", wide, fewer));
}

std::optional<Error> lack_of_memory(const Need& need, const Machine& machine) {
  const std::uint64_t wanted = memory_for(need);
  const std::uint64_t unbounded = wanted;
  const std::uint64_t left = machine.memory_left.value_or(unbounded);
  const std::uint64_t group_left = machine.cgroup_memory_left.value_or(unbounded);
  if (wanted <= std::min(left, group_left)) return std::nullopt;
  const bool by_group = group_left < left;
  return lack(
      fmt::format("{} connections{} need about {} of memory, but {} {} left", need.connections,
                  need.tls ? " over TLS" : "", size_text(wanted), size_text(std::min(left, group_left)),
                  by_group ? "of this control group's are" : "are"),
      by_group
          ? fmt::format("raise the limit of the container or service by {}", size_text(wanted - group_left))
          : fmt::format("run --shard 1/{0} to {0}/{0} on {0} machines",
                        std::max<std::uint64_t>(2, shared(wanted, std::max<std::uint64_t>(left, 1)))));
}

std::optional<Error> lack_of_tracking(const Need& need, const Machine& machine) {
  if (!machine.conntrack_left || need.destinations == 0 || need.connections <= *machine.conntrack_left)
    return std::nullopt;
  return lack(fmt::format("{} connections are more than the {} that the packet filter can still track",
                          need.connections, *machine.conntrack_left),
              fmt::format("sysctl -w net.netfilter.nf_conntrack_max={}",
                          machine.conntrack_max.value_or(0) + need.connections));
}

}  // namespace

std::uint64_t connections_of_process(std::uint64_t open_files) {
  return open_files > other_files ? open_files - other_files : 0;
}

std::uint64_t processes_for(std::uint64_t connections, const Machine& machine) {
  const std::uint64_t each =
      connections_of_process(std::max(machine.open_files_soft, machine.open_files_hard));
  return std::max<std::uint64_t>(1, shared(connections, std::max<std::uint64_t>(each, 1)));
}

std::uint64_t memory_for(const Need& need) {
  const std::uint64_t each = plain_bytes + kernel_bytes * (need.loopback ? 2 : 1) +
                             (need.tls ? tls_bytes : 0) + need.bytes_per_connection;
  return need.connections * each + need.processes * process_bytes;
}

std::vector<Error> lacks(const Need& need, const Machine& machine) {
  std::vector<Error> found;
  for (auto* const look : {lack_of_files, lack_of_ports, lack_of_memory, lack_of_tracking}) {
    if (auto error = look(need, machine)) found.push_back(std::move(*error));
  }
  return found;
}

}  // namespace mq
