#include "net/address.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "base/text.hpp"
#include "net/dial.hpp"

namespace mq {
namespace {

template <class T>
Address make_address(const T& specific, std::size_t size = sizeof(T)) {
  Address address;
  std::memcpy(&address.storage, &specific, size);
  address.size = static_cast<socklen_t>(size);
  return address;
}

std::optional<std::uint32_t> zone_index(std::string_view zone) {
  if (const auto number = parse_number<std::uint32_t>(zone)) return number;
  const unsigned index = ::if_nametoindex(std::string(zone).c_str());
  if (index == 0) return std::nullopt;
  return index;
}

}  // namespace

int address_family(Family family) {
  if (family == Family::any) return AF_UNSPEC;
  return family == Family::v4 ? AF_INET : AF_INET6;
}

std::string_view family_name(Family family) { return family == Family::v4 ? "IPv4" : "IPv6"; }

std::optional<Address> numeric_address(std::string_view host, std::uint16_t port) {
  if (host.contains('\0')) return std::nullopt;
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, std::string(host).c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return make_address(v4);
  }

  const std::size_t percent = host.find('%');
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, std::string(host.substr(0, percent)).c_str(), &v6.sin6_addr) != 1) {
    return std::nullopt;
  }
  if (percent != std::string_view::npos) {
    const auto zone = zone_index(host.substr(percent + 1));
    if (!zone) return std::nullopt;
    v6.sin6_scope_id = *zone;
  }
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  return make_address(v6);
}

Result<Address> unix_address(std::string_view path) {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  // A path ends with a NUL that belongs to it; an abstract name begins with one instead and may hold others.
  const bool abstract = path.starts_with('@');
  const std::size_t longest = sizeof un.sun_path - (abstract ? 0 : 1);
  if (path.size() > longest) {
    return fail(ErrorKind::usage,
                fmt::format("socket path {} is longer than {} bytes", quoted(path), longest));
  }
  if (!abstract && path.contains('\0')) {
    return fail(ErrorKind::usage, fmt::format("socket path {} contains a NUL", quoted(path)));
  }
  std::memcpy(un.sun_path, path.data(), path.size());
  if (abstract) un.sun_path[0] = '\0';
  return make_address(un, offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
}

std::string host_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.family() == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address.storage, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return text.data();
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, &address.storage, sizeof v6);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  if (v6.sin6_scope_id == 0) return text.data();
  std::array<char, IF_NAMESIZE> name{};
  if (::if_indextoname(v6.sin6_scope_id, name.data()) != nullptr) {
    return fmt::format("{}%{}", text.data(), name.data());
  }
  return fmt::format("{}%{}", text.data(), v6.sin6_scope_id);
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace mq
