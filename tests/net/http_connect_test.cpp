#include <random>

#include "net/proxy_peers.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::string_literals;

namespace {

const std::vector<Line> plain{{20, "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy.test\r\n\r\n"}};

Error refusal_by(const std::string& answer) {
  const Error error = refusal(http_proxy("user", "secret"), {{20, answer}});
  CHECK(error.kind == ErrorKind::connect);
  CHECK_FALSE(error.text.contains("secret"));
  return error;
}

std::string refused(const std::string& why) {
  return "the proxy http://proxy.test:1080 refused to connect to broker.test:1883: " + why;
}

}  // namespace

TEST_CASE("CONNECT: the request names the host twice, an IPv6 address in brackets") {
  const auto request = [](const ProxyOptions& proxy, const std::string& host, std::uint16_t port) {
    const Agreement agreement = agree(proxy, plain, true, MemoryFaults::never, host, port);
    CHECK(agreement.outcome.has_value());
    return agreement.sent;
  };
  CHECK(request(http_proxy(), "broker.test", 1883) ==
        "CONNECT broker.test:1883 HTTP/1.1\r\nHost: broker.test:1883\r\n\r\n");
  CHECK(request(http_proxy(), "2001:db8::7", 8883) ==
        "CONNECT [2001:db8::7]:8883 HTTP/1.1\r\nHost: [2001:db8::7]:8883\r\n\r\n");
  CHECK(request(http_proxy(), "fe80::1%lo", 1) ==
        "CONNECT [fe80::1]:1 HTTP/1.1\r\nHost: [fe80::1]:1\r\n\r\n");
  // The example of RFC 7617, section 2.
  CHECK(request(http_proxy("Aladdin", "open sesame"), "127.0.0.1", 1883) ==
        "CONNECT 127.0.0.1:1883 HTTP/1.1\r\nHost: 127.0.0.1:1883\r\n"
        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
  CHECK(request(http_proxy("user"), "127.0.0.1", 1883).contains("Basic dXNlcjo=\r\n"));
}

TEST_CASE("CONNECT: the answer may come in any pieces, cut anywhere, and with more behind it") {
  check_every_split(http_proxy(), plain);
  check_every_split(http_proxy("user", "secret"), {{20, "HTTP/1.0 299\n\n"}});
  check_every_split(http_proxy(), {{20, "HTTP/1.1 100 Continue\r\nA: b\r\n\r\n"},
                                   {20, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}});
  // RFC 9110, 9.3.6: such fields count for nothing here.
  check_every_split(http_proxy(),
                    {{20, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"}});
}

TEST_CASE("CONNECT: a refusal is told by its status and reason") {
  CHECK(refusal_by("HTTP/1.1 403 Filtered\r\nContent-Length: 1000000\r\n\r\n<html>").text ==
        refused("HTTP 403 Filtered"));
  CHECK(refusal_by("HTTP/1.1 403 Filtered\r\n").permanent);
  CHECK(refusal_by("HTTP/1.1 503 \r\n").text == refused("HTTP 503"));
  CHECK(refusal_by("HTTP/1.1 503\n").text == refused("HTTP 503"));
  CHECK_FALSE(refusal_by("HTTP/1.1 503\n").permanent);
  CHECK(refusal_by("HTTP/1.1 101 Switching Protocols\r\n\r\n").text ==
        refused("HTTP 101 Switching Protocols"));
  CHECK(refusal_by("HTTP/1.1 302 Found\r\n\r\n").text == refused("HTTP 302 Found"));
  CHECK(refusal_by("HTTP/1.1 405 No\r\n\r\n").hint == "is it a proxy, or an ordinary web server?");
}

TEST_CASE("CONNECT: a reason that is not plain is made safe to show") {
  CHECK(refusal_by("HTTP/1.1 502 \x1b[2Jx\r\n").text == refused("HTTP 502 '\\x1b[2Jx'"));
  CHECK(refusal_by("HTTP/1.1 502 it's \xff\r\n").text == refused("HTTP 502 'it\\'s \\xff'"));
  CHECK(refusal_by("HTTP/1.1 502 größer\r\n").text == refused("HTTP 502 größer"));
  CHECK(refusal_by("HTTP/1.1 502 " + std::string(1000, 'x') + "\r\n").text ==
        refused("HTTP 502 '" + std::string(80, 'x') + "'..."));
}

TEST_CASE("CONNECT: what is wrong with the credentials won't mend itself") {
  for (const std::string answer :
       {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP/1.0 401 No\r\n"}) {
    Error error = refusal(http_proxy(), {{20, answer}});
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.permanent);
    CHECK(error.text == "the proxy http://proxy.test:1080 wants a user name and password");
    CHECK(error.hint == "they stand in its URL: http://USER:PASSWORD@HOST:PORT");
    error = refusal_by(answer);
    CHECK(error.permanent);
    CHECK(error.text == "the proxy http://proxy.test:1080 refused the user name and password");
  }
}

TEST_CASE("CONNECT: what is none is said to be none") {
  const std::string none = "the proxy http://proxy.test:1080 is no HTTP proxy";
  CHECK(refusal_by("\x05\xff").text == none);
  CHECK(refusal_by("\x05\xff").hint == "it answers like a socks5:// proxy");
  CHECK(refusal_by("x").hint == "is the port right?");
  for (const char* answer :
       {"\r\n", "HTTQ", "http/1.1 200 OK\r\n\r\n", "HTTP/1 200 OK\r\n", "HTTP/1.1 20 OK\r\n",
        "HTTP/1.1 2000 OK\r\n", "HTTP/1.1200 OK\r\n", "HTTP/1.1 abc\r\n", "HTTP/1.1\n"}) {
    CAPTURE(answer);
    CHECK(refusal_by(answer).text == none);
  }
}

TEST_CASE("CONNECT: an answer's head has 8 KiB at most, all interim answers together") {
  const std::string too_long = "the proxy http://proxy.test:1080 answers with a head of more than 8192 bytes";
  const auto head = [](std::size_t size) {
    const std::string begin = "HTTP/1.1 200 OK\r\nA: ";
    return begin + std::string(size - begin.size() - 4, 'a') + "\r\n\r\n";
  };
  const Agreement agreement = agree(http_proxy(), {{20, head(8192) + "surplus"}});
  CHECK(agreement.outcome.has_value());
  CHECK(agreement.first_read == "surplus");
  CHECK(refusal_by(head(8193)).text == too_long);
  CHECK(refusal_by("HTTP/1.1 200 " + std::string(1'000'000, 'x')).text == too_long);
  std::string interim;
  for (int i = 0; i < 400; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  CHECK(refusal_by(interim).text == too_long);
  CHECK(agree(http_proxy(), {{20, interim.substr(0, 300 * 25) + head(600)}}).outcome.has_value());
}

TEST_CASE("CONNECT: no bytes do harm") {
  std::minstd_rand random(9110);  // the same bytes each time
  const std::string answer = "HTTP/1.1 200 Connection established\r\nVia: proxy.test\r\n\r\n";
  for (int round = 0; round < 2000; ++round) {
    Buffer bytes = answer;
    for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    const Agreement agreement = agree(http_proxy("user", "secret"), {{0, bytes}}, true, 1 + random() % 80);
    if (!agreement.outcome) CHECK_FALSE(agreement.outcome.error().text.contains("secret"));
  }
}

TEST_CASE("CONNECT: an agreement may be called off at any time") {
  check_cancellation(http_proxy(), plain);
  check_cancellation(http_proxy("user", "secret"), {{0, plain[0].bytes + "surplus"}});
}
