#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "drop_in/given.hpp"
#include "net/proxy.hpp"

namespace mq {
namespace {

struct Scheme {
  std::string_view name;
  int port;
  bool tls, web_socket;
};
// The ports are those of mosquitto's code, for WebSockets too.
constexpr std::array<Scheme, 4> schemes{{{"mqtt://", 1883, false, false},
                                         {"mqtts://", 8883, true, false},
                                         {"ws://", 1883, false, true},
                                         {"wss://", 8883, true, true}}};

bool begins_with(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::ranges::equal(text.substr(0, lower.size()), lower,
                            [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

// So that listings of processes don't show it.
void note_secret(DropInGiven& given, std::string_view whole, std::string_view secret) {
  if (secret.empty()) return;
  given.connection.shown_secrets.push_back(
      {std::string(whole), static_cast<std::size_t>(secret.data() - whole.data()), secret.size()});
}

}  // namespace

// As mosquitto reads it: nothing is percent-decoded, and there are no IPv6 addresses.
Result<void> read_drop_in_url(DropInGiven& given, std::string_view url, const DropInTopic& add_topic) {
  const auto scheme =
      std::ranges::find_if(schemes, [url](const Scheme& one) { return begins_with(url, one.name); });
  if (scheme == schemes.end()) return complaint("Error: Unsupported URL scheme.\n");
  std::string_view rest = url.substr(scheme->name.size());
  given.port = scheme->port;
  given.os_certificates = given.os_certificates || scheme->tls;
  given.web_socket = given.web_socket || scheme->web_socket;
  const std::size_t slash = rest.find('/');
  if (slash == rest.npos) return complaint("Error: Invalid URL for -L argument specified - topic missing.");
  if (auto added = add_topic(rest.substr(slash + 1), "-L topic"); !added) return added;
  rest = rest.substr(0, slash);
  if (const std::size_t at = rest.find('@'); at != rest.npos) {
    const std::string_view user = rest.substr(0, at);
    const std::size_t colon = user.find(':');
    if (colon != user.npos) {
      given.password = std::string(user.substr(colon + 1));
      note_secret(given, url, user.substr(colon + 1));
    }
    given.user_name = std::string(user.substr(0, colon));
    rest.remove_prefix(at + 1);
  }
  const std::size_t colon = rest.find(':');
  given.host = std::string(rest.substr(0, colon));
  if (colon != rest.npos) {
    const std::string_view text = rest.substr(colon + 1);
    const long port = c_number(text);
    if (port < 1 || port > 65535) return complaint(fmt::format("Error: Invalid port given: {}", text));
    given.port = static_cast<int>(port);
  }
  return {};
}

Result<void> read_drop_in_proxy(DropInGiven& given, std::string_view url) {
  if (!url.starts_with("socks5h://"))
    return complaint(fmt::format("Error: Unsupported proxy protocol: {}", url));
  auto proxy = parse_proxy(url);
  if (!proxy) return complaint("Error: Invalid proxy.");
  const std::string_view user = url.substr(0, url.rfind('@'));
  if (const std::size_t colon = user.find(':', user.find("//"));
      user.size() < url.size() && colon != user.npos)
    note_secret(given, url, user.substr(colon + 1));
  given.connection.client.open.proxy = std::move(*proxy);
  return {};
}

}  // namespace mq
