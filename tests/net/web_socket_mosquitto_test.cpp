#include <string>

#include "net/web_socket_open.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace mq::testing;

TEST_CASE("[MQTT-6.0.0-3][MQTT311-6.0.0-3] mosquitto speaks through our WebSocket") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "listener {port2} 127.0.0.1\nprotocol websockets\n"});
  GuardedLoop loop;
  const Endpoint endpoint{.host = "127.0.0.1", .port = broker.second_port(), .unix_path = {}};
  auto opened = open_web_socket(loop, endpoint, {.path = "/"}, endpoint.text());
  REQUIRE(opened.has_value());
  Transport& socket = **opened;

  // CONNECT (3.1.1, clean session, client id "x"), CONNACK; SUBSCRIBE to "t", SUBACK; PUBLISH to it, back
  // again; DISCONNECT, and the server leaves.
  const std::string connect("\x10\x0d\0\4MQTT\4\2\0\x3c\0\1x", 15);
  const std::string subscribe("\x82\6\0\1\0\1t\0", 8);
  const std::string payload(5000, 'p');
  const std::string publish = std::string("\x30\x8b\x27\0\1t", 6) + payload;
  const std::string disconnect("\xe0\0", 2);
  const std::string expected = std::string("\x20\2\0\0\x90\3\0\1\0", 9) + publish;

  std::string arrived;
  std::move_only_function<void()> next = [&] {
    socket.read_some([&](Result<Bytes> bytes) {
      REQUIRE(bytes.has_value());
      if (bytes->empty()) return loop.stop();
      arrived += *bytes;
      if (arrived.size() == expected.size()) {
        socket.write(disconnect, [&](Result<void> written) {
          CHECK(written.has_value());
          socket.shut_down();
        });
      }
      next();
    });
  };
  next();
  socket.write(connect, [&](Result<void>) {
    socket.write(subscribe, [&](Result<void>) {
      socket.write(publish, [&](Result<void> written) { CHECK(written.has_value()); });
    });
  });
  loop.run();
  CHECK((arrived == expected));
}

TEST_CASE("mosquitto's listener without WebSocket gives no answer, or none that is HTTP") {
  if (!have_mosquitto()) return;
  const Mosquitto broker;
  GuardedLoop loop;
  const Endpoint endpoint{.host = "127.0.0.1", .port = broker.port(), .unix_path = {}};
  const auto opened = open_web_socket(loop, endpoint, {}, endpoint.text());
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == ErrorKind::lost);
  CHECK_FALSE(opened.error().hint.empty());
}
