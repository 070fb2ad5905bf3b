// Arbitrary bytes as a URL and as the smaller addresses that options take. What a URL says is said by the URL
// that is written of it, with every byte of its parts as %XX.
#include <cstdint>
#include <string>

#include "base/text.hpp"
#include "fuzz/target.hpp"
#include "net/http_server.hpp"
#include "shared/url.hpp"

namespace {

using namespace mq;

std::string escaped(const std::string& text) {
  std::string all;
  for (const char c : text) all.append("%").append(to_hex(Bytes(&c, 1)));
  return all;
}

std::string written(const Url& url) {
  if (!url.endpoint.unix_path.empty()) return "unix://" + escaped(url.endpoint.unix_path);
  std::string text = url.endpoint.web_socket ? "ws" : "mqtt";
  if (url.endpoint.tls) text += 's';
  text += "://";
  if (url.user_name || url.password) {
    if (url.user_name) text += escaped(*url.user_name);
    if (url.password) text.append(":").append(escaped(*url.password));
    text += '@';
  }
  const bool brackets = url.endpoint.host.contains(':');
  text.append(brackets ? "[" : "").append(url.endpoint.host).append(brackets ? "]" : "");
  if (url.port_given) text.append(":").append(std::to_string(url.endpoint.port));
  if (url.topic) text.append("/").append(escaped(*url.topic));
  return text;
}

bool same(const Url& a, const Url& b) {
  return a.endpoint.text() == b.endpoint.text() && a.endpoint.tls == b.endpoint.tls &&
         a.endpoint.web_socket == b.endpoint.web_socket && a.port_given == b.port_given &&
         a.user_name == b.user_name && a.password == b.password && a.topic == b.topic;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto url = parse_url(text)) {
    require(!url->endpoint.host.empty() || !url->endpoint.unix_path.empty());
    const auto again = parse_url(written(*url));
    require(again && same(*url, *again));
  } else {
    require(url.error().kind == ErrorKind::usage && !url.error().text.empty());
  }
  std::string host;
  std::uint16_t port = 1;
  bool given = false;
  if (read_host_and_port(text, host, port, given)) require(!host.empty());
  (void)check_host(text);
  (void)check_listen_address(text);
  return 0;
}
