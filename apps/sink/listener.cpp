#include "sink/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq::sink {
namespace {

struct Place {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

bool make_place(const std::string& address, std::uint16_t port, Place& place) {
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&place.storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    place.size = sizeof *v4;
    return true;
  }
  place = {};
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&place.storage);
  if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) != 1) return false;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  place.size = sizeof *v6;
  return true;
}

}  // namespace

Listener::~Listener() {
  if (socket_ >= 0) ::close(socket_);
}

Result<void> Listener::open(const std::string& address, std::uint16_t port) {
  Place place;
  if (!make_place(address, port, place)) {
    return fail(ErrorKind::usage, quoted(address) + " is no address of this machine", 0,
                "give a numeric one, as 127.0.0.1 or ::1");
  }
  const int on = 1;
  socket_ = ::socket(place.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ >= 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted ones have it too
  }
  if (socket_ < 0 || ::bind(socket_, place.get(), place.size) != 0 || ::listen(socket_, 65'535) != 0 ||
      ::getsockname(socket_, place.get(), &place.size) != 0) {
    return fail(ErrorKind::io,
                "cannot listen on " + address + " port " + std::to_string(port) + ": " + system_error(errno));
  }
  // The port is at the same place in both families.
  port_ = ntohs(reinterpret_cast<const sockaddr_in*>(&place.storage)->sin_port);
  return {};
}

int Listener::accept(bool& exhausted) const {
  exhausted = false;
  while (true) {
    const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) return accepted;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      exhausted = true;
      return -1;
    }
    if (errno != EINTR && errno != ECONNABORTED) return -1;
  }
}

}  // namespace mq::sink
