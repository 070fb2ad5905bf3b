#include "net/socket_transport.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <vector>

#include "net/testing.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t more_than_the_kernel_keeps = 64'000'000;

std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

void set_option(int socket, int option, int value) {
  REQUIRE(::setsockopt(socket, SOL_SOCKET, option, &value, sizeof value) == 0);
}

// Every kind of connection in turn, for tests that hold for all of them.
Listener any_listener() {
  std::string address;
  SUBCASE("IPv4") { address = "127.0.0.1"; }
  SUBCASE("IPv6") { address = machine_has_ipv6() ? "::1" : "127.0.0.1"; }
  SUBCASE("Unix") { address = unused_path(); }
  SUBCASE("abstract Unix") { address = "@" + unused_path(); }
  return Listener(address);
}

// Writes the pieces one after the other.
void write_all(Transport& to, const std::vector<std::string>& pieces, std::move_only_function<void()> done,
               std::size_t next = 0) {
  if (next == pieces.size()) return done();
  to.write(pieces[next], [&, next, done = std::move(done)](Result<void> written) mutable {
    REQUIRE(written.has_value());
    write_all(to, pieces, std::move(done), next + 1);
  });
}

}  // namespace

TEST_CASE(
    "[MQTT-4.2.0-1][MQTT311-7.1.2-1] bytes arrive both ways, in order and complete, however they are cut") {
  GuardedLoop loop;
  const Listener listener = any_listener();
  auto [near, far] = join(loop, listener);

  std::mt19937 random(7);
  std::vector<std::string> pieces;
  std::string all;
  for (unsigned i = 0; i < 300; ++i) {
    pieces.push_back(noise(random() % (i % 50 == 0 ? 200'000 : 40), i));
    all += pieces.back();
  }

  int ended = 0;
  const auto check = [&](std::string arrived) {
    CHECK((arrived == all));
    if (++ended == 2) loop.stop();
  };
  read_to_end(*near, check);
  read_to_end(*far, check);
  write_all(*near, pieces, [&] { near->shut_down(); });
  write_all(*far, pieces, [&] { far->shut_down(); });
  loop.run();
  CHECK(ended == 2);
}

TEST_CASE("a write that the link takes in parts goes on until all of it is sent") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  set_option(listener.number(), SO_RCVBUF, 4096);  // the accepted one inherits it
  auto near = dial(loop, listener.endpoint());
  REQUIRE(near.has_value());
  Open accepted = listener.accept();
  set_option(accepted.number(), SO_SNDBUF, 4096);
  const auto slow = transport(loop, std::move(accepted));

  const std::string large = noise(300'000);
  bool written = false;
  slow->write(large, [&](Result<void> result) {
    CHECK(result.has_value());
    written = true;
  });
  slow->shut_down();  // takes effect after the write
  CHECK_FALSE(written);
  read_to_end(**near, [&](std::string arrived) {
    CHECK((arrived == large));
    loop.stop();
  });
  loop.run();
  CHECK(written);
}

TEST_CASE("a write is answered only when all of it is taken, and by no call within itself") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto [near, far] = join(loop, listener);
  bool small_written = false;
  bool large_written = false;
  const std::string large(more_than_the_kernel_keeps, 'x');
  near->write("small", [&](Result<void>) {
    small_written = true;
    near->write(large, [&](Result<void>) { large_written = true; });
    loop.post([&] { loop.post([&] { loop.stop(); }); });
  });
  CHECK_FALSE(small_written);
  loop.run();
  CHECK(small_written);
  CHECK_FALSE(large_written);
}

TEST_CASE("an empty write is answered, and sends nothing") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto [near, far] = join(loop, listener);
  near->write("", [&](Result<void> result) {
    CHECK(result.has_value());
    near->shut_down();
  });
  read_to_end(*far, [&](std::string arrived) {
    CHECK(arrived.empty());
    loop.stop();
  });
  loop.run();
}

TEST_CASE("after shut_down the tail of the other direction is read to its end") {
  GuardedLoop loop;
  const Listener listener = any_listener();
  auto [near, far] = join(loop, listener);
  const std::string tail = noise(500'000);
  near->write("last words", [&](Result<void>) { near->shut_down(); });
  read_to_end(*far, [&](std::string arrived) {
    CHECK(arrived == "last words");
    far->write(tail, [&](Result<void> written) {
      CHECK(written.has_value());
      far->close();
    });
  });
  read_to_end(*near, [&](std::string arrived) {
    CHECK((arrived == tail));
    loop.stop();
  });
  loop.run();
}

TEST_CASE("the end of the stream can be read more than once") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto [near, far] = join(loop, listener);
  far->close();
  int ends = 0;
  const auto ended = [&](Result<Bytes> bytes) {
    REQUIRE(bytes.has_value());
    CHECK(bytes->empty());
    ++ends;
  };
  near->read_some([&](Result<Bytes> first) {
    ended(first);
    near->read_some([&](Result<Bytes> second) {
      ended(second);
      loop.stop();
    });
  });
  loop.run();
  CHECK(ends == 2);
}

TEST_CASE("a reset is an error of kind lost, after what had arrived") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto near = dial(loop, listener.endpoint());
  REQUIRE(near.has_value());
  const auto reset = [](Open socket) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    REQUIRE(::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
  };
  SUBCASE("read") {
    Open far = listener.accept();
    reset(std::move(far));
    (*near)->read_some([&](Result<Bytes> bytes) {
      REQUIRE_FALSE(bytes.has_value());
      CHECK(bytes.error().kind == ErrorKind::lost);
      CHECK(bytes.error().text == "connection reset by peer");
      loop.stop();
    });
    loop.run();
  }
  SUBCASE("write, and what the peer said before can still be read") {
    Open far = listener.accept();
    REQUIRE(::send(far.number(), "why", 3, 0) == 3);
    reset(std::move(far));
    (*near)->write("too late", [&](Result<void> written) {
      REQUIRE_FALSE(written.has_value());
      CHECK(written.error().kind == ErrorKind::lost);
      CHECK(written.error().text == "connection reset by peer");
      (*near)->read_some([&](Result<Bytes> bytes) {
        REQUIRE(bytes.has_value());
        CHECK(*bytes == "why");
        loop.stop();
      });
    });
    loop.run();
  }
  SUBCASE("write twice raises no SIGPIPE") {
    reset(listener.accept());
    (*near)->write("one", [&](Result<void> first) {
      CHECK_FALSE(first.has_value());
      (*near)->write("two", [&](Result<void> second) {
        REQUIRE_FALSE(second.has_value());
        CHECK(second.error().text == "connection closed by peer");
        loop.stop();
      });
    });
    loop.run();
  }
}

TEST_CASE("no handler is called after close or destruction, whatever was under way") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto [near, far] = join(loop, listener);
  bool called = false;
  std::string sent = "taken at once";
  SUBCASE("a small write") {}
  SUBCASE("a write that the kernel can't take at once") { sent.resize(more_than_the_kernel_keeps); }
  const auto begin = [&] {
    near->read_some([&](Result<Bytes>) { called = true; });
    near->write(sent, [&](Result<void>) { called = true; });
    far->write("arrives", [&](Result<void>) {});
  };
  SUBCASE("closed") {
    begin();
    near->close();
  }
  SUBCASE("destroyed") {
    begin();
    near.reset();
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
}

TEST_CASE("a transport may be destroyed by its own handlers") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto [near, far] = join(loop, listener);
  near->read_some([&, &mine = near](Result<Bytes> bytes) {
    mine.reset();
    CHECK(*bytes == "bytes outlive the transport until the handler returns");
    loop.stop();
  });
  far->write("bytes outlive the transport until the handler returns",
             [&mine = far](Result<void>) { mine.reset(); });
  loop.run();
  CHECK(near == nullptr);
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK(far == nullptr);
}

TEST_CASE("handlers are let go when the transport is closed") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto [near, far] = join(loop, listener);
  const auto held = std::make_shared<int>(0);
  near->read_some([held](Result<Bytes>) {});
  near->write("x", [held](Result<void>) {});
  CHECK(held.use_count() == 3);
  near->close();
  CHECK(held.use_count() == 1);
}

TEST_CASE(
    "a full read buffer is followed by another read, which a busy connection does not keep from others") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto [busy, source] = join(loop, listener);
  auto [other, peer] = join(loop, listener);
  const std::string flood = noise(1'000'000);
  std::size_t flood_read = 0;
  std::move_only_function<void()> read_on = [&] {
    busy->read_some([&](Result<Bytes> bytes) {
      flood_read += bytes->size();
      if (flood_read < flood.size()) read_on();
    });
  };
  std::size_t read_before_the_other = flood.size();
  source->write(flood, [](Result<void>) {});
  peer->write("me too", [](Result<void>) {});
  read_on();
  other->read_some([&](Result<Bytes> bytes) {
    CHECK(*bytes == "me too");
    read_before_the_other = flood_read;
    loop.stop();
  });
  loop.run();
  CHECK(read_before_the_other < flood.size());
}

TEST_CASE("the peer is named as a person would") {
  GuardedLoop loop;
  std::string address;
  SUBCASE("IPv4") { address = "127.0.0.1"; }
  SUBCASE("IPv6") { address = machine_has_ipv6() ? "::1" : "127.0.0.1"; }
  SUBCASE("Unix") { address = unused_path(); }
  const Listener listener(address);
  const auto near = dial(loop, listener.endpoint());
  REQUIRE(near.has_value());
  CHECK((*near)->peer() == listener.endpoint().text());
}
