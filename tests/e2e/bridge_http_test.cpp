// What a running bridge tells over HTTP, and to whom it listens there.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "e2e/bridge_http.hpp"
#include "e2e/bridge_run.hpp"
#include "peers/file_handle.hpp"

using namespace mq;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string way = "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n";

}  // namespace

TEST_CASE("health and metrics tell when a broker goes and when it is back") {
  if (!have_mosquitto()) return;
  Mosquitto a(keeping_broker()), b(keeping_broker());
  const TempDir dir;
  const std::string file = dir.write(
      "bridge.toml",
      bridge_file({a.port(), b.port()},
                  "store-path = \"" + dir.file("store.sqlite") + "\"\nhttp = \"localhost:0\"\n", "", way));
  Process carrier(bridge(file));
  const std::uint16_t port = http_port(carrier);
  std::string answer = await_answer(port, "/health", "HTTP/1.1 200 OK");
  CHECK(json::parse(body_of(answer))["status"] == "ok");
  a.await_subscription("bridge-a", "n/#");

  b.stop();
  answer = await_answer(port, "/health", "HTTP/1.1 503 ");
  const json failing = json::parse(body_of(answer));
  CHECK(failing["status"] == "failing");
  REQUIRE(failing["reasons"].size() == 1);
  CHECK(failing["reasons"][0].get<std::string>().starts_with("b (bridge-b) is not connected since 20"));
  CHECK(run(pub(a.port(), {"-t", "n/1", "-m", "x", "-q", "1"})).code == 0);
  answer = await_answer(port, "/metrics",
                        "mqttkit_bridge_route_waiting_messages{route=\"way\",from=\"a\",to=\"b\"} 1\n");
  CHECK(answer.starts_with("HTTP/1.1 200 OK"));
  CHECK(holds(answer, "application/openmetrics-text; version=1.0.0; charset=utf-8"));
  CHECK(holds(answer, "mqttkit_bridge_link_connected{endpoint=\"a\",client_id=\"bridge-a\"} 1\n"));
  CHECK(holds(answer, "mqttkit_bridge_link_connected{endpoint=\"b\",client_id=\"bridge-b\"} 0\n"));

  b.start();
  await_answer(port, "/health", "HTTP/1.1 200 OK");
  answer = await_answer(port, "/metrics", "to=\"b\",fate=\"delivered\"} 1\n");
  CHECK(holds(answer, "mqttkit_bridge_route_waiting_messages{route=\"way\",from=\"a\",to=\"b\"} 0\n"));
  CHECK(holds(answer, "mqttkit_bridge_link_reconnects_total{endpoint=\"b\",client_id=\"bridge-b\"} 1\n"));
  CHECK(answer.ends_with("\n# EOF\n"));

  const std::string head = asked(port, "/health", "HEAD");
  CHECK(head.starts_with("HTTP/1.1 200 OK"));
  CHECK(body_of(head).empty());
  CHECK(asked(port, "/", "GET").starts_with("HTTP/1.1 404 "));
  CHECK(asked(port, "/metrics", "DELETE").starts_with("HTTP/1.1 405 "));
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}

TEST_CASE("clients that are many, slow, silent or send anything at all do not hold up what is carried") {
  if (!have_mosquitto()) return;
  Mosquitto a, b;
  const TempDir dir;
  const std::string file =
      dir.write("bridge.toml",
                bridge_file({a.port(), b.port()}, "store = \"memory\"\nhttp = \"localhost:0\"\n", "", way));
  Process carrier(bridge(file));
  const std::uint16_t port = http_port(carrier);
  await_bridge(carrier, 2);
  a.await_subscription("bridge-a", "n/#");
  Process checker(sub(b.port(), {"-t", "n/#", "-i", "checker", "-q", "1"}));
  b.await_subscription("checker", "n/#");

  std::minstd_rand random(9464);  // the same bytes each time
  for (int round = 0; round < 300; ++round) {
    std::string bytes = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (int change = 0; change < 4; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    const FileHandle socket = dialed(port);
    send_all(socket, bytes.substr(0, random() % (bytes.size() + 1)));
    ::shutdown(socket.get(), SHUT_WR);
    const std::string answer = rest_of(socket);
    if (!answer.empty()) CHECK(answer.starts_with("HTTP/1."));
  }
  {
    const FileHandle endless = dialed(port);
    send_all(endless, "GET /metrics HTTP/1.1\r\nX: " + std::string(4'000'000, 'x'));
    (void)rest_of(endless);
  }

  // More of them than are served at a time: begun requests, and silence.
  std::vector<FileHandle> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(dialed(port));
    if (i % 2 == 0) send_all(slow.back(), "GET /metrics HTTP/1.1\r\nX: ");
  }
  CHECK(run(pub(a.port(), {"-t", "n/1", "-m", "x", "-q", "1"})).code == 0);
  checker.await_lines(1);
  // Each is given up in time, so that who asks in order has a turn.
  CHECK(asked(port, "/health").starts_with("HTTP/1.1 200 OK"));
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}

TEST_CASE("an HTTP address that is taken or is none is told before anything is connected") {
  const FileHandle taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof place;
  REQUIRE(::bind(taken.get(), reinterpret_cast<const sockaddr*>(&place), size) == 0);
  REQUIRE(::listen(taken.get(), 1) == 0);
  REQUIRE(::getsockname(taken.get(), reinterpret_cast<sockaddr*>(&place), &size) == 0);
  const TempDir dir;
  const auto outcome_at = [&dir](const std::string& address) {
    return run(bridge(dir.write(
        "bridge.toml", bridge_file({1, 2}, "store = \"memory\"\nhttp = \"" + address + "\"\n", "", way))));
  };
  const std::string address = "127.0.0.1:" + std::to_string(ntohs(place.sin_port));
  const Outcome outcome = outcome_at(address);
  CHECK(failed_with(outcome, 1, "cannot listen on " + address + ": address already in use"));
  CHECK(failed_with(outcome_at("broker.example:9464"), 2, "is no address to listen on"));
}
