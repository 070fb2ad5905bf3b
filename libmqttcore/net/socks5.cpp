#include <fmt/core.h>
#include <netinet/in.h>

#include <cstring>

#include "net/address.hpp"
#include "net/proxy_talk.hpp"

namespace mq {
namespace {

// RFC 1928, section 3, 4 and 5; RFC 1929, section 2.
constexpr char version = 5;
constexpr char login_version = 1;
constexpr char no_authentication = 0;
constexpr char user_and_password = 2;
constexpr std::uint8_t no_acceptable_method = 0xFF;
constexpr char connect_command = 1;
constexpr char address_v4 = 1;
constexpr char address_name = 3;
constexpr char address_v6 = 4;

void append_with_length(Buffer& to, Bytes bytes) {
  to += static_cast<char>(bytes.size());
  to += bytes;
}

template <class T>
Bytes bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

class Socks5 : public ProxyTalk {
 public:
  using ProxyTalk::ProxyTalk;

  Buffer opening() override {
    Buffer greeting{version};
    append_with_length(greeting, proxy().user_name ? Bytes("\x00\x02", 2) : Bytes("\x00", 1));
    return greeting;
  }

  Result<Step> received(Bytes input) override {
    switch (awaited_) {
      case Awaited::method:
        return method(input);
      case Awaited::login:
        return login(input);
      case Awaited::answer:
        break;
    }
    return answer(input);
  }

 private:
  enum class Awaited { method, login, answer };

  const ProxyOptions& proxy() const { return request().proxy; }

  std::unexpected<Error> no_socks5(Bytes input) const {
    const bool http = input.starts_with('H');
    return failed("is no SOCKS5 proxy", false,
                  http ? "it answers like an HTTP server: is it an http:// proxy?" : "is the port right?");
  }

  Result<Step> method(Bytes input) {
    if (input[0] != version) return no_socks5(input);
    if (input.size() < 2) return Step{};
    const std::uint8_t chosen = octet(input[1]);
    if (chosen == no_authentication) return Step{2, connect_request()};
    if (chosen == user_and_password && proxy().user_name) {
      awaited_ = Awaited::login;
      Buffer login{login_version};
      append_with_length(login, *proxy().user_name);
      append_with_length(login, proxy().password.value_or(""));
      return Step{2, std::move(login)};
    }
    if (chosen != no_acceptable_method && chosen != user_and_password)
      return failed(fmt::format("chose authentication method {}, which was not offered", chosen));
    if (!proxy().user_name) return wants_credentials();
    return failed("accepts no user name and password", true, "it wants another way to log in");
  }

  Result<Step> login(Bytes input) {
    // Some proxies repeat the 5 where RFC 1929 wants its own version.
    if (input[0] != login_version && input[0] != version) return no_socks5(input);
    if (input.size() < 2) return Step{};
    if (input[1] != 0) return wants_credentials();
    return Step{2, connect_request()};
  }

  // The proxy looks names up: it may know some that we don't.
  Buffer connect_request() {
    awaited_ = Awaited::answer;
    Buffer bytes{version, connect_command, 0};
    const auto numeric = numeric_address(request().host, 0);
    if (!numeric) {
      bytes += address_name;
      append_with_length(bytes, request().host);
    } else if (numeric->family() == AF_INET) {
      sockaddr_in v4;
      std::memcpy(&v4, &numeric->storage, sizeof v4);
      bytes += address_v4;
      bytes += bytes_of(v4.sin_addr);
    } else {
      sockaddr_in6 v6;
      std::memcpy(&v6, &numeric->storage, sizeof v6);
      bytes += address_v6;
      bytes += bytes_of(v6.sin6_addr);
    }
    return bytes.append(bytes_of(htons(request().port)));
  }

  Result<Step> answer(Bytes input) const {
    if (input[0] != version) return no_socks5(input);
    if (input.size() < 2) return Step{};
    // A refusal needs no address behind it, and not every proxy sends one.
    if (input[1] != 0) return refusal(octet(input[1]));
    if (input.size() < 5) return Step{};
    std::size_t size = 4 + 2;
    switch (input[3]) {
      case address_v4:
        size += 4;
        break;
      case address_v6:
        size += 16;
        break;
      case address_name:
        size += 1U + octet(input[4]);
        break;
      default:
        return no_socks5(input);
    }
    if (input.size() < size) return Step{};
    return Step{.taken = size, .agreed = true};
  }

  std::unexpected<Error> refusal(std::uint8_t code) const {
    constexpr std::uint8_t not_allowed = 2, command = 7, address_type = 8;
    constexpr const char* words[] = {"general failure",        "not allowed by its rules",
                                     "network is unreachable", "host is unreachable",
                                     "connection refused",     "time to live expired",
                                     "command not supported",  "address type not supported"};
    const bool permanent = code == not_allowed || code == command || code == address_type;
    if (code <= std::size(words)) return refused(words[code - 1], permanent);
    return refused(fmt::format("reply code {}", code));
  }

  Awaited awaited_ = Awaited::method;
};

}  // namespace

std::unique_ptr<ProxyTalk> talk_socks5(ProxyRequest request) {
  return std::make_unique<Socks5>(std::move(request));
}

}  // namespace mq
