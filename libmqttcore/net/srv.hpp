// Where a domain says that its brokers are: DNS SRV records (RFC 2782), asked of the system's name servers in
// a thread that nobody waits for, and put into the order in which the hosts are to be tried.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "net/dial.hpp"
#include "net/loop.hpp"

namespace mq {

enum class SrvService { mqtt, secure_mqtt };

struct SrvRecord {
  std::uint16_t priority = 0;  // the lowest is tried first
  std::uint16_t weight = 0;    // the share of those of the same priority that begin with this one
  std::uint16_t port = 0;
  std::string target{};  // no dot at its end; empty: the service is decidedly not available
};

// The records of a name ("_mqtt._tcp.example.org"), none when there are none. Called in a thread of its own
// that may go on after everything here has ended.
using SrvResolver = std::function<Result<std::vector<SrvRecord>>(const std::string& name)>;

// A look-up under way. Its destruction cancels it at once, even while a name server is silent, and the
// handler is never called. It sets no deadline of its own; the system gives up after some ten seconds.
class SrvLookup {
 public:
  // Never empty.
  using Handler = std::move_only_function<void(Result<std::vector<Endpoint>>)>;

  // The error is of kind usage (no domain name), resolve (the domain has no such service) or connect (no
  // answer, or one that is none: it may pass). `resolver` empty: the system's.
  SrvLookup(Loop& loop, SrvService service, const std::string& domain, SrvResolver resolver, Handler handler);
  ~SrvLookup();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mq
