#include "load/machine.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <filesystem>

#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

class Root {
 public:
  const std::string& path() const { return dir_.path(); }
  void write(const std::string& name, Bytes content) const {
    std::filesystem::create_directories(std::filesystem::path(dir_.file(name)).parent_path());
    dir_.write(name, content);
  }

 private:
  TempDir dir_;
};

}  // namespace

TEST_CASE("what can't be found out keeps its default") {
  const Root root;
  const Machine machine = read_machine(root.path());
  CHECK(machine.free_ports().size() == 28'232);
  CHECK_FALSE(machine.memory_left.has_value());
  CHECK_FALSE(machine.cgroup_memory_left.has_value());
  CHECK_FALSE(machine.conntrack_left.has_value());
  CHECK_FALSE(machine.system_files_left.has_value());
}

TEST_CASE("ports, reserved ones, memory, files and tracked connections are read") {
  const Root root;
  root.write("proc/sys/net/ipv4/ip_local_port_range", "10000\t10999\n");
  root.write("proc/sys/net/ipv4/ip_local_reserved_ports", "80,9990-10009,10020,10998-20000\n");
  root.write("proc/meminfo", "MemTotal:       24684096 kB\nMemFree: 1 kB\nMemAvailable:   2048 kB\n");
  root.write("proc/sys/fs/file-nr", "1500\t0\t100000\n");
  root.write("proc/sys/net/netfilter/nf_conntrack_max", "262144\n");
  root.write("proc/sys/net/netfilter/nf_conntrack_count", "144\n");
  const Machine machine = read_machine(root.path());
  const std::vector<std::uint16_t> ports = machine.free_ports();
  CHECK(ports.size() == 1000 - 10 - 1 - 2);
  CHECK(ports.front() == 10'010);
  CHECK(ports.back() == 10'997);
  CHECK(machine.memory_left == 2048 * 1024);
  CHECK(machine.system_files_left == 98'500);
  CHECK(machine.conntrack_max == 262'144);
  CHECK(machine.conntrack_left == 262'000);
}

TEST_CASE("of control groups the narrowest one above us counts, in both versions") {
  const Root root;
  SUBCASE("version 2") {
    root.write("proc/self/cgroup", "0::/user/run\n");
    root.write("sys/fs/cgroup/user/run/memory.max", "max\n");
    root.write("sys/fs/cgroup/user/run/memory.current", "1000\n");
    root.write("sys/fs/cgroup/user/memory.max", "50000\n");
    root.write("sys/fs/cgroup/user/memory.current", "30000\n");
    root.write("sys/fs/cgroup/user/memory.stat", "anon 5\ninactive_file 7000\nactive_file 1\n");
  }
  SUBCASE("version 1") {
    root.write("proc/self/cgroup", "5:cpu,memory:/user/run\n4:pids:/\n0::/\n");
    root.write("sys/fs/cgroup/memory/user/run/memory.limit_in_bytes", "9223372036854771712\n");
    root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "50000\n");
    root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "30000\n");
    root.write("sys/fs/cgroup/memory/memory.stat", "inactive_file 5\ntotal_inactive_file 7000\n");
  }
  CHECK(read_machine(root.path()).cgroup_memory_left == 27'000);
}

TEST_CASE("this machine has something of everything") {
  const Machine machine = read_machine();
  CHECK(machine.open_files > 2);
  CHECK(machine.open_files < 1000);
  CHECK(machine.open_files_hard >= machine.open_files_soft);
  CHECK(machine.free_ports().size() > 100);
  CHECK(machine.memory_left.value_or(0) > 1U << 20U);
}

TEST_CASE("the soft limit of descriptors goes up to the hard one") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit low{.rlim_cur = 500, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(raise_open_files(400) == before.rlim_max);
  rlimit after{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  CHECK(raise_open_files(100) == before.rlim_max);
}
