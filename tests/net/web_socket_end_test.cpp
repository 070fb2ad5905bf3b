#include <memory>
#include <string>

#include "net/web_socket_open.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

TEST_CASE("the server's close ends the stream, or is an error that names code and reason") {
  std::uint16_t code = 1000;
  std::string reason;
  std::string text;
  SUBCASE("normal") { reason = "bye"; }
  SUBCASE("going away") { code = 1001; }
  SUBCASE("no code") { code = 0; }
  SUBCASE("a code alone") {
    code = 1011;
    text = "the server closed the WebSocket: 1011";
  }
  SUBCASE("a code and a reason") {
    code = 1008;
    reason = "not 'allowed'";
    text = "the server closed the WebSocket: 1008 'not \\'allowed\\''";
  }
  SUBCASE("a code of the server's own, and a reason that wants to change the terminal") {
    code = 4999;
    reason = "\x1b[2J";
    text = "the server closed the WebSocket: 4999 '\\x1b[2J'";
  }
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.write("before");
    peer.close(code, reason);  // waits for the answer
  });
  auto near = open(loop, server);
  CHECK(all_of(loop, *near) == "before" + text);
  CHECK(read_once(loop, *near) == text);  // again
  near->read_some([&](Result<Bytes> bytes) {
    CHECK(bytes.has_value() == text.empty());
    if (!bytes) CHECK(bytes.error().kind == ErrorKind::lost);
    loop.stop();
  });
  loop.run();
  const Result<void> late = write(loop, *near, "late");
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().kind == ErrorKind::lost);
  near->shut_down();
  server.finish();
}

TEST_CASE("a connection that ends without a close is the end of the stream") {
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.write("last");
  });
  const auto opened = open(loop, server);
  CHECK(all_of(loop, *opened) == "last");
  server.finish();
}

TEST_CASE("[MQTT-6.0.0-1][MQTT311-6.0.0-1] a text message is an error, and ends the conversation") {
  std::string message = "text";
  SUBCASE("with text") {}
  SUBCASE("empty") { message = ""; }
  SUBCASE("of bytes that are no UTF-8") { message = "\xff"; }
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.write("binary");
    peer.send(std::string(1, '\x81') + static_cast<char>(message.size()) + message);
    const std::uint16_t code = peer.read_to_close();
    CHECK(code == (message == "\xff" ? 1007 : 1003));  // bad payload; unsupported data
  });
  auto near = open(loop, server);
  CHECK(all_of(loop, *near) ==
        "binarythe server sent a text message through the WebSocket: only binary ones are allowed");
  near->read_some([&](Result<Bytes> bytes) {
    REQUIRE_FALSE(bytes.has_value());
    CHECK(bytes.error().kind == ErrorKind::lost);
    loop.stop();
  });
  loop.run();
  server.finish();
}

TEST_CASE("frames that break the rules are an error that says which") {
  std::string frame;
  std::string text;
  SUBCASE("masked") {
    frame = std::string("\x82\x81\1\2\3\4x", 7);
    text = "the WebSocket frame was masked";
  }
  SUBCASE("an unknown kind") {
    frame = std::string("\x83\0", 2);
    text = "the WebSocket frame contained an illegal opcode";
  }
  SUBCASE("reserved bits, as compression would set") {
    frame = std::string("\xc2\1x", 3);
    text = "the WebSocket frame contained illegal reserved bits";
  }
  SUBCASE("a continuation of nothing") {
    frame = std::string("\x80\1x", 3);
    text = "the WebSocket continuation frame was unexpected";
  }
  SUBCASE("a long ping") {
    frame = std::string("\x89\x7e\1\0", 4);
    text = "the WebSocket control frame size was invalid";
  }
  SUBCASE("a length that is written too long") {
    frame = std::string("\x82\x7e\0\1x", 5);
    text = "the WebSocket frame size was not canonical";
  }
  SUBCASE("a close with half a code") {
    frame = std::string("\x88\1\3", 3);
    text = "the WebSocket close frame payload size was invalid";
  }
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.send(std::string("\x82\2ok", 4) + frame);
    CHECK(peer.read_to_close() == 1002);
  });
  auto near = open(loop, server);
  CHECK(all_of(loop, *near) == "okthe server broke the WebSocket protocol: " + text);
  near->close();
  server.finish();
}

TEST_CASE("shut_down closes with 1000 behind a write under way, and reading goes on to the end") {
  GuardedLoop loop;
  const std::string large = noise(20'000'000);
  const std::string tail = noise(500'000);
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    CHECK((peer.read() == large));
    peer.ping("unanswered");
    peer.write(tail);  // our close is on its way by then
    CHECK(peer.read_to_close() == 1000);
    CHECK(peer.pongs().empty());
  });
  auto near = open(loop, server);
  bool written = false;
  near->write(large, [&](Result<void> result) {
    CHECK(result.has_value());
    written = true;
  });
  near->shut_down();
  near->shut_down();
  CHECK((all_of(loop, *near) == tail));
  CHECK(written);
  const Result<void> late = write(loop, *near, "late");
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().text == "the WebSocket is closed");
  server.finish();
}

TEST_CASE("after a failed write there is still to be read what the server said before it left") {
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.send(std::string("\x82\3why\x88\6\3\xf0late", 13));
  });
  auto near = open(loop, server);
  server.finish();  // the socket is closed: writes will be answered by a reset
  Result<void> result;
  while ((result = write(loop, *near, noise(100'000)))) continue;
  CHECK(result.error().kind == ErrorKind::lost);
  CHECK_FALSE(write(loop, *near, "x").has_value());
  CHECK(all_of(loop, *near) == "whythe server closed the WebSocket: 1008 'late'");
}

TEST_CASE("no handler is called after close or destruction, whatever was under way") {
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.write("arrives");
    peer.ping("x");
    peer.read_to_end();
  });
  auto near = open(loop, server);
  const auto held = std::make_shared<int>(0);
  bool called = false;
  std::string large;
  large.resize(64'000'000);
  const std::string* sent = &large;
  const std::string small = "small";
  SUBCASE("a write that the kernel can't take at once") {}
  SUBCASE("a small write") { sent = &small; }
  const auto begin = [&] {
    near->read_some([&, held](Result<Bytes>) { called = true; });
    near->write(*sent, [&, held](Result<void>) { called = true; });
  };
  SUBCASE("closed") {
    begin();
    near->close();
    CHECK(held.use_count() == 1);
  }
  SUBCASE("destroyed") {
    begin();
    near.reset();
    CHECK(held.use_count() == 1);
  }
  SUBCASE("closed by a handler that runs before") {
    loop.post([&] { near->close(); });
    begin();
  }
  Timer enough(loop);
  enough.set(loop.now() + 5ms, [&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(called);
  if (near) {
    near->close();
    near->read_some([&](Result<Bytes>) { called = true; });
    near->write("nowhere", [&](Result<void>) { called = true; });
    near->shut_down();
    loop.post([&] { loop.stop(); });
    loop.run();
    CHECK_FALSE(called);
  }
  server.finish();
}

TEST_CASE("a transport may be destroyed by its own handlers") {
  GuardedLoop loop;
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.write("bytes outlive the transport until the handler returns");
    peer.read_to_end();
  });
  auto near = open(loop, server);
  SUBCASE("by a read") {
    near->read_some([&](Result<Bytes> bytes) {
      near.reset();
      CHECK(*bytes == "bytes outlive the transport until the handler returns");
      loop.stop();
    });
  }
  SUBCASE("by a write") {
    near->write("x", [&](Result<void>) {
      near.reset();
      loop.stop();
    });
  }
  SUBCASE("by a large write, with a read under way") {
    static const std::string large(3'000'000, 'x');
    near->read_some([&](Result<Bytes>) {});
    near->write(large, [&](Result<void>) {
      near.reset();
      loop.stop();
    });
  }
  loop.run();
  CHECK(near == nullptr);
  server.finish();
  loop.post([&] { loop.stop(); });
  loop.run();
}
