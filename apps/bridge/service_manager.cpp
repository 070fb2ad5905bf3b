#include "bridge/service_manager.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

#include "base/text.hpp"

namespace mq {
namespace {

std::string_view variable_of(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// The bytes of a sockaddr_un; empty when the text is no such address.
std::string socket_address(std::string_view text) {
  sockaddr_un place{};
  if (text.size() < 2 || (text[0] != '/' && text[0] != '@') || text.size() >= sizeof place.sun_path)
    return {};
  place.sun_family = AF_UNIX;
  std::memcpy(place.sun_path, text.data(), text.size());
  const bool abstract = text[0] == '@';
  if (abstract) place.sun_path[0] = '\0';
  const std::size_t size = offsetof(sockaddr_un, sun_path) + text.size() + (abstract ? 0 : 1);
  return {reinterpret_cast<const char*>(&place), size};
}

Duration half_of_watchdog(const Environment& environment) {
  const auto microseconds = parse_number<std::uint64_t>(variable_of(environment, "WATCHDOG_USEC"));
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max() / 1000;
  if (!microseconds || *microseconds == 0 || *microseconds > most) return {};
  // It may be meant for another process that left us its environment.
  const std::string_view process = variable_of(environment, "WATCHDOG_PID");
  if (!process.empty() && parse_number<std::int64_t>(process) != ::getpid()) return {};
  return std::chrono::microseconds(*microseconds) / 2;
}

}  // namespace

ServiceManager::ServiceManager(const Environment& environment)
    : address_(socket_address(variable_of(environment, "NOTIFY_SOCKET"))) {
  if (address_.empty()) return;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return;
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  watchdog_interval_ = half_of_watchdog(environment);
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) ::close(socket_);
}

void ServiceManager::tell(std::string_view state) const {
  if (socket_ < 0) return;
  (void)::sendto(socket_, state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(address_.data()), static_cast<socklen_t>(address_.size()));
}

}  // namespace mq
