// Which local address and port the next connection to one server comes from. Left to itself the kernel
// searches half of the ports first and gets eight times slower when they are used up; so for many connections
// the ports are chosen here, each thread and process from a slice of its own, those of closed connections as
// late as can be; when all of them are in use, from what the others have left. One object per server and
// thread.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "load/machine.hpp"

namespace mq {

struct PortPlan {
  std::vector<std::string> sources{};  // local addresses, numeric; empty: the system chooses
  unsigned slice = 0, slices = 1;      // of the threads and processes that connect to the same server
  std::uint64_t connections = 0;       // expected of all slices, at the same time
};

class Ports {
 public:
  // Below so many connections to a server the kernel chooses.
  static constexpr std::uint64_t few = 1000;

  // What a connection keeps to give it back in the end; default: nothing was chosen.
  struct Lease {
    std::uint32_t number = 0;
  };

  // An error is of kind usage: a source that is no address.
  static Result<Ports> make(const PortPlan& plan, const Machine& machine);

  // For a new socket, before connect(). Binds it, or leaves it as it is where the kernel may choose. An error
  // is of kind usage: no source of that family (AF_INET, AF_INET6), or one that is not of this machine.
  Result<Lease> bind(int socket, int family);
  // connect() said EADDRNOTAVAIL: somebody else has the port just now. Another socket may try again.
  void in_use(Lease lease);
  // The connection is closed.
  void give_back(Lease lease);

 private:
  struct Source {
    sockaddr_storage address{};
    socklen_t size = 0;
    std::string text;
  };
  // Of one address family: pairs of a source and a port, in turn. A pair's number is one more than its place.
  struct Pool {
    std::vector<Source> sources;
    std::uint32_t fresh = 0;           // pairs that were not used yet begin here
    std::deque<std::uint32_t> closed;  // numbers, the oldest first
    std::deque<std::uint32_t> missed;  // that somebody else had, and those of other slices: tried last
    unsigned misses = 0;               // one after the other
    bool missed_last = false;
    std::size_t next_source = 0;  // where only the address is chosen
  };

  Ports() = default;
  Result<Lease> bind_address(int socket, Pool& pool) const;
  bool next(Pool& pool, std::uint32_t& number) const;
  static void miss(Pool& pool, std::uint32_t number);
  bool borrowed(const Pool& pool, std::uint32_t number) const { return number > pool.sources.size() * own_; }

  bool chosen_ = false;               // here, not by the kernel
  bool sourced_ = false;              // sources were given
  std::vector<std::uint16_t> ports_;  // of our slice, then of the others
  std::size_t own_ = 0;               // how many are ours
  Pool v4_, v6_;
};

}  // namespace mq
