#include "engine/connecting.hpp"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/system_error.hpp"
#include "engine/epoll_transport.hpp"

namespace mq {
namespace {

constexpr int most_tries = 100;

}  // namespace

Connecting::Connecting(Poller& poller, const Target& target, WayIn& way, Opened handler)
    : poller_(poller), target_(target), way_(way), handler_(std::move(handler)) {
  auto opened = open_socket();
  placed_ = true;
  if (opened) {
    if (auto place = poller_.add(socket_, *this)) {
      place_ = *place;
      return;
    } else {
      opened = std::unexpected(std::move(place.error()));
    }
  }
  // There is nothing that could be waited for: a turn all the same.
  error_ = std::move(opened.error());
  place_ = poller_.add(*this);
  poller_.resume_soon(place_);
}

Connecting::~Connecting() {
  if (placed_) poller_.remove(place_);
  if (socket_ >= 0) ::close(socket_);
  // A handshake may still have the socket: its port is free when that is closed.
  step_.reset();
  if (!way_.ports.empty()) way_.ports[target_.number].give_back(lease_);
}

Result<void> Connecting::open_socket() {
  const int family = target_.address.family();
  socket_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0)
    return fail(ErrorKind::connect, fmt::format("cannot make a socket: {}", system_error(errno)));
  if (family != AF_UNIX) {
    const int on = 1;
    if (way_.options->dial.no_delay) ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (family == AF_UNIX || way_.ports.empty()) return begin();
  // A port that somebody else took meanwhile is not the server's fault: the next one.
  Ports& ports = way_.ports[target_.number];
  for (int tries = 0;; ++tries) {
    auto lease = ports.bind(socket_, family);
    if (!lease) return std::unexpected(std::move(lease.error()));
    lease_ = *lease;
    auto begun = begin();
    if (begun || errno != EADDRNOTAVAIL || tries == most_tries) return begun;
    ports.in_use(std::exchange(lease_, {}));
    ::close(socket_);
    socket_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  }
}

// errno stays as connect() has set it.
Result<void> Connecting::begin() {
  if (::connect(socket_, target_.address.get(), target_.address.size) == 0 || errno == EINPROGRESS) return {};
  const int error = errno;
  auto failed = fail(ErrorKind::connect,
                     fmt::format("cannot connect to {}: {}", target_.endpoint.text(), system_error(error)));
  errno = error;
  return failed;
}

void Connecting::ready(std::uint32_t /*events*/) {
  if (error_ || socket_ < 0) return;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    return finish(fail(ErrorKind::connect, fmt::format("cannot connect to {}: {}", target_.endpoint.text(),
                                                       system_error(error))));
  connected();
}

void Connecting::resume() { finish(std::unexpected(std::move(*error_))); }

void Connecting::connected() {
  shown_socket_ = socket_;
  placed_ = false;
  std::unique_ptr<Transport> transport =
      std::make_unique<EpollTransport>(poller_, std::exchange(socket_, -1), place_);
  if (!target_.proxied) return secure(std::move(transport));
  poller_.invite();
  step_ = begin_proxy(poller_.loop(), std::move(transport), *way_.options->proxy, target_.endpoint.host,
                      target_.endpoint.port, [this](Result<std::unique_ptr<Transport>> through) {
                        if (!through) return fail_with(std::move(through.error()));
                        secure(std::move(*through));
                      });
}

void Connecting::secure(std::unique_ptr<Transport> transport) {
  if (!target_.endpoint.tls) return upgrade(std::move(transport));
  poller_.invite();
  tls_begun_ = poller_.now();
  step_ = begin_tls(poller_.loop(), std::move(transport), way_.tls, target_.endpoint.host,
                    [this](Result<std::unique_ptr<Transport>> secured) {
                      if (!secured) return fail_with(std::move(secured.error()));
                      tls_time_ = poller_.moment() - tls_begun_;
                      upgrade(std::move(*secured));
                    });
}

void Connecting::upgrade(std::unique_ptr<Transport> transport) {
  const Endpoint& endpoint = target_.endpoint;
  if (!endpoint.web_socket) return finish(std::move(transport));
  poller_.invite();
  std::string host = endpoint.host.substr(0, endpoint.host.find('%'));
  if (endpoint.port != (endpoint.tls ? 443 : 80)) host = host_and_port(host, endpoint.port);
  step_ = begin_web_socket(poller_.loop(), std::move(transport), way_.options->web_socket, host,
                           [this](Result<std::unique_ptr<Transport>> ready) {
                             if (!ready) return fail_with(std::move(ready.error()));
                             finish(std::move(*ready));
                           });
}

void Connecting::fail_with(Error error) {
  if (error.kind == ErrorKind::lost) {
    error.kind = ErrorKind::connect;
    error.text = fmt::format("cannot connect to {}: {}", target_.endpoint.text(), error.text);
  }
  finish(std::unexpected(std::move(error)));
}

void Connecting::finish(Result<std::unique_ptr<Transport>> result) {
  Opened handler = std::exchange(handler_, {});
  if (handler) handler(std::move(result));
}

}  // namespace mq
