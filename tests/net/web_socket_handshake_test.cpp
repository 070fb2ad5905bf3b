#include <fmt/core.h>

#include <string>
#include <vector>

#include "net/memory_transport.hpp"
#include "net/web_socket_open.hpp"
#include "net/web_socket_peer.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

namespace {

// The error of opening a WebSocket to somebody who answers every request with these bytes, and closes.
Error answer_with(const std::string& bytes, const WebSocketOptions& options = {}) {
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.request();
    peer.send(bytes);
  });
  const auto opened = open_web_socket(loop, server.endpoint(), options);
  server.finish();
  REQUIRE_FALSE(opened.has_value());
  return opened.error();
}

std::string with_body(const std::string& status, const std::string& body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}", status,
                     body.size(), body);
}

// A server's answer that is right but for its key, which nobody could know.
std::string agreement(const std::string& more) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
         more + "\r\n";
}

Error usage(const WebSocketOptions& options, const std::string& host = "h") {
  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop);
  const auto opened = open_web_socket(loop, std::move(near), options, host);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == ErrorKind::usage);
  return opened.error();
}

}  // namespace

TEST_CASE(
    "[MQTT-6.0.0-3][MQTT-6.0.0-4][MQTT311-6.0.0-3][MQTT311-6.0.0-4] the handshake asks for the sub-protocol, "
    "and the server agrees") {
  GuardedLoop loop;
  WebSocketServer server([](WebSocketPeer& peer) {
    peer.accept();
    CHECK(peer.header("Sec-WebSocket-Protocol") == "mqtt");
    CHECK(peer.header("Sec-WebSocket-Version") == "13");
    CHECK(peer.header("Sec-WebSocket-Extensions").empty());
    CHECK(peer.header("Host") == "[::1]:8083");
    CHECK(peer.header("User-Agent") == "mqttkit");
    CHECK(peer.target() == "/mqtt");
  });
  const auto opened = open_web_socket(loop, server.endpoint(), {}, "[::1]:8083");
  server.finish();
  REQUIRE(opened.has_value());
  CHECK((*opened)->peer() == server.endpoint().text());
}

TEST_CASE("path, protocol and headers arrive as given, and a header replaces the default of its name") {
  GuardedLoop loop;
  WebSocketServer server([](WebSocketPeer& peer) {
    peer.accept("other.v2");
    CHECK(peer.header("Sec-WebSocket-Protocol") == "other.v2");
    CHECK(peer.target() == "/a%20b?token=x&y=/z");
    CHECK(peer.header("Host") == "inner.example");
    CHECK(peer.header("User-Agent") == "mine");
    CHECK(peer.header("Origin") == "https://x.example");
    CHECK(peer.header("Cookie") == "a=1|b=2");
    CHECK(peer.header("Authorization") == "Bearer \xC3\xA4 and spaces");
    CHECK(peer.header("X-Empty").empty());
    CHECK(peer.header("X-Long") == std::string(5'000, 'x'));
  });
  const WebSocketOptions options{.path = "/a%20b?token=x&y=/z",
                                 .protocol = "other.v2",
                                 .headers = {{"host", "inner.example"},
                                             {"USER-AGENT", "mine"},
                                             {"Origin", "https://x.example"},
                                             {"Cookie", "a=1"},
                                             {"Cookie", "b=2"},
                                             {"Authorization", "Bearer \xC3\xA4 and spaces"},
                                             {"X-Empty", ""},
                                             {"X-Long", std::string(5'000, 'x')}}};
  CHECK(open_web_socket(loop, server.endpoint(), options, "outer.example:80").has_value());
  server.finish();
}

TEST_CASE("what can't be in a request is an error of kind usage, and nothing is sent") {
  CHECK(usage({.path = "mqtt"}).text == "the WebSocket's path can't be 'mqtt'");
  CHECK(usage({.path = "/a b"}).text == "the WebSocket's path can't be '/a b'");
  CHECK(usage({.path = "/a\r\nX: y"}).text == "the WebSocket's path can't be '/a\\x0d\\x0aX: y'");
  CHECK(usage({.path = "/a#b"}).hint.contains("%XX"));
  CHECK(usage({.protocol = ""}).text == "the WebSocket's sub-protocol can't be ''");
  CHECK(usage({.protocol = "a, b"}).text == "the WebSocket's sub-protocol can't be 'a, b'");
  CHECK(usage({}, "a\nb").text == "the WebSocket's host can't be 'a\\x0ab'");
  CHECK(usage({.headers = {{"A b", ""}}}).text == "'A b' can't be the name of an HTTP header");
  CHECK(usage({.headers = {{"A", "secret\nX: y"}}}).text ==
        "the value of the HTTP header 'A' holds control characters");
  for (const char* name : {"Connection", "upgrade", "Sec-WebSocket-Key", "sec-websocket-version",
                           "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Transfer-Encoding"}) {
    CHECK(usage({.headers = {{name, "x"}}}).text ==
          fmt::format("the HTTP header '{}' belongs to the WebSocket handshake itself", name));
  }
  const std::string huge(70'000, 'x');
  CHECK(usage({.headers = {{huge, "x"}}}).text.starts_with("the WebSocket's request can't be made: "));
}

TEST_CASE("[MQTT-6.0.0-4][MQTT311-6.0.0-4] a server that agrees to no sub-protocol, or to another, is left") {
  std::string protocol;
  SUBCASE("none") {}
  SUBCASE("another") { protocol = "mqttv3.1"; }
  SUBCASE("more than one") { protocol = "mqtt, chat"; }
  SUBCASE("another spelling") { protocol = "MQTT"; }
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept(protocol);
    CHECK(peer.read_to_end().empty());
  });
  const auto opened = open_web_socket(loop, server.endpoint());
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == ErrorKind::connect);
  CHECK(opened.error().text == "the server did not agree to the sub-protocol mqtt");
  CHECK(opened.error().permanent);
  server.finish();
}

TEST_CASE("an HTTP answer that refuses is told with its status and the first line of its body") {
  const auto check = [](const std::string& answer, const std::string& text, bool permanent) {
    const Error error = answer_with(answer);
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.text == "the WebSocket was refused: " + text);
    CHECK_MESSAGE(error.permanent == permanent, text);
  };
  check(with_body("403 Forbidden", "no such path\nmore"), "HTTP 403 Forbidden: 'no such path'", true);
  check(with_body("403 Never", ""), "HTTP 403 Forbidden", true);
  check(with_body("404 Not Found", "\r\n  nothing here \r\n"), "HTTP 404 Not Found: 'nothing here'", true);
  check(with_body("404 Not Found", "<html>\n<body>"), "HTTP 404 Not Found", true);
  check(with_body("401 Unauthorized", "a\x1b[2J\xff"), "HTTP 401 Unauthorized: 'a\\x1b[2J\\xff'", true);
  check(with_body("408 Request Timeout", ""), "HTTP 408 Request Timeout", false);
  check(with_body("425 Too Early", ""), "HTTP 425", false);
  check(with_body("429 Too Many Requests", "wait"), "HTTP 429 Too Many Requests: 'wait'", false);
  check(with_body("500 Internal Server Error", std::string(300, 'e')),
        "HTTP 500 Internal Server Error: '" + std::string(200, 'e') + "'...", false);
  check("HTTP/1.1 503 x\r\n\r\nuntil the end", "HTTP 503 Service Unavailable: 'until the end'", false);
  check(
      "HTTP/1.1 403 x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nno s\r\n7\r\nuch "
      "pat\r\n2\r\nh\n\r\n0\r\n\r\n",
      "HTTP 403 Forbidden: 'no such path'", true);
  check("HTTP/1.1 403 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP 403 Forbidden", true);
  check("HTTP/1.0 200 OK\r\n\r\n", "HTTP 200 OK", false);
  check("HTTP/1.1 799 x\r\n\r\n", "HTTP 799", false);
  check("HTTP/1.1 403 x\r\nContent-Length: 99999999999999\r\n\r\nhuge\n", "HTTP 403 Forbidden: 'huge'", true);
  check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + with_body("403 x", "no"),
        "HTTP 403 Forbidden: 'no'", true);
  check("HTTP/1.1 301 x\r\nLocation: https://b.example/\xff\r\n\r\n",
        "HTTP 301 Moved Permanently to 'https://b.example/\\xff'", true);
  CHECK(answer_with("HTTP/1.1 200 OK\r\n\r\n").hint ==
        "the server may have its WebSocket under another path than '/mqtt'");
}

TEST_CASE("a redirect is named with its address") {
  const Error moved = answer_with("HTTP/1.1 301 x\r\nLocation: https://b.example/mqtt\r\n\r\n");
  CHECK(moved.text == "the WebSocket was refused: HTTP 301 Moved Permanently to 'https://b.example/mqtt'");
  CHECK(moved.permanent);
  CHECK(moved.hint.contains("redirects are not followed"));
  const Error found = answer_with("HTTP/1.1 302 x\r\nlocation: /other\r\n\r\n");
  CHECK(found.text == "the WebSocket was refused: HTTP 302 Found to '/other'");
  CHECK_FALSE(found.permanent);
}

TEST_CASE("a refusal whose body does not end is told without waiting for it") {
  std::string answer = "HTTP/1.1 403 x\r\n\r\n";
  std::string text = "the WebSocket was refused: HTTP 403 Forbidden";
  SUBCASE("its line complete") {
    answer += "line\nno end";
    text += ": 'line'";
  }
  SUBCASE("its line not complete") {
    answer += "no end";
    text += ": 'no end'";
  }
  SUBCASE("no body") {}
  SUBCASE("more than anybody wants to read") {
    answer += std::string(100'000, 'x');
    text += ": '" + std::string(200, 'x') + "'...";
  }
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.request();
    peer.send(answer);
    peer.read_to_end();
  });
  const auto opened = open_web_socket(loop, server.endpoint());
  server.finish();
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().text == text);
}

TEST_CASE("a peer that speaks no HTTP is told from one that refuses") {
  const auto check = [](const std::string& answer, const std::string& text) {
    const Error error = answer_with(answer);
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.text == text);
    CHECK(error.hint == "the port may be one for another protocol, or want TLS");
  };
  check("SSH-2.0-OpenSSH_9.2\r\n", "the server's answer is no HTTP: 'SSH-2.0-OpenSSH_9.2\\x0d'");
  check("\x15\x03\x01", "the server's answer is no HTTP: '\\x15\\x03\\x01'");
  check("HTTP/2.0 200 OK\r\n\r\n", "the server's answer is no HTTP: 'HTTP/2.0 200 OK\\x0d'");
  check("HTTP/1.1 2x0 OK\r\n\r\n", "the server's answer is no HTTP: 'HTTP/1.1 2x0 OK\\x0d'");
  check("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "the server's answer is no HTTP: 'HTTP/1.1 200 OK\\x0d'");
  check("HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'x'), "the server's HTTP header is longer than 8 KiB");
  check("HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'x') + "\r\n\r\n",
        "the server's HTTP header is longer than 8 KiB");
}

TEST_CASE("an agreement that breaks the rules of the handshake is none") {
  const auto check = [](const std::string& answer, const std::string& end) {
    const Error error = answer_with(answer);
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.permanent);
    CHECK(error.text == "the server's handshake is none of WebSocket: the WebSocket handshake " + end);
  };
  check(agreement("Sec-WebSocket-Protocol: mqtt\r\n"), "Sec-WebSocket-Accept field is invalid");
  check("HTTP/1.1 101 x\r\n\r\n", "Connection field is missing");
  check("HTTP/1.1 101 x\r\nConnection: close\r\n\r\n", "Connection field is missing the upgrade token");
  check("HTTP/1.1 101 x\r\nConnection: upgrade\r\n\r\n", "Upgrade field is missing");
  check("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "Sec-WebSocket-Accept field is missing");
  check("HTTP/1.0 101 x\r\nConnection: upgrade\r\n\r\n", "was not HTTP/1.1");
  check(agreement("X: " + std::string(5000, 'x') + "\r\n"), "Sec-WebSocket-Accept field is invalid");
}

TEST_CASE("a connection that ends anywhere in the handshake is lost") {
  const std::string answer = agreement("Sec-WebSocket-Protocol: mqtt\r\n");
  std::size_t size = 0;
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.request();
    peer.send(answer.substr(0, size));
  });
  for (; size < answer.size(); ++size) {
    const auto opened = open_web_socket(loop, server.endpoint());
    server.finish();
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().kind == ErrorKind::lost);
    CHECK(opened.error().text == "the connection ended before the WebSocket handshake was answered");
    CHECK_FALSE(opened.error().hint.empty());
  }
}

TEST_CASE("a request that can't be sent completely is still answered by what the server says") {
  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop, {.cut_after = 50});
  far->write(with_body("431 x", "too long"), [](Result<void>) {});
  const auto opened = open_web_socket(loop, std::move(near));
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().text.ends_with("'too long'"));

  auto [cut, other] = MemoryTransport::pair(loop, {.cut_after = 50});
  const auto lost = open_web_socket(loop, std::move(cut));
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().kind == ErrorKind::lost);
}

TEST_CASE("a handshake that is destroyed closes its connection and calls nobody, in every phase") {
  int phase = 0;
  SUBCASE("at once") { phase = 0; }
  SUBCASE("while the request is being written") { phase = 1; }
  SUBCASE("while the answer is awaited") { phase = 2; }
  SUBCASE("in the middle of the answer") { phase = 3; }
  SUBCASE("in the middle of a refusal's body") { phase = 4; }
  SUBCASE("with the whole answer there") { phase = 5; }
  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop, {.hold_writes = phase == 1});
  bool called = false;
  auto handshake = begin_web_socket(loop, std::move(near), {}, "h",
                                    [&](Result<std::unique_ptr<Transport>>) { called = true; });
  const std::string complete = agreement("Sec-WebSocket-Protocol: mqtt\r\n");
  const std::vector<std::string> answers{"",      "", "", complete.substr(0, 60), "HTTP/1.1 403 x\r\n\r\nno",
                                         complete};
  const std::string& answer = answers[static_cast<std::size_t>(phase)];
  const auto destroy = [&] {
    handshake.reset();
    loop.post([&] { loop.stop(); });
  };
  if (phase == 0) {
    handshake.reset();
  } else if (phase == 1) {
    loop.post(destroy);
  } else if (phase == 2) {
    far->read_some([&](Result<Bytes>) { loop.post(destroy); });
  } else if (phase == 5) {
    far->write(answer, [&](Result<void>) {});
    loop.post(destroy);  // the answer has arrived by then, and is not dealt with
  } else {
    far->write(answer, [&](Result<void>) { loop.post([&] { loop.post(destroy); }); });
  }
  if (phase == 0) loop.post([&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(called);
  bool closed = false;
  read_to_end(*far, [&](const std::string&) {
    closed = true;
    loop.stop();
  });
  loop.run();
  CHECK(closed);
}

TEST_CASE("a handshake may be destroyed by its own handler") {
  GuardedLoop loop;
  std::unique_ptr<Handshake> handshake;
  bool called = false;
  const auto destroy = [&](Result<std::unique_ptr<Transport>>) {
    handshake.reset();
    called = true;
    loop.stop();
  };
  SUBCASE("refused") {
    auto [near, far] = MemoryTransport::pair(loop);
    handshake = begin_web_socket(loop, std::move(near), {}, "h", destroy);
    far->write(with_body("403 x", "no"), [](Result<void>) {});
    loop.run();
  }
  SUBCASE("lost") {
    auto [near, far] = MemoryTransport::pair(loop);
    handshake = begin_web_socket(loop, std::move(near), {}, "h", destroy);
    far->close();
    loop.run();
  }
  SUBCASE("usage") {
    auto [near, far] = MemoryTransport::pair(loop);
    handshake = begin_web_socket(loop, std::move(near), {.path = ""}, "h", destroy);
    loop.run();
  }
  SUBCASE("open, and the transport with it") {
    WebSocketServer server([](WebSocketPeer& peer) { peer.accept(); });
    auto below = dial(loop, server.endpoint());
    handshake = begin_web_socket(loop, std::move(*below), {}, "h", destroy);
    loop.run();
    server.finish();
  }
  CHECK(called);
}
