#include <doctest/doctest.h>

#include "net/proxy.hpp"

using namespace mq;
using Kind = ProxyOptions::Kind;

namespace {

ProxyOptions parsed(std::string_view url) {
  CAPTURE(url);
  const auto result = parse_proxy(url);
  REQUIRE(result.has_value());
  return *result;
}

std::string usage_error(std::string_view url) {
  CAPTURE(url);
  const auto result = parse_proxy(url);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == ErrorKind::usage);
  for (const char* secret : {"secret", "s3cret"}) {
    CHECK_FALSE(result.error().text.contains(secret));
    CHECK_FALSE(result.error().hint.contains(secret));
  }
  return result.error().text;
}

}  // namespace

TEST_CASE("a proxy's URL: kind, host and port, and what they are when it doesn't say") {
  CHECK(parsed("socks5://proxy.test").text() == "socks5://proxy.test:1080");
  CHECK(parsed("socks5h://proxy.test:1").text() == "socks5://proxy.test:1");
  CHECK(parsed("SOCKS5://127.0.0.1:65535/").text() == "socks5://127.0.0.1:65535");
  CHECK(parsed("http://proxy.test").text() == "http://proxy.test:8080");
  CHECK(parsed("http://[::1]:3128").text() == "http://[::1]:3128");
  CHECK(parsed("http://[::1]").host == "::1");
  CHECK(parsed("http://[fe80::1%25lo]:3128").host == "fe80::1%lo");
  CHECK(parsed("proxy.test:3128").text() == "http://proxy.test:3128");
  CHECK(parsed("proxy.test").text() == "http://proxy.test:8080");
  CHECK_FALSE(parsed("proxy.test").user_name);
  CHECK_FALSE(parsed("http://@proxy.test").user_name);
}

TEST_CASE("a proxy's URL: user name and password, which are never shown") {
  ProxyOptions proxy = parsed("socks5://user:s3cret@proxy.test:1081");
  CHECK(proxy.user_name == "user");
  CHECK(proxy.password == "s3cret");
  CHECK(proxy.text() == "socks5://proxy.test:1081");
  proxy = parsed("user@proxy.test");
  CHECK(proxy.kind == Kind::http);
  CHECK(proxy.user_name == "user");
  CHECK_FALSE(proxy.password);
  proxy = parsed("http://us%65r:a%3Ab%40%2f%25@proxy.test");
  CHECK(proxy.user_name == "user");
  CHECK(proxy.password == "a:b@/%");
  proxy = parsed("http://user:a:b@c@proxy.test");
  CHECK(proxy.password == "a:b@c");
  CHECK(parsed("user:a:%2F%2Fb@proxy.test").password == "a://b");
  CHECK(parsed("http://:s3cret@proxy.test").user_name == "");
  CHECK(parsed("socks5://user:@proxy.test").password == "");
}

TEST_CASE("a proxy's URL: what is wrong with it is said without the password") {
  CHECK(usage_error("https://user:secret@proxy.test") == "'https' is no kind of proxy");
  CHECK(usage_error("socks4://proxy.test") == "'socks4' is no kind of proxy");
  CHECK(usage_error("://proxy.test") == "'' is no kind of proxy");
  CHECK(usage_error("") == "the proxy's URL names no host");
  CHECK(usage_error("http://user:secret@") == "the proxy's URL names no host");
  CHECK(usage_error("http://:8080") == "the proxy's URL names no host");
  CHECK(usage_error("http://bad host") == "'bad host' is no host name of a proxy");
  CHECK(usage_error("http://user:secret@bad%20host:1") == "'bad%20host' is no host name of a proxy");
  for (const char* url : {"http://proxy.test:", "http://proxy.test:0", "http://proxy.test:65536",
                          "http://proxy.test:x", "http://user:secret", "http://[::1]:"}) {
    CHECK(usage_error(url) == "the proxy's port is no number from 1 to 65535");
  }
  CHECK(usage_error("http://::1") == "the proxy's URL holds too many colons");
  CHECK(usage_error("http://user:secret:8080") == "the proxy's URL holds too many colons");
  CHECK(usage_error("http://[::1") == "the proxy's host lacks its ]");
  CHECK(usage_error("http://[::1]secret") == "the proxy's URL goes on behind the ]");
  CHECK(usage_error("http://[proxy.test]:1") == "'[proxy.test]' is no IPv6 address");
  CHECK(usage_error("http://[127.0.0.1]:1") == "'[127.0.0.1]' is no IPv6 address");
  CHECK(usage_error("http://proxy.test/secret") == "the proxy's URL goes on behind host and port");
  CHECK(usage_error("http://user:sec/ret@proxy.test") ==
        "the proxy's user name or password holds a '/', '?' or '#'");
  for (const char* url : {"http://user:secret%@proxy.test", "http://us%0xr:secret@proxy.test"}) {
    CHECK(usage_error(url) == "the proxy's user name or password holds a % without two hexadecimal digits");
  }
}

TEST_CASE("a proxy's URL: credentials that its language can't express") {
  CHECK(usage_error("http://a%3Ab:secret@proxy.test") ==
        "the proxy's user name holds a colon, which HTTP can't express");
  CHECK(parsed("socks5://a%3Ab:secret@proxy.test").user_name == "a:b");
  CHECK(usage_error("socks5://:secret@proxy.test") ==
        "the proxy's user name is empty, which SOCKS5 can't express");
  const std::string too_long(256, 'x');
  const std::string text =
      "the proxy's user name or password is longer than 255 bytes, which SOCKS5 can't express";
  CHECK(usage_error("socks5://" + too_long + ":secret@proxy.test") == text);
  CHECK(usage_error("socks5://user:" + too_long + "@proxy.test") == text);
  CHECK(parsed("http://user:" + too_long + "@proxy.test").password == too_long);
}

TEST_CASE("NO_PROXY: a name and all below it") {
  for (const char* list :
       {"example.com", ".example.com", "EXAMPLE.com.", "other,example.com", "other example.com",
        " ,, other ,\texample.com,", "example.com:1883", "*", "other,*", "*:1883"}) {
    CAPTURE(list);
    CHECK(bypasses_proxy(list, "example.com", 1883));
    CHECK(bypasses_proxy(list, "broker.Example.COM.", 1883));
  }
  for (const char* list : {"", " ", ",", ".", "com:80", "example.com:80", "example.com:x",
                           "example.com:", "broker.example.com", "ample.com", "xexample.com", "example.co",
                           "*.com", "192.0.2.1", "example.com/8", "[example.com", "::1"}) {
    CAPTURE(list);
    CHECK_FALSE(bypasses_proxy(list, "example.com", 1883));
  }
  CHECK_FALSE(bypasses_proxy("example.com", "notexample.com", 1883));
  CHECK_FALSE(bypasses_proxy("2.1", "192.0.2.1", 1883));
}

TEST_CASE("NO_PROXY: addresses and blocks of them") {
  struct Example {
    const char* list;
    const char* host;
    bool bypasses = true;
  };
  const Example examples[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1:1883", "192.0.2.1"},
      {"192.0.2.1:80", "192.0.2.1", false},
      {"192.0.2.1", "192.0.2.10", false},
      {"192.0.2.0/24", "192.0.2.255"},
      {"192.0.2.0/24:1883", "192.0.2.255"},
      {"192.0.2.0/24", "192.0.3.0", false},
      {"10.0.0.0/9", "10.127.255.255"},
      {"10.0.0.0/9", "10.128.0.0", false},
      {"192.0.2.6/31", "192.0.2.7"},
      {"192.0.2.6/31", "192.0.2.8", false},
      {"192.0.2.1/32", "192.0.2.1"},
      {"192.0.2.1/33", "192.0.2.1", false},
      {"192.0.2.1/", "192.0.2.1", false},
      {"192.0.2.1/x", "192.0.2.1", false},
      {"192.0.2.1/256", "192.0.2.1", false},
      {"0.0.0.0/0", "192.0.2.1"},
      {"0.0.0.0/0", "::1", false},
      {"0.0.0.0/0", "example.com", false},
      {"::1", "::1"},
      {"[::1]", "::1"},
      {"::1", "[::1]"},
      {"0:0::1", "::1"},
      {"[::1]:1883", "::1"},
      {"[::1]:80", "::1", false},
      {"[::1]x", "::1", false},
      {"2001:db8::/32", "2001:DB8:1::7"},
      {"2001:db8::/32", "2001:db9::7", false},
      {"[2001:db8::/33]:1883", "2001:db8:7fff::"},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"2001:db8::1/128", "2001:db8::1"},
      {"2001:db8::1/129", "2001:db8::1", false},
      {"fe80::1", "fe80::1%lo"},
  };
  for (const Example& example : examples) {
    CAPTURE(example.list);
    CAPTURE(example.host);
    CHECK(bypasses_proxy(example.list, example.host, 1883) == example.bypasses);
  }
}
