#include "engine/ports.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {
namespace {

// A lease says of which pool it is.
constexpr std::uint32_t v6_bit = 0x8000'0000;

// Once our slice is used up: ports that others turn out to have, before the kernel is asked.
constexpr unsigned most_misses = 16;

void set_port(sockaddr_storage& address, std::uint16_t port) {
  // The port is at the same place in both families.
  reinterpret_cast<sockaddr_in*>(&address)->sin_port = htons(port);
}

Error cannot_bind(const std::string& source, int error) {
  Error made{.kind = ErrorKind::usage, .text = "cannot connect from " + source + ": " + system_error(error)};
  if (error == EADDRNOTAVAIL) made.hint = "ip address shows the addresses of this machine";
  return made;
}

}  // namespace

Result<Ports> Ports::make(const PortPlan& plan, const Machine& machine) {
  Ports made;
  made.sourced_ = !plan.sources.empty();
  made.chosen_ = plan.connections >= few;
  for (const std::string& text : plan.sources) {
    Source source{.text = text};
    auto& v4 = *reinterpret_cast<sockaddr_in*>(&source.address);
    auto& v6 = *reinterpret_cast<sockaddr_in6*>(&source.address);
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
      source.address.ss_family = AF_INET;
      source.size = sizeof v4;
      made.v4_.sources.push_back(std::move(source));
    } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
      source.address.ss_family = AF_INET6;
      source.size = sizeof v6;
      made.v6_.sources.push_back(std::move(source));
    } else {
      return fail(ErrorKind::usage, "source address " + quoted(text) + " is no numeric address", 0,
                  "give it as 192.0.2.1 or 2001:db8::1");
    }
  }
  if (!made.sourced_) {
    Source any;
    any.address.ss_family = AF_INET;
    any.size = sizeof(sockaddr_in);
    made.v4_.sources.push_back(any);
    any.address.ss_family = AF_INET6;
    any.size = sizeof(sockaddr_in6);
    made.v6_.sources.push_back(any);
  }
  if (!made.chosen_) return made;

  const std::vector<std::uint16_t> all = machine.free_ports();
  const std::size_t slices = std::max(plan.slices, 1U), slice = plan.slice % slices;
  const auto at = [&all](std::size_t place) { return all.begin() + static_cast<std::ptrdiff_t>(place); };
  made.ports_.assign(at(all.size() * slice / slices), at(all.size() * (slice + 1) / slices));
  made.own_ = made.ports_.size();
  // Not where the last run began: its ports may still be on their way out.
  if (!made.ports_.empty()) {
    const auto start = static_cast<std::size_t>(::getpid()) * 7919 % made.ports_.size();
    std::ranges::rotate(made.ports_, made.ports_.begin() + static_cast<std::ptrdiff_t>(start));
  }
  // The next slice comes first: if each borrows from its neighbour, no two search in the same one.
  made.ports_.insert(made.ports_.end(), at(all.size() * (slice + 1) / slices), all.end());
  made.ports_.insert(made.ports_.end(), all.begin(), at(all.size() * slice / slices));
  return made;
}

// False when all are in use.
bool Ports::next(Pool& pool, std::uint32_t& number) const {
  const auto take_first = [&number](std::deque<std::uint32_t>& from) {
    if (from.empty()) return false;
    number = from.front();
    from.pop_front();
    return true;
  };
  const bool ours_left = pool.fresh < pool.sources.size() * own_;
  if (!ours_left && take_first(pool.closed)) return true;
  if (!ours_left && pool.misses >= most_misses) return false;
  if (pool.fresh == pool.sources.size() * ports_.size()) return take_first(pool.missed);
  number = ++pool.fresh;
  return true;
}

Result<Ports::Lease> Ports::bind(int socket, int family) {
  if (family != AF_INET && family != AF_INET6) return Lease{};
  Pool& pool = family == AF_INET ? v4_ : v6_;
  if (pool.sources.empty()) {
    return fail(ErrorKind::usage, std::string("no source address is ") +
                                      (family == AF_INET ? "IPv4" : "IPv6") + ", but the server's is");
  }
  if (!chosen_) return sourced_ ? bind_address(socket, pool) : Lease{};

  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!std::exchange(pool.missed_last, false)) pool.misses = 0;
  std::uint32_t number = 0;
  for (std::size_t tries = pool.sources.size() * ports_.size(); tries > 0 && next(pool, number); --tries) {
    Source& source = pool.sources[(number - 1) % pool.sources.size()];
    set_port(source.address, ports_[(number - 1) / pool.sources.size()]);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&source.address), source.size) == 0)
      return Lease{family == AF_INET ? number : number | v6_bit};
    if (errno != EADDRINUSE) return std::unexpected(cannot_bind(source.text, errno));
    miss(pool, number);
  }
  // All slices are used up as far as we have looked: what is left anywhere, the kernel finds.
  return sourced_ ? bind_address(socket, pool) : Lease{};
}

// The port is then chosen by connect(), which knows that another server's connection may have it too.
Result<Ports::Lease> Ports::bind_address(int socket, Pool& pool) const {
  Source& source = pool.sources[pool.next_source++ % pool.sources.size()];
  const int on = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  set_port(source.address, 0);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&source.address), source.size) == 0) return Lease{};
  return std::unexpected(cannot_bind(source.text, errno));
}

void Ports::miss(Pool& pool, std::uint32_t number) {
  ++pool.misses;
  pool.missed_last = true;
  pool.missed.push_back(number);
}

void Ports::in_use(Lease lease) {
  const std::uint32_t number = lease.number & ~v6_bit;
  if (number != 0) miss(lease.number == number ? v4_ : v6_, number);
}

void Ports::give_back(Lease lease) {
  const std::uint32_t number = lease.number & ~v6_bit;
  if (number == 0) return;
  Pool& pool = lease.number == number ? v4_ : v6_;
  (borrowed(pool, number) ? pool.missed : pool.closed).push_back(number);
}

}  // namespace mq
