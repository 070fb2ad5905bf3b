// Socket addresses from text and back, and the system's errors in our words. For net/ alone.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mq {

enum class Family;  // net/dial.hpp

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// AF_UNSPEC, AF_INET, AF_INET6; and "IPv4" or "IPv6" for one of the two.
int address_family(Family family);
std::string_view family_name(Family family);

// "192.0.2.1", "2001:db8::1", "fe80::1%eth0" or "fe80::1%2"; nullopt for anything else, names among it.
std::optional<Address> numeric_address(std::string_view host, std::uint16_t port);

// A leading '@' is the abstract namespace. An error is of kind usage.
Result<Address> unix_address(std::string_view path);

// "192.0.2.1" and "2001:db8::1", for an internet address.
std::string host_text(const Address& address);

// "host:1883", "[2001:db8::1]:1883"
std::string host_and_port(std::string_view host, std::uint16_t port);

}  // namespace mq
