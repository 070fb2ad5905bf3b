// TLS: session tickets. They are taken up after a connection that was cut too, and one that arrives in pieces
// keeps no write from leaving for good.
#include "net/memory_transport.hpp"
#include "net/tls_peer.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

// A client and its server, both on one loop.
struct Pair {
  explicit Pair(GuardedLoop& on, std::shared_ptr<TlsPeer::House> house = TlsPeer::house(),
                const std::shared_ptr<TlsContext>& with = context())
      : loop(on) {
    auto [near, far] = MemoryTransport::pair(loop);
    server.emplace(std::move(house), std::move(far));
    auto connection = connect(loop, std::move(near), with);
    if (!connection) FAIL(connection.error().text);
    client = std::move(*connection);
    settle();  // the server has our last flight too
  }

  void write(Bytes bytes) {
    written.reset();
    client->write(bytes, [this](Result<void> outcome) {
      written = std::move(outcome);
      loop.stop();
    });
  }
  void read() {
    client->read_some([this](Result<Bytes> bytes) {
      got = bytes ? std::string(*bytes) : bytes.error().text;
      loop.stop();
    });
  }
  // Until all that is on its way has arrived.
  void settle() {
    for (int i = 0; i < 12; ++i) {
      loop.post([this] { loop.stop(); });
      loop.run();
    }
  }
  // Data, and behind it the first bytes of a ticket, with the data read. The rest of the ticket is given
  // back.
  Buffer begin_ticket(std::size_t count) {
    const Buffer before = server->data("1");
    Buffer ticket = server->ticket();
    REQUIRE(ticket.size() > 3000);
    server->send(before + ticket.substr(0, count));
    CHECK(read_bytes(loop, *client, 1) == "1");
    return ticket.substr(count);
  }

  GuardedLoop& loop;
  std::optional<TlsPeer> server;
  std::unique_ptr<Transport> client;
  std::optional<Result<void>> written;
  std::optional<std::string> got;
};

}  // namespace

TEST_CASE("tls: a session is taken up again after a connection that was cut, as after one that was closed") {
  for (const TlsVersion version : {TlsVersion::v1_2, TlsVersion::v1_3}) {
    for (const bool goodbye : {true, false}) {
      CAPTURE(goodbye);
      CAPTURE(version == TlsVersion::v1_3);
      const auto house = TlsPeer::house(version);
      const auto shared = context();
      GuardedLoop loop;
      for (int turn = 0; turn < 3; ++turn) {
        Pair pair(loop, house, shared);
        CHECK(pair.server->resumed() == (turn > 0));
        if (version == TlsVersion::v1_3) pair.server->send(pair.server->ticket());
        pair.server->send(pair.server->data("1"));
        CHECK(read_bytes(loop, *pair.client, 1) == "1");
        if (goodbye) pair.client->shut_down();
        if (goodbye) pair.settle();
        pair.server.reset();
        if (!goodbye) CHECK(read_bytes(loop, *pair.client, 1).empty());
      }
    }
  }
}

TEST_CASE("tls: while a ticket has only come in part a write waits for the rest, and then leaves") {
  for (const std::size_t count : {1UL, 100UL, 534UL, 535UL, 700UL, 2000UL, 3000UL}) {
    CAPTURE(count);
    GuardedLoop loop;
    Pair pair(loop);
    const Buffer rest = pair.begin_ticket(count);
    const std::string line = "hello\n";
    SUBCASE("nobody reads") {
      pair.write(line);
      pair.settle();
      pair.server->send(rest);
      while (!pair.written) loop.run();
    }
    SUBCASE("a read is under way") {
      pair.read();
      pair.write(line);
      pair.settle();
      pair.server->send(rest);
      while (!pair.written) loop.run();
    }
    SUBCASE("a read begins meanwhile, and the rest comes byte by byte") {
      pair.write(line);
      pair.settle();
      pair.read();
      for (const char byte : rest) {
        pair.server->send(Bytes(&byte, 1));
        pair.settle();
      }
      while (!pair.written) loop.run();
    }
    CHECK(pair.written->has_value());
    pair.settle();
    CHECK(pair.server->heard() == line);
    pair.server->send(pair.server->data("2"));
    if (!pair.got) pair.read();
    pair.settle();
    CHECK(pair.got == "2");
  }
}

TEST_CASE(
    "tls: what comes right behind the rest of a ticket is kept for who reads, and all of a long write "
    "leaves") {
  GuardedLoop loop;
  Pair pair(loop);
  const Buffer rest = pair.begin_ticket(700);
  const std::string large(1 << 20, 'x');
  pair.write(large);
  pair.settle();
  pair.server->send(rest + pair.server->data("2"));
  while (!pair.written) loop.run();
  CHECK(pair.written->has_value());
  CHECK(read_bytes(loop, *pair.client, 1) == "2");
  pair.settle();
  CHECK(pair.server->heard() == large);
  // And once more, on the same connection.
  const Buffer again = pair.begin_ticket(1200);
  pair.write("more");
  pair.settle();
  pair.server->send(again);
  while (!pair.written) loop.run();
  pair.settle();
  CHECK(pair.server->heard() == large + "more");
}

TEST_CASE("tls: a ticket that never comes to its end ends the write that waits for it") {
  for (const bool reads : {true, false}) {
    CAPTURE(reads);
    GuardedLoop loop;
    Pair pair(loop);
    pair.begin_ticket(700);
    if (reads) pair.read();
    pair.write("hello");
    pair.settle();
    CHECK_FALSE(pair.written);
    pair.server.reset();
    while (!pair.written) loop.run();
    REQUIRE_FALSE(pair.written->has_value());
    CHECK(pair.written->error().kind == ErrorKind::lost);
    if (!reads) pair.read();
    pair.settle();
    CHECK(pair.got == "the connection ended in the middle of a TLS record");
    pair.write("again");
    while (!pair.written) loop.run();
    CHECK_FALSE(pair.written->has_value());
  }
}

TEST_CASE("tls: a record that is none in the middle of a ticket ends the write and the reading") {
  GuardedLoop loop;
  Pair pair(loop);
  pair.begin_ticket(535);
  pair.write("hello");
  pair.settle();
  pair.server->send(std::string(100, 'x'));
  while (!pair.written) loop.run();
  REQUIRE_FALSE(pair.written->has_value());
  CHECK(pair.written->error().kind == ErrorKind::tls);
  pair.read();
  pair.settle();
  CHECK(pair.got == pair.written->error().text);
}
