#include "e2e/bridge_http.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "e2e/programs.hpp"

namespace mq {

using namespace std::chrono_literals;

FileHandle dialed(std::uint16_t port) {
  FileHandle socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0)
    throw PeerFailure("the bridge's HTTP port does not answer");
  return socket;
}

void send_all(const FileHandle& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string rest_of(const FileHandle& socket) {
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(socket.get(), buffer, sizeof buffer, 0)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

std::string asked(std::uint16_t port, const std::string& path, const std::string& method) {
  const FileHandle socket = dialed(port);
  send_all(socket, method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return rest_of(socket);
}

std::string body_of(const std::string& answer) {
  const std::size_t head = answer.find("\r\n\r\n");
  return head == std::string::npos ? "" : answer.substr(head + 4);
}

std::uint16_t http_port(Process& carrier) {
  const std::string before = "http://127.0.0.1:";
  carrier.await_err("/metrics and /health");
  const std::string said = carrier.err();
  return static_cast<std::uint16_t>(std::stoi(said.substr(said.find(before) + before.size())));
}

std::string await_answer(std::uint16_t port, const std::string& path, const std::string& part) {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::string answer;
  while (!holds(answer = asked(port, path), part)) {
    if (std::chrono::steady_clock::now() > end)
      throw PeerFailure(fmt::format("never said {}:\n{}", part, answer));
    std::this_thread::sleep_for(20ms);
  }
  return answer;
}

}  // namespace mq
