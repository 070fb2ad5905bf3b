#include "net/http_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "net/address.hpp"
#include "net/testing.hpp"
#include "peers/process.hpp"

using namespace mq;
using namespace std::chrono_literals;
using mq::testing::GuardedLoop;
using mq::testing::Open;

namespace {

Open connected(std::uint16_t port, const std::string& host = "127.0.0.1") {
  const auto to = numeric_address(host, port);
  Open socket(::socket(to->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket.number(), to->get(), to->size) != 0) return Open();
  return socket;
}

// What comes until the other end closes.
std::string rest_of(const Open& socket) {
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = ::recv(socket.number(), buffer, sizeof buffer, 0)) > 0;)
    text.append(buffer, static_cast<std::size_t>(count));
  return text;
}

std::string asked(std::uint16_t port, std::string_view request, const std::string& host = "127.0.0.1") {
  const Open socket = connected(port, host);
  static_cast<void>(::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL));
  return rest_of(socket);
}

HttpServer::Paths paths(Loop& loop) {
  return {{"/metrics", [] { return HttpContent{"text/x", "content\n"}; }},
          {"/away", [] { return HttpContent{"text/x", "away\n", 503}; }},
          {"/large", [] { return HttpContent{"text/x", Buffer(5'000'000, 'x')}; }},
          {"/stop", [&loop] {
             loop.stop();
             return HttpContent{};
           }}};
}

// Runs a server while `client` asks it, in a thread of its own, what it tells being returned.
template <class Client>
auto with_server(Client client, HttpLimits limits = {}, const std::string& address = "127.0.0.1:0") {
  GuardedLoop loop;
  auto listening = HttpServer::listen(loop, address, paths(loop), limits);
  REQUIRE_MESSAGE(listening, listening.error().text);
  std::unique_ptr<HttpServer> server = std::move(*listening);
  decltype(client(std::uint16_t{})) told;
  const std::uint16_t port = server->port();
  const std::string host = address.starts_with("[::1]") ? "::1" : "127.0.0.1";
  std::thread thread([&] {
    told = client(port);
    // Its answer does not come: the loop stops first.
    const Open socket = connected(port, host);
    constexpr std::string_view request = "GET /stop HTTP/1.1\r\n\r\n";
    static_cast<void>(::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL));
    char byte = 0;
    static_cast<void>(::recv(socket.number(), &byte, 1, 0));
  });
  loop.run();
  server.reset();
  thread.join();
  return told;
}

std::string answer_to(const std::string& request, HttpLimits limits = {}) {
  return with_server([&](std::uint16_t port) { return asked(port, request); }, limits);
}

std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == answer.npos ? "" : answer.substr(end + 4);
}

}  // namespace

TEST_CASE("what is asked for is answered with its type and length") {
  const std::string answer =
      answer_to("GET /metrics?name=value HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.contains("Content-Type: text/x\r\n"));
  CHECK(answer.contains("Content-Length: 8\r\n"));
  CHECK(answer.contains("Connection: close\r\n"));
  CHECK(body_of(answer) == "content\n");
  CHECK(body_of(answer_to("GET /metrics HTTP/1.0\r\n\r\n")) == "content\n");
  CHECK(body_of(answer_to("GET /large HTTP/1.0\r\n\r\n")).size() == 5'000'000);
}

TEST_CASE("HEAD tells all but the body, and a handler may give another status") {
  const std::string answer = answer_to("HEAD /metrics HTTP/1.0\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.contains("Content-Length: 8\r\n"));
  CHECK(answer.ends_with("\r\n\r\n"));
  CHECK(answer_to("HEAD /other HTTP/1.0\r\n\r\n").ends_with("\r\n\r\n"));
  const std::string away = answer_to("GET /away HTTP/1.0\r\n\r\n");
  CHECK(away.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(body_of(away) == "away\n");
  // What follows an answer without a body is the next answer.
  const std::string both = answer_to("HEAD /away HTTP/1.1\r\n\r\nGET /metrics HTTP/1.0\r\n\r\n");
  CHECK(body_of(both).starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("what is not there and what is neither GET nor HEAD is refused") {
  CHECK(answer_to("GET /other HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404 Not Found\r\n"));
  CHECK(answer_to("GET /metrics/ HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404 "));
  const std::string answer = answer_to("POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK(answer.contains("Allow: GET, HEAD\r\n"));
  CHECK(answer_to("PUT /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 405 "));
}

TEST_CASE("a connection takes several requests, also ahead of their answers") {
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string answers =
      answer_to(request + request + "GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n");
  std::size_t count = 0;
  for (std::size_t at = 0; (at = answers.find("content\n", at)) != answers.npos; ++at) ++count;
  CHECK(count == 3);
}

TEST_CASE("what is no request, too long or never complete ends the connection") {
  CHECK(answer_to("hello\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(answer_to(std::string(100, '\x16')).starts_with("HTTP/1.1 400 "));
  CHECK(answer_to("GET /metrics HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
            .starts_with("HTTP/1.1 431 "));
  CHECK(answer_to("GET /" + std::string(1'000'000, 'x')).starts_with("HTTP/1.1 4"));
  const HttpLimits hasty{.patience = 100ms};
  CHECK(answer_to("", hasty).empty());
  CHECK(answer_to("GET /metrics HTTP/1.1\r\n", hasty).empty());
  CHECK(body_of(answer_to("GET /metrics HTTP/1.1\r\n\r\n", hasty)) == "content\n");
}

TEST_CASE("more connections than allowed wait until others end") {
  const HttpLimits few{.patience = 300ms, .connections = 2};
  const std::string answer = with_server(
      [](std::uint16_t port) {
        const Open first = connected(port);
        const Open second = connected(port);
        return asked(port, "GET /metrics HTTP/1.0\r\n\r\n");
      },
      few);
  CHECK(body_of(answer) == "content\n");
}

TEST_CASE("many clients are served, those that hang up among them") {
  const int served = with_server([](std::uint16_t port) {
    int count = 0;
    for (int i = 0; i < 200; ++i) {
      const Open silent = connected(port);
      if (body_of(asked(port, "GET /metrics HTTP/1.0\r\n\r\n")) == "content\n") ++count;
    }
    return count;
  });
  CHECK(served == 200);
}

TEST_CASE("curl takes the answers") {
  const mq::Outcome outcome = with_server([](std::uint16_t port) {
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/metrics";
    return run(
        {.command = {"sh", "-c", "command -v curl >/dev/null || exit 77; curl -sS " + url + " " + url}});
  });
  if (outcome.code == 77) {
    MESSAGE("SKIPPED: no curl");
    return;
  }
  CHECK(outcome.err == "");
  CHECK(outcome.out == "content\ncontent\n");
}

TEST_CASE("addresses of both families, and all of this host") {
  const auto ask = [](const std::string& host) {
    return [host](std::uint16_t port) { return asked(port, "GET /metrics HTTP/1.0\r\n\r\n", host); };
  };
  CHECK(body_of(with_server(ask("127.0.0.1"), {}, ":0")) == "content\n");
  CHECK(body_of(with_server(ask("127.0.0.1"), {}, "localhost:0")) == "content\n");
  if (!mq::testing::machine_has_ipv6()) return;
  CHECK(body_of(with_server(ask("::1"), {}, ":0")) == "content\n");
  CHECK(body_of(with_server(ask("::1"), {}, "[::1]:0")) == "content\n");
}

TEST_CASE("an address that is none, or is taken, is an error") {
  GuardedLoop loop;
  for (const std::string_view text :
       {"", "9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:9100", "[127.0.0.1]:1",
        "[]:1", "host.invalid:1", "1.2.3:1", ":-1"}) {
    CAPTURE(std::string(text));
    const auto server = HttpServer::listen(loop, text, {});
    REQUIRE_FALSE(server);
    CHECK(server.error().kind == ErrorKind::usage);
  }
  const auto first = HttpServer::listen(loop, "127.0.0.1:0", {});
  REQUIRE(first);
  const auto second = HttpServer::listen(loop, (*first)->address(), {});
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::io);
  CHECK(second.error().text == "cannot listen on " + (*first)->address() + ": address already in use");
}

TEST_CASE("a server may be destroyed by its own handler, and keeps no loop running then") {
  Loop loop;
  std::unique_ptr<HttpServer> server;
  auto listening = HttpServer::listen(loop, "127.0.0.1:0", {{"/end", [&server] {
                                                               server.reset();
                                                               return HttpContent{};
                                                             }}});
  REQUIRE(listening);
  server = std::move(*listening);
  std::string answer = "none";
  std::thread client([&answer, port = server->port()] {
    const Open idle = connected(port);
    answer = asked(port, "GET /end HTTP/1.1\r\n\r\n");
  });
  loop.run();
  client.join();
  CHECK(answer.empty());
}
