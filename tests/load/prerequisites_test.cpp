#include "load/prerequisites.hpp"

#include <doctest/doctest.h>

using namespace mq;

namespace {

Machine large() {
  return {.open_files_soft = 1024,
          .open_files_hard = 1'048'576,
          .system_files_left = 10'000'000,
          .memory_left = 64ULL << 30U,
          .cgroup_memory_left = {},
          .conntrack_left = {},
          .conntrack_max = {}};
}

// "TEXT | HINT" of each.
std::vector<std::string> told(const Need& need, const Machine& machine) {
  std::vector<std::string> all;
  for (const Error& error : lacks(need, machine)) {
    CHECK(error.kind == ErrorKind::usage);
    all.push_back(error.text + " | " + error.hint);
  }
  return all;
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("an ordinary run lacks nothing on an ordinary machine") {
  CHECK(told({.connections = 10'000}, large()).empty());
  CHECK(told({.connections = 28'232}, large()).empty());
  CHECK(told({.connections = 0}, {}).empty());
  CHECK(told({.connections = 28'232, .tls = true}, large()).empty());
  CHECK(told({.connections = 56'464, .destinations = 2}, large()).empty());
  CHECK(told({.connections = 56'464, .source_addresses = {"a", "b"}}, large()).empty());
  CHECK(told({.connections = 1'000'000, .destinations = 0}, large()).empty());
}

TEST_CASE("descriptors: as many as the hard limit allows, then several processes") {
  Machine machine = large();
  machine.open_files_hard = 20'000;
  CHECK(connections_of_process(20'000) == 19'900);
  CHECK(connections_of_process(50) == 0);
  CHECK(processes_for(0, machine) == 1);
  CHECK(processes_for(19'900, machine) == 1);
  CHECK(processes_for(19'901, machine) == 2);
  CHECK(processes_for(60'000, machine) == 4);
  const Need need{.connections = 60'000, .destinations = 3};
  CHECK(told(need, machine) ==
        Told{"60000 connections in one process need 60100 file descriptors, but it may "
             "open 20000 | ulimit -n 60100, or share them out among 4 processes"});
  CHECK(told({.connections = 60'000, .processes = 4, .destinations = 3}, machine).empty());
  machine.system_files_left = 50'000;
  CHECK(told({.connections = 60'000, .processes = 4, .destinations = 3}, machine) ==
        Told{"60000 connections need 60400 file descriptors, but the system has only 50000 left | sysctl -w "
             "fs.file-max=120800"});
}

TEST_CASE("local ports: a wider range where that is enough, more addresses where it is not") {
  Machine machine = large();
  machine.reserved = {{40'000, 40'231}};
  CHECK(machine.free_ports().size() == 28'000);
  const std::string text =
      " connections from one address to one port of a server need as many local ports, but there are 28000 "
      "| ";
  CHECK(told({.connections = 28'001}, machine) ==
        Told{"28001" + text + "sysctl -w net.ipv4.ip_local_port_range='1024 65535'"});
  CHECK(told({.connections = 28'001, .loopback = true}, machine) ==
        Told{"28001" + text + "--source-address 127.0.0.1,127.0.0.2"});
  CHECK(told({.connections = 60'000, .loopback = true}, machine) ==
        Told{"60000" + text + "--source-address 127.0.0.1,127.0.0.2,127.0.0.3"});
  CHECK(told({.connections = 100'000}, machine) ==
        Told{"100000" + text +
             "sysctl -w net.ipv4.ip_local_port_range='1024 65535', and --source-address with 2 addresses of "
             "this "
             "machine"});
  CHECK(told({.connections = 60'000, .source_addresses = {"127.0.0.1", "127.0.0.2"}, .loopback = true},
             machine) == Told{"30000" + text + "--source-address 127.0.0.1,127.0.0.2,127.0.0.3"});
}

TEST_CASE("memory: of the machine, or of the control group that is narrower") {
  CHECK(memory_for({.connections = 1000}) == 1000 * (4096 + 4864) + (24U << 20U));
  CHECK(
      memory_for(
          {.connections = 1000, .processes = 2, .loopback = true, .tls = true, .bytes_per_connection = 7}) ==
      1000 * (4096 + 2 * 4864 + 46'080 + 7) + (48U << 20U));
  Machine machine = large();
  machine.memory_left = 1ULL << 30U;
  const Need need{.connections = 50'000, .destinations = 2, .tls = true};
  CHECK(told(need, machine) ==
        Told{"50000 connections over TLS need about 2.6 GiB of memory, but 1.0 GiB are left | "
             "run --shard 1/3 to 3/3 on 3 machines"});
  machine.cgroup_memory_left = 512U << 20U;
  CHECK(
      told(need, machine) ==
      Told{"50000 connections over TLS need about 2.6 GiB of memory, but 512 MiB of this control group's are "
           "left | raise the limit of the container or service by 2.1 GiB"});
}

TEST_CASE("connections that the packet filter tracks") {
  Machine machine = large();
  machine.conntrack_max = 65'536;
  machine.conntrack_left = 20'000;
  CHECK(told({.connections = 25'000}, machine) ==
        Told{"25000 connections are more than the 20000 that the packet filter can still track | sysctl -w "
             "net.netfilter.nf_conntrack_max=90536"});
  CHECK(told({.connections = 20'000}, machine).empty());
}

TEST_CASE("everything that lacks is told at once") {
  Machine machine;
  machine.open_files_hard = 4096;
  machine.memory_left = 1U << 20U;
  machine.conntrack_left = machine.conntrack_max = 10;
  CHECK(told({.connections = 100'000}, machine).size() == 4);
}

TEST_CASE("descriptors of both ends, where the server is in the same process") {
  Machine machine = large();
  machine.open_files_soft = machine.open_files_hard = 1000;
  CHECK(told({.connections = 450, .served = 450}, machine).empty());
  CHECK(told({.connections = 451, .served = 451}, machine) ==
        Told{"902 ends of connections in one process need 1002 file descriptors, but it may open 1000 | "
             "ulimit -n 1002, or share them out among 2 processes"});
  CHECK(told({.connections = 900, .processes = 2, .served = 900}, machine).empty());
  CHECK(told({.connections = 901, .processes = 3, .served = 901}, machine) ==
        Told{"901 ends of connections in one process need 1001 file descriptors, but it may open 1000 | "
             "ulimit -n 1001"});
}
