// One connection of a load being opened: TCP to an address that was looked up before the run, the proxy's
// agreement, TLS, WebSocket, each by net's own steps. It sets no time limit: whoever owns it does.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/poller.hpp"
#include "engine/ports.hpp"
#include "net/address.hpp"
#include "net/opening.hpp"

namespace mq {

// A server as all clients reach it.
struct Target {
  Endpoint endpoint;
  Address address;  // of the server, or of the proxy before it
  bool proxied = false;
  std::size_t number = 0;  // among all targets
};

// What all connections of one thread share; it outlives them.
struct WayIn {
  const OpenOptions* options = nullptr;
  std::shared_ptr<TlsContext> tls;  // of this thread alone
  std::vector<Ports> ports{};       // by target; empty: the kernel chooses all local ends
};

class Connecting final : private Poller::Waiter {
 public:
  // `handler` is called from a turn, once. It may destroy this.
  Connecting(Poller& poller, const Target& target, WayIn& way, Opened handler);
  ~Connecting() override;
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;

  int socket() const { return shown_socket_; }
  // For whoever closes the connection, to give it back; what is not taken is given back from here.
  Ports::Lease take_lease() { return std::exchange(lease_, {}); }
  // How long the TLS handshake took, once it is done.
  std::optional<Duration> tls_time() const { return tls_time_; }

 private:
  void ready(std::uint32_t events) override;
  void resume() override;
  void connected();
  void secure(std::unique_ptr<Transport> transport);
  void upgrade(std::unique_ptr<Transport> transport);
  void fail_with(Error error);
  void finish(Result<std::unique_ptr<Transport>> result);
  Result<void> open_socket();
  Result<void> begin();

  Poller& poller_;
  const Target& target_;
  WayIn& way_;
  Opened handler_;
  int socket_ = -1;        // until a transport has it
  int shown_socket_ = -1;  // also when the transport has it
  Ports::Lease lease_;
  Poller::Place place_;
  bool placed_ = false;         // `place_` is ours, not the transport's
  std::optional<Error> error_;  // known before anything could be waited for
  std::unique_ptr<Handshake> step_;
  Time tls_begun_{};
  std::optional<Duration> tls_time_;
};

}  // namespace mq
