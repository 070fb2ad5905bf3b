#include "net/lookup.hpp"

#include <fmt/core.h>
#include <netdb.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <utility>

#include "base/system_error.hpp"
#include "net/address.hpp"

namespace mq {
namespace {

std::unexpected<Error> no_address(const std::string& host, Family family, int code, int number) {
  // Only what will be so tomorrow is of kind resolve: nobody tries that again.
  switch (code) {
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      if (family != Family::any)
        return not_resolved(ErrorKind::resolve, host, fmt::format("no {} address", family_name(family)));
      return not_resolved(
          ErrorKind::resolve, host,
          code == EAI_NODATA ? "no such host" : "no address of a family that this machine has");
    case EAI_NONAME:
      return not_resolved(ErrorKind::resolve, host, "no such host");
    case EAI_AGAIN:
      return not_resolved(ErrorKind::connect, host, "the name server did not answer",
                          "check the network and /etc/resolv.conf");
    case EAI_SYSTEM:
      return not_resolved(ErrorKind::connect, host, system_error(number));
    default: {
      std::string why = ::gai_strerror(code);
      why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
      return not_resolved(ErrorKind::connect, host, why);
    }
  }
}

Result<std::vector<std::string>> ask_system(const std::string& host, Family family) {
  addrinfo hints{};
  hints.ai_flags = AI_ADDRCONFIG;
  hints.ai_family = address_family(family);
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code != 0) return no_address(host, family, code, errno);
  std::vector<std::string> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace

std::optional<std::vector<std::string>> known_addresses(const std::string& host) {
  if (numeric_address(host, 0)) return std::vector{host};
  std::string name;
  for (const char c : host) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name.ends_with('.')) name.pop_back();
  if (name == "localhost" || name.ends_with(".localhost"))
    return std::vector<std::string>{"::1", "127.0.0.1"};
  return std::nullopt;
}

Result<std::unique_ptr<Question>> look_up(
    Loop& loop, Resolver resolver, const std::string& host, Family family,
    std::move_only_function<void(Result<std::vector<std::string>>)> handler) {
  const auto ask = [resolver = std::move(resolver), host, family] {
    return resolver ? resolver(host) : ask_system(host, family);
  };
  return Question::ask<std::vector<std::string>>(loop, host, ask, std::move(handler));
}

}  // namespace mq
