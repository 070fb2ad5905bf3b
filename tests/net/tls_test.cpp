// TLS as a transport: bytes both ways, ends, cancelling, and sessions that are taken up again.
#include <csignal>

#include "net/memory_transport.hpp"
#include "net/tls_testing.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

using Options = std::vector<std::string>;

// Of characters that s_server, which reads commands from its input, takes for data.
std::string digits(std::size_t count, unsigned seed) {
  std::string text(count, '0');
  for (char& c : text) {
    seed = seed * 1664525 + 1013904223;
    c = static_cast<char>('0' + (seed >> 16U) % 10);
  }
  return text;
}

std::unique_ptr<Transport> connected(Connection connection) {
  if (!connection) FAIL(connection.error().text);
  return std::move(*connection);
}

std::unique_ptr<Transport> below(GuardedLoop& loop, const TlsServer& server) {
  auto dialled = dial(loop, server.endpoint());
  REQUIRE(dialled.has_value());
  return std::move(*dialled);
}

// Hands over what the server says after our second flight only when there is so much of it.
class Hoard : public Transport {
 public:
  Hoard(std::unique_ptr<Transport> below, std::size_t at_least)
      : below_(std::move(below)), at_least_(at_least) {}

  void read_some(ReadHandler handler) override {
    handler_ = std::move(handler);
    held_.clear();
    collect();
  }
  void write(Bytes bytes, WriteHandler handler) override {
    ++writes_;
    below_->write(bytes, std::move(handler));
  }
  std::size_t undelivered() const override { return below_->undelivered(); }
  void shut_down() override { below_->shut_down(); }
  void close() override { below_->close(); }
  std::string peer() const override { return below_->peer(); }

 private:
  void collect() {
    below_->read_some([this](Result<Bytes> bytes) {
      held_ += bytes.value_or(Bytes());
      if (bytes && !bytes->empty() && writes_ > 1) {
        if (held_.size() < at_least_) return collect();
        at_least_ = 0;
      }
      std::exchange(handler_, {})(Bytes(held_));
    });
  }

  std::unique_ptr<Transport> below_;
  int writes_ = 0;
  std::size_t at_least_;
  Buffer held_;
  ReadHandler handler_;
};

void turn(GuardedLoop& loop) {
  loop.post([&] { loop.post([&] { loop.stop(); }); });
  loop.run();
}

}  // namespace

TEST_CASE("tls: 8 MiB each way at the same time, however the ciphertext is cut") {
  const std::string there = digits(8 << 20U, 1) + "\n";
  const std::string back = digits(8 << 20U, 2);
  struct Way {
    std::string version;
    std::size_t pieces;
  };
  for (const Way& way :
       {Way{"-tls1_3", 512UL << 10U}, {"-tls1_3", 1777}, {"-tls1_2", 100'000}, {"-tls1_2", 4099}}) {
    CAPTURE(way.version);
    CAPTURE(way.pieces);
    TlsServer server({way.version});
    GuardedLoop loop;
    const auto tls = connected(connect(loop, in_pieces(loop, below(loop, server), way.pieces), context()));
    server.process().write(back);
    bool written = false;
    bool read = false;
    tls->write(there, [&](Result<void> result) {
      written = result.has_value();
      if (read) loop.stop();
    });
    CHECK_FALSE(written);
    const std::string arrived = read_bytes(loop, *tls, back.size());
    CHECK((arrived == back));
    read = true;
    if (!written) loop.run();
    CHECK(written);
    server.process().await_out(std::string_view(there).substr(there.size() - 100));
    const std::string out = server.process().out();
    CHECK(out.find(there) != std::string::npos);
  }
}

TEST_CASE("tls: what comes right behind the handshake, or in one large piece, is all delivered") {
  const std::string back = digits(1500 << 10U, 3);
  TlsServer server(Options{"-tls1_2", "-nbio"});
  server.process().write(back);
  GuardedLoop loop;
  const auto tls =
      connected(connect(loop, std::make_unique<Hoard>(below(loop, server), 1400 << 10U), context()));
  CHECK((read_bytes(loop, *tls, back.size()) == back));
}

TEST_CASE("tls: an empty write is answered, and no call answers itself") {
  const TlsServer server;
  GuardedLoop loop;
  const auto tls = connected(connect(loop, server, context()));
  bool written = false;
  tls->write("", [&](Result<void> result) {
    written = result.has_value();
    loop.stop();
  });
  CHECK_FALSE(written);
  loop.run();
  CHECK(written);
}

TEST_CASE("tls: shut_down lets a write end, says goodbye, and reads on to the peer's end") {
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    TlsServer server(Options{version});
    GuardedLoop loop;
    const auto tls = connected(connect(loop, server, context()));
    const std::string last = digits(300'000, 4) + "\n";
    bool written = false;
    tls->write(last, [&](Result<void> result) { written = result.has_value(); });
    tls->shut_down();
    tls->shut_down();
    CHECK(read_bytes(loop, *tls, 1).empty());
    CHECK(written);
    CHECK(read_bytes(loop, *tls, 1).empty());
    server.process().await_out("DONE");
    const std::string out = server.process().out();
    CHECK(out.find(last) != std::string::npos);
    CHECK(out.find("ERROR") == std::string::npos);
  }
}

TEST_CASE("tls: a peer's goodbye and a peer that just leaves are both the end of the stream") {
  for (const bool goodbye : {true, false}) {
    TlsServer server;
    GuardedLoop loop;
    const auto tls = connected(connect(loop, server, context()));
    REQUIRE(write_all(loop, *tls, "seen\n").has_value());
    server.process().write("42");
    CHECK(read_bytes(loop, *tls, 2) == "42");
    server.process().await_out("seen");
    if (goodbye) {
      server.process().write("Q");
    } else {
      server.process().signal(SIGKILL);
    }
    CHECK(read_bytes(loop, *tls, 1).empty());
    CHECK(read_bytes(loop, *tls, 1).empty());
  }
}

TEST_CASE("tls: new keys in the middle, asked for by the server, change nothing") {
  TlsServer server(Options{"-tls1_3", "-msg"});
  GuardedLoop loop;
  const auto tls = connected(connect(loop, server, context()));
  std::size_t seen = 0;
  for (int i = 0; i < 3; ++i) {
    server.process().write("K\n");
    server.process().await_out(">>> TLS 1.3, Handshake [length 0005], KeyUpdate", seen);
    server.process().write("12345");
    CHECK(read_bytes(loop, *tls, 5) == "12345");
    REQUIRE(write_all(loop, *tls, "answer " + std::to_string(i) + "\n").has_value());
    server.process().await_out("<<< TLS 1.3, Handshake [length 0005], KeyUpdate", seen);
    server.process().await_out("answer " + std::to_string(i));
    seen = server.process().out().size();
  }
}

TEST_CASE("tls: a renegotiation that the server wants does not come about") {
  TlsServer server(Options{"-tls1_2"});
  GuardedLoop loop;
  const auto tls = connected(connect(loop, server, context()));
  server.process().write("r\n");
  CHECK(read_bytes(loop, *tls, 1) == "the server refused the handshake without saying why");
}

TEST_CASE("tls: the next connection takes up the session, but not with another context or name") {
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    CAPTURE(version);
    TlsServer server(Options{version});
    GuardedLoop loop;
    const auto shared = context();
    std::size_t seen = 0;
    const auto resumes = [&](const std::shared_ptr<TlsContext>& with, const std::string& host) {
      {
        const auto tls = connected(connect(loop, server, with, host));
        server.process().write("1");  // behind the tickets
        CHECK(read_bytes(loop, *tls, 1) == "1");
        tls->shut_down();
        CHECK(read_bytes(loop, *tls, 1).empty());
      }
      server.process().await_out("DONE", seen);
      const std::string out = server.process().out().substr(seen);
      seen += out.find("DONE") + 4;
      return out.find("Reused session-id") != std::string::npos;
    };
    CHECK_FALSE(resumes(shared, "broker.test"));
    CHECK(resumes(shared, "broker.test"));
    CHECK(resumes(shared, "broker.test"));
    CHECK_FALSE(resumes(shared, "localhost"));
    CHECK(resumes(shared, "localhost"));
    CHECK_FALSE(resumes(context(), "broker.test"));
  }
}

TEST_CASE("tls: a handshake that is destroyed calls nothing and closes the connection below") {
  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop);
  const auto opened = [](Connection) { FAIL_CHECK("called"); };
  auto handshake = begin_tls(loop, std::move(near), context(), "broker.test", opened);
  std::string seen;
  SUBCASE("at once") {
    handshake.reset();
    read_to_end(*far, [&](std::string all) {
      seen = std::move(all);
      loop.stop();
    });
    loop.run();
  }
  SUBCASE("while the server thinks") {
    far->read_some([&](Result<Bytes> hello) {
      seen = hello.value_or("");
      handshake.reset();
      read_to_end(*far, [&](std::string) { loop.stop(); });
    });
    loop.run();
  }
  SUBCASE("with an answer on its way") {
    far->read_some([&, &peer = far](Result<Bytes> hello) {
      seen = hello.value_or("");
      peer->write("\x15\x03\x03", [](Result<void>) {});
      handshake.reset();
    });
    turn(loop);
    turn(loop);
  }
  CHECK(seen.starts_with("\x16\x03"));
}

TEST_CASE("tls: the error of a handshake may destroy it, and none comes before the loop runs") {
  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop);
  std::unique_ptr<Handshake> handshake;
  std::string error;
  const auto opened = [&](Connection connection) {
    error = connection.error().text;
    handshake.reset();
    loop.stop();
  };
  SUBCASE("of the peer's doing") {
    handshake = begin_tls(loop, std::move(near), context(), "broker.test", opened);
    far->close();
    loop.run();
    CHECK(error == "the connection was lost during the TLS handshake: connection reset by peer");
  }
  SUBCASE("of our own") {
    handshake = begin_tls(loop, std::move(near), context(), "", opened);
    CHECK(error.empty());
    loop.run();
    CHECK(error == "there is no host name that the server's certificate could be checked for");
  }
  SUBCASE("a name that can't be") {
    handshake = begin_tls(loop, std::move(near), context(), std::string(300, 'x'), opened);
    loop.run();
    CHECK(error.starts_with("'xxxxx"));
    CHECK(error.ends_with("can be no server's name"));
  }
  CHECK_FALSE(handshake);
}

TEST_CASE("tls: the handshake may be destroyed from within its success, and the connection stays") {
  TlsServer server;
  GuardedLoop loop;
  std::unique_ptr<Transport> tls;
  std::unique_ptr<Handshake> handshake;
  handshake = begin_tls(loop, below(loop, server), context(), "broker.test", [&](Connection opened) {
    tls = connected(std::move(opened));
    handshake.reset();
    loop.stop();
  });
  loop.run();
  CHECK(tls->peer() == server.endpoint().text());
  server.process().write("7");
  CHECK(read_bytes(loop, *tls, 1) == "7");
}

TEST_CASE("tls: no handler is called after close or destruction") {
  TlsServer server;
  GuardedLoop loop;
  auto tls = connected(connect(loop, server, context()));
  const std::string large(32UL << 20U, 'x');  // more than the kernel keeps
  bool called = false;
  tls->read_some([&](Result<Bytes>) { called = true; });
  tls->write(large, [&](Result<void>) { called = true; });
  SUBCASE("closed") {
    tls->close();
    tls->read_some([&](Result<Bytes>) { called = true; });
    tls->write("more", [&](Result<void>) { called = true; });
    tls->shut_down();
    tls->close();
  }
  SUBCASE("destroyed") { tls.reset(); }
  turn(loop);
  CHECK_FALSE(called);
}

TEST_CASE("tls: a handler may destroy the transport") {
  TlsServer server;
  GuardedLoop loop;
  auto tls = connected(connect(loop, server, context()));
  SUBCASE("reading") {
    server.process().write("1");
    tls->read_some([&](Result<Bytes> bytes) {
      tls.reset();
      CHECK(bytes == "1");
      loop.stop();
    });
  }
  SUBCASE("writing") {
    tls->write("x", [&](Result<void>) {
      tls.reset();
      loop.stop();
    });
  }
  SUBCASE("at the end") {
    server.process().write("Q");
    tls->read_some([&](Result<Bytes> bytes) {
      CHECK(bytes->empty());
      tls.reset();
      loop.stop();
    });
  }
  loop.run();
  CHECK_FALSE(tls);
}

TEST_CASE("tls: bytes that are no records end reading with an error that stays") {
  // A relay that breaks what the server says after the handshake.
  class Breaker : public Transport {
   public:
    explicit Breaker(std::unique_ptr<Transport> below) : below_(std::move(below)) {}
    void read_some(ReadHandler handler) override {
      below_->read_some([this, handler = std::move(handler)](Result<Bytes> bytes) mutable {
        copy_ = bytes.value_or("");
        if (broken && !copy_.empty()) copy_.back() = static_cast<char>(copy_.back() ^ 1);
        handler(Bytes(copy_));
      });
    }
    void write(Bytes bytes, WriteHandler handler) override { below_->write(bytes, std::move(handler)); }
    std::size_t undelivered() const override { return below_->undelivered(); }
    void shut_down() override { below_->shut_down(); }
    void close() override { below_->close(); }
    std::string peer() const override { return below_->peer(); }
    bool broken = false;

   private:
    std::unique_ptr<Transport> below_;
    Buffer copy_;
  };
  TlsServer server(Options{"-tls1_2"});
  GuardedLoop loop;
  auto relay = std::make_unique<Breaker>(below(loop, server));
  Breaker& breaker = *relay;
  const auto tls = connected(connect(loop, std::move(relay), context()));
  breaker.broken = true;
  server.process().write("1");
  const std::string text = "the data was changed on the way: a record does not decrypt";
  CHECK(read_bytes(loop, *tls, 1) == text);
  CHECK(read_bytes(loop, *tls, 1) == text);
  const auto written = write_all(loop, *tls, "x");
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().kind == ErrorKind::tls);
  tls->shut_down();
}
