#include "net/web_socket.hpp"

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "net/web_socket_open.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

namespace {

// Reads byte by byte what the transport below has.
class Dripping : public Transport {
 public:
  Dripping(Loop& loop, std::unique_ptr<Transport> below) : loop_(loop), below_(std::move(below)) {}

  void read_some(ReadHandler handler) override {
    handler_ = std::move(handler);
    if (!rest_.empty())
      return loop_.post([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) drip();
      });
    below_->read_some([this](Result<Bytes> bytes) {
      if (!bytes || bytes->empty()) return std::exchange(handler_, {})(bytes);
      rest_ = *bytes;
      drip();
    });
  }
  void write(Bytes bytes, WriteHandler handler) override { below_->write(bytes, std::move(handler)); }
  std::size_t undelivered() const override { return below_->undelivered(); }
  void shut_down() override { below_->shut_down(); }
  void close() override {
    alive_.reset();
    below_->close();
  }
  std::string peer() const override { return below_->peer(); }

 private:
  void drip() {
    const std::string one = rest_.substr(0, 1);
    rest_.erase(0, 1);
    std::exchange(handler_, {})(Bytes(one));
  }

  Loop& loop_;
  std::unique_ptr<Transport> below_;
  ReadHandler handler_;
  std::string rest_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

long resident_kib() {
  std::ifstream status("/proc/self/statm");
  long total = 0;
  long resident = 0;
  status >> total >> resident;
  return resident * 4;
}

}  // namespace

TEST_CASE("[MQTT-6.0.0-1][MQTT311-6.0.0-1] every write is one binary message, whatever its size") {
  GuardedLoop loop;
  const std::vector<std::size_t> sizes{1,    125,    126,    511,    512,     513, 4096,
                                       4097, 65'535, 65'536, 65'537, 300'000, 7};
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    for (const std::size_t size : sizes) {
      CHECK((peer.read() == noise(size)));
      CHECK(peer.read_binary());
    }
    CHECK(peer.read_to_close() == 1000);
  });
  auto near = open(loop, server);
  for (const std::size_t size : sizes) {
    CHECK(write(loop, *near, noise(size)).has_value());
    CHECK(write(loop, *near, "").has_value());  // is none
  }
  near->shut_down();
  CHECK(all_of(loop, *near).empty());
  server.finish();
}

TEST_CASE(
    "[MQTT-6.0.0-2][MQTT311-6.0.0-2] what arrives is one stream, however it is cut into messages and frames, "
    "and whatever comes between") {
  GuardedLoop loop;
  const std::string sent = noise(200'000);
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    std::mt19937 random(3);
    std::size_t at = 0;
    const auto some = [&](std::size_t most) {
      const std::string piece = sent.substr(at, 1 + random() % most);
      at += piece.size();
      return piece;
    };
    while (at < 2000) peer.write_frame(some(1), false);  // frames of one byte
    peer.write_frame("", false);
    peer.write_frame("", true);
    peer.write("");
    int pings = 0;
    while (at < sent.size()) {
      switch (random() % 4) {
        case 0:
          peer.write(some(10));
          break;
        case 1:
          peer.write(some(3000));
          break;
        case 2:
          peer.write_frame(some(20), false);
          peer.ping(std::to_string(++pings));
          peer.write_frame(some(700), true);
          break;
        default:
          peer.ping("");
          ++pings;
      }
    }
    CHECK(peer.read() == "all");
    const std::string pongs = peer.pongs();
    CHECK(std::count(pongs.begin(), pongs.end(), ';') == pings);
    peer.close(1000);
  });
  auto near = open(loop, server);
  std::string arrived;
  std::move_only_function<void()> next = [&] {
    near->read_some([&](Result<Bytes> bytes) {
      REQUIRE(bytes.has_value());
      if (bytes->empty()) return loop.stop();
      arrived += *bytes;
      if (arrived.size() == sent.size()) near->write("all", [](Result<void>) {});
      next();
    });
  };
  next();
  loop.run();
  CHECK((arrived == sent));
  near.reset();
  server.finish();
}

TEST_CASE("handshake and frames may arrive byte by byte, and the first frames right behind the handshake") {
  GuardedLoop loop;
  const std::string sent = noise(5000);
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.write(sent.substr(0, 300));
    peer.ping("in between");
    peer.write_frame(sent.substr(300, 700), false);
    peer.write_frame(sent.substr(1000), true);
    peer.close(1008, "enough");
  });
  auto below = dial(loop, server.endpoint());
  REQUIRE(below.has_value());
  auto opened = open_web_socket(loop, std::make_unique<Dripping>(loop, std::move(*below)));
  REQUIRE(opened.has_value());
  CHECK((all_of(loop, **opened) == sent + "the server closed the WebSocket: 1008 'enough'"));
  opened->reset();
  server.finish();
}

TEST_CASE("bytes go both ways at the same time") {
  GuardedLoop loop;
  const std::string sent = noise(3'000'000);
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    for (std::size_t got = 0; got < sent.size();) {
      const std::string message = peer.read();
      got += message.size();
      peer.write(message);
    }
    CHECK(peer.read_to_close() == 1000);
  });
  auto near = open(loop, server);
  std::size_t at = 0;
  std::mt19937 random(5);
  std::move_only_function<void()> next = [&] {
    if (at == sent.size()) return near->shut_down();
    const std::size_t size = std::min<std::size_t>(1 + random() % 100'000, sent.size() - at);
    const Bytes piece = Bytes(sent).substr(at, size);
    at += size;
    near->write(piece, [&](Result<void> written) {
      REQUIRE(written.has_value());
      next();
    });
  };
  next();
  CHECK((all_of(loop, *near) == sent));
  server.finish();
}

TEST_CASE("a message of 256 MiB goes through in pieces, and memory stays bounded") {
  GuardedLoop loop;
  constexpr std::size_t size = 256 * 1024 * 1024;
  const std::string block = noise(1024 * 1024);
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    // The header of one frame of that length; its payload follows by itself.
    peer.send(std::string("\x82\x7f\0\0\0\0\x10\0\0\0", 10));
    for (std::size_t at = 0; at < size; at += block.size()) peer.send(block);
    peer.close(1000);
  });
  auto near = open(loop, server);
  const long before = resident_kib();
  long most = before;
  std::size_t arrived = 0;
  std::size_t largest = 0;
  bool same = true;
  std::move_only_function<void()> next = [&] {
    near->read_some([&](Result<Bytes> bytes) {
      REQUIRE(bytes.has_value());
      if (bytes->empty()) return loop.stop();
      largest = std::max(largest, bytes->size());
      for (std::size_t at = 0; at < bytes->size();) {  // against the block, which repeats
        const std::size_t offset = (arrived + at) % block.size();
        const std::size_t count = std::min(bytes->size() - at, block.size() - offset);
        same = same && bytes->substr(at, count) == Bytes(block).substr(offset, count);
        at += count;
      }
      arrived += bytes->size();
      if (arrived % (16 * block.size()) < bytes->size()) most = std::max(most, resident_kib());
      next();
    });
  };
  next();
  loop.run();
  CHECK(arrived == size);
  CHECK(same);
  CHECK(largest <= 64 * 1024);
  MESSAGE("resident memory grew by " << most - before << " KiB");
  // A sanitizer keeps for a while what has been freed.
  CHECK(most - before < 64 * 1024);
  near.reset();
  server.finish();
}

TEST_CASE("bytes that are not read wait, and the peer with them") {
  GuardedLoop loop;
  const std::string block = noise(1'000'000);
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    for (int i = 0; i < 64; ++i) peer.write(block);
    peer.close(1000);
  });
  auto near = open(loop, server);
  const long before = resident_kib();
  near->read_some([&](Result<Bytes>) {});  // and no more
  Timer enough(loop);
  enough.set(loop.now() + 50ms, [&] { loop.stop(); });
  loop.run();
  CHECK(resident_kib() - before < 16 * 1024);
  std::size_t rest = 0;
  std::move_only_function<void()> next = [&] {
    near->read_some([&](Result<Bytes> bytes) {
      REQUIRE(bytes.has_value());
      if (bytes->empty()) return loop.stop();
      rest += bytes->size();
      next();
    });
  };
  next();
  loop.run();
  CHECK(rest > 63'000'000);
  near.reset();
  server.finish();
}

TEST_CASE("frames that arrive together are read together") {
  GuardedLoop loop;
  std::string frames;
  for (int i = 0; i < 20'000; ++i) frames += std::string("\x82\x02", 2) + "ab";
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    peer.send(frames);
    peer.close(1000);
  });
  auto near = open(loop, server);
  std::size_t bytes_read = 0;
  int reads = 0;
  std::move_only_function<void()> next = [&] {
    near->read_some([&](Result<Bytes> bytes) {
      REQUIRE(bytes.has_value());
      if (bytes->empty()) return loop.stop();
      bytes_read += bytes->size();
      ++reads;
      next();
    });
  };
  next();
  loop.run();
  CHECK(bytes_read == 40'000);
  CHECK(reads < 1000);
  near.reset();
  server.finish();
}

TEST_CASE("a WebSocket over IPv6") {
  if (!machine_has_ipv6()) return;
  GuardedLoop loop;
  WebSocketServer server(
      [](WebSocketPeer& peer) {
        peer.accept();
        CHECK(peer.header("Host") == "[::1]:1");
        peer.write(peer.read());
      },
      "::1");
  const auto opened = open_web_socket(loop, server.endpoint(), {}, "[::1]:1");
  REQUIRE(opened.has_value());
  CHECK(write(loop, **opened, "echo").has_value());
  CHECK(all_of(loop, **opened) == "echo");
  server.finish();
}
