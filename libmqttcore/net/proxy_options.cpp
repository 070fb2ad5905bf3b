#include <fmt/core.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "net/address.hpp"
#include "net/proxy.hpp"
#include "net/proxy_talk.hpp"

namespace mq {
namespace {

using Kind = ProxyOptions::Kind;

constexpr std::size_t longest_credential = 255;  // RFC 1929, section 2: one octet of length

std::unexpected<Error> usage(std::string text, std::string hint = {}) {
  return fail(ErrorKind::usage, std::move(text), 0, std::move(hint));
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// The kind that the scheme names, which is taken from the front of `url`.
Result<Kind> read_scheme(std::string_view& url) {
  const std::size_t mark = url.find("://");
  // What holds a colon, an '@' or the like is no scheme but the begin of credentials that hold "://".
  const auto in_scheme = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
  };
  if (mark == url.npos || !std::ranges::all_of(url.substr(0, mark), in_scheme)) return Kind::http;
  const std::string scheme = lower(url.substr(0, mark));
  url.remove_prefix(mark + 3);
  if (scheme == "http") return Kind::http;
  if (scheme == "socks5" || scheme == "socks5h") return Kind::socks5;
  return usage(fmt::format("{} is no kind of proxy", quoted(scheme)), "proxies are socks5:// and http://");
}

Result<void> read_credentials(ProxyOptions& proxy, std::string_view text) {
  // Else a part of a password could be taken for something that may be shown.
  if (text.find_first_of("/?#") != text.npos) {
    return usage("the proxy's user name or password holds a '/', '?' or '#'",
                 "write %2F, %3F and %23 for them");
  }
  const std::size_t colon = text.find(':');
  proxy.user_name = percent_decoded(text.substr(0, colon));
  if (colon != text.npos) proxy.password = percent_decoded(text.substr(colon + 1));
  if (!proxy.user_name || (colon != text.npos && !proxy.password)) {
    return usage("the proxy's user name or password holds a % without two hexadecimal digits",
                 "write %25 for a percent sign itself");
  }
  return {};
}

Result<void> read_host(ProxyOptions& proxy, std::string_view text) {
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return usage("the proxy's host lacks its ]");
    proxy.host = percent_decoded(text.substr(1, end - 1)).value_or("");  // a zone begins with %25 (RFC 6874)
    if (!proxy.host.contains(':') || !numeric_address(proxy.host, 0))
      return usage(fmt::format("{} is no IPv6 address", quoted(text.substr(0, end + 1))));
    if (end + 1 < text.size()) port = text.substr(end + 1);
    if (port && !port->starts_with(':')) return usage("the proxy's URL goes on behind the ]");
  } else {
    const std::size_t colon = text.find(':');
    if (colon != text.npos && text.find(':', colon + 1) != text.npos) {
      return usage("the proxy's URL holds too many colons",
                   "an IPv6 address stands in brackets: http://[::1]:8080");
    }
    proxy.host = text.substr(0, colon);
    if (colon != text.npos) port = text.substr(colon);
    const auto is_alien = [](char c) {
      return octet(c) <= ' ' || octet(c) == 0x7F || c == '[' || c == ']' || c == '%';
    };
    if (proxy.host.empty()) return usage("the proxy's URL names no host");
    if (std::ranges::any_of(proxy.host, is_alien))
      return usage(fmt::format("{} is no host name of a proxy", quoted(proxy.host)));
  }
  if (!port) return {};
  const auto number = parse_number<std::uint16_t>(port->substr(1));
  // Not shown: it may be a password whose host was forgotten.
  if (!number || *number == 0) return usage("the proxy's port is no number from 1 to 65535");
  proxy.port = *number;
  return {};
}

// One word of NO_PROXY.
struct Exception {
  std::string_view host;
  std::optional<std::uint8_t> bits{};
  bool any_port = true;
  std::uint16_t port = 0;
};

std::optional<Exception> parse_exception(std::string_view word) {
  Exception exception;
  std::size_t port = word.npos;  // where its colon is
  if (word.starts_with('[')) {
    const std::size_t end = word.find(']');
    if (end == word.npos) return std::nullopt;
    if (end + 1 < word.size()) port = end + 1;
    exception.host = word.substr(1, end - 1);
    if (port != word.npos && word[port] != ':') return std::nullopt;
  } else {
    if (std::ranges::count(word, ':') == 1) port = word.find(':');
    exception.host = word.substr(0, port);
  }
  if (port != word.npos) {
    const auto number = parse_number<std::uint16_t>(word.substr(port + 1));
    if (!number) return std::nullopt;
    exception.any_port = false;
    exception.port = *number;
  }
  if (const std::size_t slash = exception.host.find('/'); slash != word.npos) {
    exception.bits = parse_number<std::uint8_t>(exception.host.substr(slash + 1));
    if (!exception.bits) return std::nullopt;
    exception.host = exception.host.substr(0, slash);
  }
  return exception;
}

// Of an IPv4 or IPv6 address, in the order of the network.
std::string address_bytes(const Address& address) {
  const bool v4 = address.family() == AF_INET;
  const auto* storage = reinterpret_cast<const char*>(&address.storage);
  return v4 ? std::string(storage + offsetof(sockaddr_in, sin_addr), 4)
            : std::string(storage + offsetof(sockaddr_in6, sin6_addr), 16);
}

bool in_block(const Address& address, const Address& block, std::optional<std::uint8_t> bits) {
  if (address.family() != block.family()) return false;
  const std::string ours = address_bytes(address);
  const std::string theirs = address_bytes(block);
  const std::size_t length = bits.value_or(static_cast<std::uint8_t>(ours.size() * 8));
  if (length > ours.size() * 8) return false;
  const std::size_t whole = length / 8;
  if (ours.compare(0, whole, theirs, 0, whole) != 0) return false;
  if (length % 8 == 0) return true;
  const unsigned ignored = 8 - length % 8;
  return octet(ours[whole]) >> ignored == octet(theirs[whole]) >> ignored;
}

bool in_domain(std::string_view name, std::string_view domain) {
  if (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty() || !name.ends_with(domain)) return false;
  return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

}  // namespace

std::string ProxyOptions::text() const {
  return fmt::format("{}://{}", kind == Kind::socks5 ? "socks5" : "http", host_and_port(host, port));
}

Result<ProxyOptions> parse_proxy(std::string_view url) {
  ProxyOptions proxy;
  const auto kind = read_scheme(url);
  if (!kind) return std::unexpected(kind.error());
  proxy.kind = *kind;
  proxy.port = *kind == Kind::socks5 ? 1080 : 8080;
  if (const std::size_t at = url.rfind('@'); at != url.npos) {
    if (at > 0) {
      if (auto read = read_credentials(proxy, url.substr(0, at)); !read) return std::unexpected(read.error());
    }
    url.remove_prefix(at + 1);
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.find_first_of("/?#") != url.npos)
    return usage("the proxy's URL goes on behind host and port", "it ends there: http://HOST:PORT");
  if (auto read = read_host(proxy, url); !read) return std::unexpected(read.error());
  if (auto checked = check_credentials(proxy); !checked) return std::unexpected(checked.error());
  return proxy;
}

Result<void> check_credentials(const ProxyOptions& proxy) {
  if (!proxy.user_name)
    return proxy.password ? Result<void>(usage("the proxy's password has no user name")) : Result<void>();
  if (proxy.kind == Kind::http) {
    if (!proxy.user_name->contains(':')) return {};
    return usage("the proxy's user name holds a colon, which HTTP can't express");  // RFC 7617, section 2
  }
  if (proxy.user_name->empty()) return usage("the proxy's user name is empty, which SOCKS5 can't express");
  if (std::max(proxy.user_name->size(), proxy.password.value_or("").size()) <= longest_credential) return {};
  return usage(
      fmt::format("the proxy's user name or password is longer than {} bytes, which SOCKS5 can't express",
                  longest_credential));
}

bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port) {
  std::string name = lower(host);
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  const auto address = numeric_address(std::string_view(name).substr(0, name.find('%')), 0);
  if (name.ends_with('.')) name.pop_back();
  const std::string words = lower(no_proxy);
  constexpr std::string_view separators = ", \t";
  for (std::size_t at = 0; (at = words.find_first_not_of(separators, at)) != words.npos;) {
    const std::size_t end = std::min(words.find_first_of(separators, at), words.size());
    const auto exception = parse_exception(std::string_view(words).substr(at, end - at));
    at = end;
    if (!exception || (!exception->any_port && exception->port != port)) continue;
    if (exception->host == "*") return true;
    const auto block = numeric_address(exception->host, 0);
    if (address && block && in_block(*address, *block, exception->bits)) return true;
    if (!address && !block && !exception->bits && in_domain(name, exception->host)) return true;
  }
  return false;
}

}  // namespace mq
