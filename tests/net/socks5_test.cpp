#include <array>
#include <random>

#include "base/text.hpp"
#include "net/proxy_peers.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::string_literals;

namespace {

const Buffer agreed = "\x05\0\0\x01\x7f\0\0\x01\x12\x34"s;
const std::vector<Line> plain{{3, "\x05\0"s}, {10, agreed}};
const std::vector<Line> with_login{{4, "\x05\x02"s}, {5, "\x01\0"s}, {18, agreed}};

std::string refused(const std::string& why) {
  return "the proxy socks5://proxy.test:1080 refused to connect to broker.test:1883: " + why;
}

}  // namespace

TEST_CASE("SOCKS5: the proxy gets the name, and IPv4 and IPv6 addresses as such") {
  const auto request = [](const std::string& host, std::uint16_t port) {
    const Agreement agreement = agree(socks5_proxy(), plain, true, MemoryFaults::never, host, port);
    CHECK(agreement.outcome.has_value());
    CHECK(agreement.sent.starts_with("\x05\x01\0"s));
    return to_hex(agreement.sent.substr(3));
  };
  CHECK(request("broker.test", 1883) == "050100030b" + to_hex("broker.test") + "075b");
  CHECK(request("192.0.2.7", 65535) == "05010001c0000207ffff");
  CHECK(request("2001:db8::7", 8883) ==
        "05010004" + to_hex("\x20\x01\x0d\xb8"s) + std::string(22, '0') + "0722b3");
  CHECK(request(std::string(255, 'n'), 1).starts_with("05010003ff6e"));
}

TEST_CASE("SOCKS5: user name and password are offered when there are any, and sent when they are wanted") {
  Agreement agreement = agree(socks5_proxy("user", "secret"), with_login);
  CHECK(agreement.outcome.has_value());
  CHECK(agreement.sent.starts_with("\x05\x02\0\x02\x01\x04user\x06secret\x05\x01\0\x03"s));

  agreement = agree(socks5_proxy("user", "secret"), {{4, "\x05\0"s}, {10, agreed}});
  CHECK(agreement.outcome.has_value());
  CHECK_FALSE(agreement.sent.contains("secret"));

  agreement = agree(socks5_proxy("user"), with_login);
  CHECK(agreement.sent.starts_with("\x05\x02\0\x02\x01\x04user\0\x05\x01\0\x03"s));
}

TEST_CASE("SOCKS5: the answer may come in any pieces, cut anywhere, and with more behind it") {
  check_every_split(socks5_proxy(), plain);
  check_every_split(socks5_proxy("user", "secret"), with_login);
  check_every_split(socks5_proxy(), {{3, "\x05\0"s}, {10, "\x05\0\0\x03\x05local\0\x01"s}});
  check_every_split(socks5_proxy(), {{3, "\x05\0"s}, {10, "\x05\0\0\x04"s + std::string(18, 'a')}});
}

TEST_CASE("SOCKS5: a proxy that answers before it is asked is understood, too") {
  const Agreement agreement = agree(socks5_proxy(), {{0, "\x05\0"s + agreed + "surplus"}});
  REQUIRE(agreement.outcome.has_value());
  CHECK(agreement.first_read == "surplus");
  CHECK(agreement.sent.ends_with("broker.test\x07\x5b"));
}

TEST_CASE("SOCKS5: every reply code is told in words") {
  struct Reply {
    char code;
    std::string why;
    bool permanent = false;
  };
  const Reply replies[] = {{1, "general failure"},
                           {2, "not allowed by its rules", true},
                           {3, "network is unreachable"},
                           {4, "host is unreachable"},
                           {5, "connection refused"},
                           {6, "time to live expired"},
                           {7, "command not supported", true},
                           {8, "address type not supported", true},
                           {9, "reply code 9"},
                           {'\xff', "reply code 255"}};
  for (const Reply& reply : replies) {
    CAPTURE(reply.why);
    Buffer bytes = agreed;
    bytes[1] = reply.code;
    for (const Buffer& sent : {bytes, bytes.substr(0, 2)}) {
      const Error error = refusal(socks5_proxy(), {{3, "\x05\0"s}, {10, sent}});
      CHECK(error.kind == ErrorKind::connect);
      CHECK(error.text == refused(reply.why));
      CHECK(error.permanent == reply.permanent);
    }
  }
}

TEST_CASE("SOCKS5: what is wrong with the credentials won't mend itself") {
  const auto check = [](const ProxyOptions& proxy, const std::vector<Line>& lines, const std::string& what) {
    const Error error = refusal(proxy, lines);
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.permanent);
    CHECK(error.text == "the proxy socks5://proxy.test:1080 " + what);
    CHECK_FALSE(error.hint.contains("secret"));
    return error.hint;
  };
  for (const Buffer& answer : {"\x05\xff"s, "\x05\x02"s}) {
    CHECK(check(socks5_proxy(), {{3, answer}}, "wants a user name and password") ==
          "they stand in its URL: socks5://USER:PASSWORD@HOST:PORT");
  }
  check(socks5_proxy("user", "secret"), {{4, "\x05\x02"s}, {5, "\x01\x01"s}},
        "refused the user name and password");
  check(socks5_proxy("user", "secret"), {{4, "\x05\x02"s}, {5, "\x05\xff"s}},
        "refused the user name and password");
  check(socks5_proxy("user", "secret"), {{4, "\x05\xff"s}}, "accepts no user name and password");
}

TEST_CASE("SOCKS5: what is none is said to be none") {
  const auto check = [](const std::vector<Line>& lines) {
    const Error error = refusal(socks5_proxy("user", "secret"), lines);
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.text == "the proxy socks5://proxy.test:1080 is no SOCKS5 proxy");
    return error.hint;
  };
  CHECK(check({{3, "HTTP/1.1 400 Bad Request\r\n\r\n"}}).contains("HTTP"));
  CHECK(check({{3, "\0\x5b"s}}) == "is the port right?");
  CHECK(check({{3, std::string(1'000'000, 'x')}}) == "is the port right?");
  check({{3, "\x05\x02"s}, {5, "\x02\0"s}});
  check({{3, "\x05\0"s}, {10, "\x04\0\0\x01"s}});
  check({{3, "\x05\0"s}, {10, "\x05\0\0\x02\x01"s}});
  CHECK(refusal(socks5_proxy(), {{3, "\x05\x01"s}}).text ==
        "the proxy socks5://proxy.test:1080 chose authentication method 1, which was not offered");
}

TEST_CASE("SOCKS5: no bytes do harm") {
  std::minstd_rand random(1928);  // the same bytes each time
  for (int round = 0; round < 2000; ++round) {
    Buffer bytes;
    const std::size_t size = random() % 40;
    for (std::size_t i = 0; i < size; ++i)
      bytes += static_cast<char>(random() % 3 == 0 ? random() : random() % 6);
    if (random() % 2 == 0) bytes.insert(0, "\x05\x00"s);
    const Agreement agreement = agree(socks5_proxy("user", "secret"), {{0, bytes}}, true, 1 + random() % 8);
    if (!agreement.outcome) CHECK_FALSE(agreement.outcome.error().text.contains("secret"));
  }
}

TEST_CASE("SOCKS5: an agreement may be called off at any time") {
  check_cancellation(socks5_proxy(), plain);
  check_cancellation(socks5_proxy("user", "secret"), with_login);
  check_cancellation(socks5_proxy(), {{0, "\x05\0"s + agreed + "surplus"}});
}
