#include "shared/url.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.hpp"

namespace mq {
namespace {

// The URL's parts, each quoted, in a fixed order; or the error's text.
std::string parts(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return url.error().text;
  std::string out;
  const Endpoint& at = url->endpoint;
  if (!at.unix_path.empty()) return std::string("unix ").append(quoted(at.unix_path));
  out.append(at.host).append(" ").append(std::to_string(at.port));
  if (at.tls) out.append(" tls");
  if (at.web_socket) out.append(" ws");
  if (url->user_name) out.append(" user ").append(quoted(*url->user_name));
  if (url->password) out.append(" password ").append(quoted(*url->password));
  if (url->topic) out.append(" topic ").append(quoted(*url->topic));
  return out;
}

}  // namespace

TEST_CASE("a URL is taken apart, every part but the host percent-decoded") {
  const std::vector<std::pair<const char*, const char*>> table{
      {"mqtt://h", "h 1883"},
      {"mqtt://h/", "h 1883"},
      {"mqtt://h:2000", "h 2000"},
      {"mqtt://h/a/b", "h 1883 topic 'a/b'"},
      {"mqtt://h//a", "h 1883 topic '/a'"},
      {"mqtt://h/+/#", "h 1883 topic '+/#'"},
      {"mqtt://h/a?b=c@d", "h 1883 topic 'a?b=c@d'"},
      {"mqtt://h/a%20b%2Fc%25", "h 1883 topic 'a b/c%'"},
      {"mqtt://h/%E6%B8%A9", "h 1883 topic '温'"},
      {"mqtt://u@h", "h 1883 user 'u'"},
      {"mqtt://u:p@h", "h 1883 user 'u' password 'p'"},
      {"mqtt://u:@h", "h 1883 user 'u' password ''"},
      {"mqtt://:p@h", "h 1883 user '' password 'p'"},
      {"mqtt://u%40x:p%3A%2F%40@h:1/t", "h 1 user 'u@x' password 'p:/@' topic 't'"},
      {"mqtt://u:p@ss@h", "h 1883 user 'u' password 'p@ss'"},
      {"mqtt://u:a:b@h", "h 1883 user 'u' password 'a:b'"},
      {"mqtt://[::1]", "::1 1883"},
      {"mqtt://[::1]:99/t", "::1 99 topic 't'"},
      {"mqtt://[fe80::1%eth0]:99", "fe80::1%eth0 99"},
      {"mqtt://127.0.0.1:65535", "127.0.0.1 65535"},
      {"mqtts://h", "h 8883 tls"},
      {"mqtts://u:p@h:443/t", "h 443 tls user 'u' password 'p' topic 't'"},
      {"ws://h", "h 80 ws"},
      {"ws://h:9001/a/b", "h 9001 ws topic 'a/b'"},
      {"wss://[::1]/t", "::1 443 tls ws topic 't'"},
      {"unix:///run/mqtt.sock", "unix '/run/mqtt.sock'"},
      {"unix:///run/my%20mqtt", "unix '/run/my mqtt'"},
      {"unix://@name", "unix '@name'"},
  };
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(parts(text) == expected);
  }
}

TEST_CASE("a URL that can't be meant is refused") {
  const std::vector<std::pair<const char*, const char*>> table{
      {"", "'' is not a URL"},
      {"host", "'host' is not a URL"},
      {"host:1883/topic", "'host:1883/topic' is not a URL"},
      {"mqtt:/h", "'mqtt:/h' is not a URL"},
      {"http://h", "unknown scheme 'http'"},
      {"://h", "unknown scheme ''"},
      {"mqtt://", "there is no host name"},
      {"mqtt:///t", "there is no host name"},
      {"mqtt://u@:1", "there is no host name"},
      {"mqtt://[]:1", "there is no host name"},
      {"mqtt://a b", "'a b' is not a host name"},
      {"mqtt://h:", "'' is not a port from 1 to 65535"},
      {"mqtt://h:0", "'0' is not a port from 1 to 65535"},
      {"mqtt://h:65536", "'65536' is not a port from 1 to 65535"},
      {"mqtt://h:x", "'x' is not a port from 1 to 65535"},
      {"mqtt://h:-1", "'-1' is not a port from 1 to 65535"},
      {"mqtt://::1", "'::1' holds more than one colon"},
      {"mqtt://[::1", "'[::1' lacks its ]"},
      {"mqtt://[::1]x", "'x' is not a port from 1 to 65535"},
      {"mqtt://h/%", "'%' holds a % without two hexadecimal digits"},
      {"mqtt://h/%4", "'%4' holds a % without two hexadecimal digits"},
      {"mqtt://h/%zz", "'%zz' holds a % without two hexadecimal digits"},
      {"mqtt://u%:p@h", "'u%' holds a % without two hexadecimal digits"},
      {"mqtt://u%00@h", "text must not hold U+0000"},
      {"mqtt://u%FF@h", "'u\\xff' is not valid UTF-8 (byte 2)"},
      {"wsss://h", "unknown scheme 'wsss'"},
      {"mqtt://u:hush%@h", "the password holds a % without two hexadecimal digits"},
      {"u:hush@h", "this is not a URL"},
      {"unix://", "the URL names no socket"},
  };
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    const auto url = parse_url(text);
    REQUIRE_FALSE(url);
    CHECK(url.error().kind == ErrorKind::usage);
    CHECK(url.error().text == expected);
  }
}

}  // namespace mq
