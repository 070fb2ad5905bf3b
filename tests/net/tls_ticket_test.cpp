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
