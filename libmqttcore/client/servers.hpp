// Which server a client tries next: those of its list in their order, beginning with the one that was there
// last, or the one that a server has referred it to (5.0: 4.11). Plain data.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "net/dial.hpp"

namespace mq {

class Servers {
 public:
  // At least one.
  explicit Servers(std::vector<Endpoint> list) : list_(std::move(list)) {}

  const Endpoint& current() const { return referred_ ? *referred_ : list_[index_]; }

  // The current one failed. True: another of this round is current now; false: the round is over, and the
  // next one begins where this one did.
  bool next();
  // The current one works: the next round begins with it.
  void accepted() { first_ = index_; }

  // The current one refers to another: temporarily (0x9C: a later round asks the list again) or for good
  // (0x9D). The first of several references counts. What protects the current connection protects the next:
  // TLS and WebSocket stay, and `with_credentials` are only taken to another host within TLS or on this
  // machine. Kind refused.
  Result<void> refer(std::string_view reference, bool for_good, bool with_credentials);

 private:
  std::vector<Endpoint> list_;
  std::size_t index_ = 0;
  std::size_t first_ = 0;  // of this round
  std::optional<Endpoint> referred_;
};

// "myserver.xyz.org:8883 10.0.0.2 [fe80::1]:1883": the first of them, with `port` where it names none.
// Hostile text; nullopt when it is no such list.
std::optional<Endpoint> parse_reference(std::string_view reference, std::uint16_t port);

// This machine by its usual names: nobody listens in between.
bool is_loopback(const Endpoint& endpoint);

}  // namespace mq
