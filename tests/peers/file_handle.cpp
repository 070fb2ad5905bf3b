#include "peers/file_handle.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "peers/failure.hpp"

namespace mq {
namespace {

FileHandle checked(int number, const char* what) {
  if (number < 0) throw PeerFailure(std::string(what) + ": " + std::strerror(errno));
  return FileHandle(number);
}

}  // namespace

void FileHandle::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

FileHandle bind_loopback(std::uint16_t port) {
  FileHandle socket = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw PeerFailure(std::string("bind to 127.0.0.1: ") + std::strerror(errno));
  return socket;
}

std::uint16_t port_of(const FileHandle& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw PeerFailure(std::string("getsockname: ") + std::strerror(errno));
  return ntohs(address.sin_port);
}

FileHandle bind_unix(const std::string& path) {
  FileHandle socket = checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw PeerFailure("path of a Unix socket too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw PeerFailure("bind to " + path + ": " + std::strerror(errno));
  return socket;
}

std::uint16_t free_port() { return port_of(bind_loopback()); }

}  // namespace mq
