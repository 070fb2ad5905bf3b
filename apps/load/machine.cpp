#include "load/machine.hpp"

#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "shared/file.hpp"

namespace mq {
namespace {

constexpr std::uint64_t large_file = 1U << 20U;

std::string content(const std::string& path) {
  auto read = read_file(path, large_file);
  return read ? std::move(*read) : std::string();
}

// Cuts the next word off, or what is before the next of `ends`.
std::string_view next_word(std::string_view& text, std::string_view ends = " \t\n") {
  text.remove_prefix(std::min(text.find_first_not_of(ends), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> number(std::string_view text) {
  return parse_number<std::uint64_t>(next_word(text));
}

// The number behind `name` at the beginning of a line.
std::optional<std::uint64_t> number_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (next_word(line) == name) return number(line);
  }
  return std::nullopt;
}

std::uint64_t less(std::uint64_t whole, std::uint64_t part) { return whole > part ? whole - part : 0; }

std::uint64_t count_open_files(const std::string& root) {
  DIR* const folder = ::opendir((root + "/proc/self/fd").c_str());
  if (folder == nullptr) return 0;
  std::uint64_t count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return less(count, 3);  // ".", ".." and the folder itself
}

// "8080,9148-9200"
std::vector<PortRange> port_ranges(std::string_view list) {
  std::vector<PortRange> ranges;
  while (true) {
    const std::string_view part = next_word(list, ",\n");
    if (part.empty()) return ranges;
    const std::size_t dash = part.find('-');
    const auto first = parse_number<std::uint16_t>(part.substr(0, dash));
    const auto last = dash == part.npos ? first : parse_number<std::uint16_t>(part.substr(dash + 1));
    if (first && last) ranges.push_back({*first, *last});
  }
}

void read_ports(const std::string& root, Machine& machine) {
  const std::string range = content(root + "/proc/sys/net/ipv4/ip_local_port_range");
  std::string_view rest = range;
  const auto first = parse_number<std::uint16_t>(next_word(rest));
  const auto last = parse_number<std::uint16_t>(next_word(rest));
  if (first && last && *first <= *last) machine.ports = {*first, *last};
  machine.reserved = port_ranges(content(root + "/proc/sys/net/ipv4/ip_local_reserved_ports"));
}

// The names of the files differ in the two versions of control groups.
struct GroupFiles {
  const char *limit, *usage, *cache;
};

void narrow(std::optional<std::uint64_t>& least, std::uint64_t value) {
  least = std::min(least.value_or(value), value);
}

// Of the group and all above it: each bounds what is below. What it keeps of files can be had back.
void read_group(std::string folder, std::string_view path, const GroupFiles& files, Machine& machine) {
  const std::size_t top = folder.size();
  folder += path;
  while (true) {
    if (const auto limit = number(content(folder + files.limit)); limit && *limit < (1ULL << 60U)) {
      const std::uint64_t usage = number(content(folder + files.usage)).value_or(0);
      const std::uint64_t cache = number_of(content(folder + "/memory.stat"), files.cache).value_or(0);
      narrow(machine.cgroup_memory_left, less(*limit, less(usage, cache)));
    }
    if (folder.size() <= top) return;
    folder.resize(std::max(top, folder.find_last_of('/')));
  }
}

void read_groups(const std::string& root, Machine& machine) {
  const std::string groups = content(root + "/proc/self/cgroup");
  for (std::string_view rest = groups; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == line.npos) continue;
    std::string_view controllers = line.substr(first + 1, second - first - 1);
    std::string_view path = line.substr(second + 1);
    if (path == "/") path = {};
    if (controllers.empty()) {
      read_group(root + "/sys/fs/cgroup", path, {"/memory.max", "/memory.current", "inactive_file"}, machine);
    }
    while (!controllers.empty()) {
      if (next_word(controllers, ",") != "memory") continue;
      read_group(root + "/sys/fs/cgroup/memory", path,
                 {"/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file"}, machine);
    }
  }
}

}  // namespace

std::vector<std::uint16_t> Machine::free_ports() const {
  std::vector<std::uint16_t> free;
  for (std::uint32_t port = ports.first; port <= ports.last; ++port) {
    const auto holds = [port](const PortRange& range) { return range.first <= port && port <= range.last; };
    if (std::ranges::none_of(reserved, holds)) free.push_back(static_cast<std::uint16_t>(port));
  }
  return free;
}

Machine read_machine(const std::string& root) {
  Machine machine;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    machine.open_files_soft = limit.rlim_cur;
    machine.open_files_hard = limit.rlim_max;
  }
  machine.open_files = count_open_files(root);
  const std::string files = content(root + "/proc/sys/fs/file-nr");  // open, free, the most
  std::string_view rest = files;
  const auto open = number(next_word(rest));
  next_word(rest);
  if (const auto most = number(rest); open && most) machine.system_files_left = less(*most, *open);

  read_ports(root, machine);
  if (const auto kib = number_of(content(root + "/proc/meminfo"), "MemAvailable:"))
    machine.memory_left = *kib * 1024;
  read_groups(root, machine);
  machine.conntrack_max = number(content(root + "/proc/sys/net/netfilter/nf_conntrack_max"));
  if (machine.conntrack_max) {
    const auto count = number(content(root + "/proc/sys/net/netfilter/nf_conntrack_count"));
    machine.conntrack_left = less(*machine.conntrack_max, count.value_or(0));
  }
  return machine;
}

std::uint64_t raise_open_files(std::uint64_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_max < wanted) {
    const rlimit more{.rlim_cur = wanted, .rlim_max = wanted};
    if (::setrlimit(RLIMIT_NOFILE, &more) == 0) return wanted;
  }
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit all{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &all) == 0) return limit.rlim_max;
  }
  return limit.rlim_cur;
}

}  // namespace mq
