#include "net/proxy.hpp"

#include <fmt/core.h>

#include "net/proxy_peers.hpp"
#include "net/surplus.hpp"
#include "peers/file_handle.hpp"
#include "peers/proxies.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::string_literals;
using Kind = ProxyOptions::Kind;

namespace {

template <class Peer>
ProxyOptions options(const Peer& peer, Kind kind, std::optional<ProxyLogin> login = {}) {
  ProxyOptions proxy{.kind = kind, .host = peer.host(), .port = peer.port()};
  if (login) {
    proxy.user_name = login->user_name;
    proxy.password = login->password;
  }
  return proxy;
}

Result<std::unique_ptr<Transport>> through(GuardedLoop& loop, const ProxyOptions& proxy,
                                           const std::string& host, std::uint16_t port) {
  auto below = dial(loop, {proxy.host, proxy.port});
  REQUIRE(below.has_value());
  Result<std::unique_ptr<Transport>> result;
  const auto handshake = begin_proxy(loop, std::move(*below), proxy, host, port,
                                     [&](Result<std::unique_ptr<Transport>> outcome) {
                                       result = std::move(outcome);
                                       loop.stop();
                                     });
  loop.run();
  return result;
}

Error error_of(const Result<std::unique_ptr<Transport>>& result) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == ErrorKind::connect);
  return result.error();
}

// `size` bytes, however they come.
void read_all(Transport& from, std::size_t size, std::move_only_function<void(std::string)> done,
              std::string before = {}) {
  from.read_some([&from, size, done = std::move(done), all = std::move(before)](Result<Bytes> bytes) mutable {
    REQUIRE(bytes.has_value());
    REQUIRE_FALSE(bytes->empty());
    all.append(*bytes);
    if (all.size() >= size) return done(std::move(all));
    read_all(from, size, std::move(done), std::move(all));
  });
}

// That bytes go both ways between a transport and whoever called the listener.
void check_bytes(GuardedLoop& loop, Transport& near, const Listener& listener) {
  const auto far = transport(loop, listener.accept());
  const std::string there(100'000, 't');
  near.write(there, [](Result<void> result) { CHECK(result.has_value()); });
  read_all(*far, there.size(), [&](std::string all) {
    CHECK(all == there);
    far->write("and back", [](Result<void> result) { CHECK(result.has_value()); });
  });
  read_all(near, 8, [&](std::string all) {
    CHECK(all == "and back");
    loop.stop();
  });
  loop.run();
}

// Where "localhost" is found whatever family it is resolved to.
std::string any_address() { return machine_has_ipv6() ? "::" : "127.0.0.1"; }

}  // namespace

TEST_CASE("through microsocks: by a name that it resolves, and by address") {
  GuardedLoop loop;
  const Listener listener(any_address());
  const Microsocks peer;
  const ProxyOptions proxy = options(peer, Kind::socks5);
  std::vector<std::string> hosts{"localhost", "127.0.0.1"};
  if (machine_has_ipv6()) hosts.emplace_back("::1");
  for (const std::string& host : hosts) {
    CAPTURE(host);
    const auto near = through(loop, proxy, host, listener.port());
    REQUIRE(near.has_value());
    CHECK((*near)->peer() == fmt::format("{}:{}", peer.host(), peer.port()));
    check_bytes(loop, **near, listener);
  }
}

TEST_CASE("through microsocks with a user name and password") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  const Microsocks peer(ProxyLogin{"user", "secret"});
  const auto call = [&](std::optional<ProxyLogin> login) {
    return through(loop, options(peer, Kind::socks5, std::move(login)), "127.0.0.1", listener.port());
  };
  const auto near = call(ProxyLogin{"user", "secret"});
  REQUIRE(near.has_value());
  check_bytes(loop, **near, listener);

  const std::string proxy = "the proxy " + options(peer, Kind::socks5).text();
  Error error = error_of(call({}));
  CHECK(error.permanent);
  CHECK(error.text == proxy + " wants a user name and password");
  error = error_of(call(ProxyLogin{"user", "wrong"}));
  CHECK(error.permanent);
  CHECK(error.text == proxy + " refused the user name and password");
}

TEST_CASE("microsocks can't reach a host") {
  GuardedLoop loop;
  const FileHandle refusing = bind_loopback();
  const Microsocks peer;
  const ProxyOptions proxy = options(peer, Kind::socks5);
  const Error error = error_of(through(loop, proxy, "127.0.0.1", port_of(refusing)));
  CHECK_FALSE(error.permanent);
  CHECK(error.text == fmt::format("the proxy {} refused to connect to 127.0.0.1:{}: connection refused",
                                  proxy.text(), port_of(refusing)));
}

TEST_CASE("through tinyproxy: by a name that it resolves, and by address") {
  GuardedLoop loop;
  const Listener listener(any_address());
  const Tinyproxy peer;
  const ProxyOptions proxy = options(peer, Kind::http);
  std::vector<std::string> hosts{"localhost", "127.0.0.1"};
  if (machine_has_ipv6()) hosts.emplace_back("::1");
  for (const std::string& host : hosts) {
    CAPTURE(host);
    const auto near = through(loop, proxy, host, listener.port());
    REQUIRE(near.has_value());
    check_bytes(loop, **near, listener);
  }
}

TEST_CASE("through tinyproxy with a user name and password, to the ports that it allows") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  const Listener forbidden("127.0.0.1");
  const Tinyproxy peer(fmt::format("BasicAuth user secret\nConnectPort {}\n", listener.port()));
  const auto call = [&](std::optional<ProxyLogin> login, std::uint16_t port) {
    return through(loop, options(peer, Kind::http, std::move(login)), "127.0.0.1", port);
  };
  const auto near = call(ProxyLogin{"user", "secret"}, listener.port());
  REQUIRE(near.has_value());
  check_bytes(loop, **near, listener);

  const std::string proxy = "the proxy " + options(peer, Kind::http).text();
  Error error = error_of(call(ProxyLogin{"user", "secret"}, forbidden.port()));
  CHECK(error.permanent);
  CHECK(error.text == fmt::format("{} refused to connect to 127.0.0.1:{}: HTTP 403 Access violation", proxy,
                                  forbidden.port()));
  error = error_of(call({}, listener.port()));
  CHECK(error.permanent);
  CHECK(error.text == proxy + " wants a user name and password");
  error = error_of(call(ProxyLogin{"user", "wrong"}, listener.port()));
  CHECK(error.permanent);
  CHECK(error.text == proxy + " refused the user name and password");
}

TEST_CASE("tinyproxy can't reach a host") {
  GuardedLoop loop;
  const FileHandle refusing = bind_loopback();
  const Tinyproxy peer;
  const Error error = error_of(through(loop, options(peer, Kind::http), "127.0.0.1", port_of(refusing)));
  CHECK_FALSE(error.permanent);
  CHECK(error.text.ends_with("HTTP 500 Unable to connect"));
}

TEST_CASE("what can't be asked of a proxy is refused as usage, from the loop") {
  const auto usage_error = [](const ProxyOptions& proxy, const std::string& host) {
    const Agreement agreement = agree(proxy, {}, false, MemoryFaults::never, host);
    CHECK(agreement.sent.empty());
    REQUIRE_FALSE(agreement.outcome.has_value());
    CHECK(agreement.outcome.error().kind == ErrorKind::usage);
    return agreement.outcome.error().text;
  };
  for (const ProxyOptions& proxy : {socks5_proxy(), http_proxy()}) {
    CHECK(usage_error(proxy, "") == "'' is no host name");
    CHECK(usage_error(proxy, "a b") == "'a b' is no host name");
    CHECK(usage_error(proxy, "a\r\nHost: b") == "'a\\x0d\\x0aHost: b' is no host name");
    CHECK(usage_error(proxy, std::string(256, 'n')).ends_with("is no host name"));
  }
  CHECK(usage_error(socks5_proxy("", "secret"), "broker.test").contains("user name"));
  CHECK(usage_error(socks5_proxy({}, "secret"), "broker.test").contains("user name"));
  CHECK(usage_error(http_proxy("a:b"), "broker.test").contains("colon"));

  Loop loop;
  auto [near, far] = MemoryTransport::pair(loop);
  begin_proxy(loop, std::move(near), socks5_proxy(), "", 1, [](auto) { FAIL("called"); }).reset();
  loop.run();
}

namespace {

// An agreement whose transport below is held by the test.
struct Held {
  Result<std::unique_ptr<Transport>> outcome = fail(ErrorKind::usage, "not called");
  Loop loop;
  std::unique_ptr<MemoryTransport> far;
  MemoryTransport* near = nullptr;
  std::unique_ptr<Handshake> handshake;

  explicit Held(MemoryFaults faults) {
    auto [first, second] = MemoryTransport::pair(loop, faults);
    near = first.get();
    far = std::move(second);
    handshake = begin_proxy(loop, std::move(first), http_proxy(), "broker.test", 1883,
                            [&](Result<std::unique_ptr<Transport>> result) { outcome = std::move(result); });
  }
};

}  // namespace

TEST_CASE("an agreement that comes before the request has left waits for it") {
  Held held({.hold_writes = true});
  held.far->write("HTTP/1.1 200 OK\r\n\r\n", [](Result<void>) {});
  held.loop.run();
  CHECK(held.outcome.error().text == "not called");
  SUBCASE("which then leaves") {
    held.near->release();
    held.loop.run();
    CHECK(held.outcome.has_value());
  }
  SUBCASE("which never leaves") {
    held.near->cut();
    held.loop.run();
    CHECK(held.outcome.error().kind == ErrorKind::lost);
    CHECK(held.outcome.error().text ==
          "lost the connection to the proxy http://proxy.test:1080: connection reset by peer");
  }
}

TEST_CASE("a refusal that comes before the request has left is told") {
  Held held({.hold_writes = true});
  held.far->write("HTTP/1.1 503 Busy\r\n\r\n", [](Result<void>) {});
  held.loop.run();
  CHECK(held.outcome.error().text.ends_with("HTTP 503 Busy"));
}

TEST_CASE("a connection that is lost is told as such") {
  Held held({.cut_after = 10});
  held.loop.run();
  CHECK(held.outcome.error().kind == ErrorKind::lost);
  CHECK(held.outcome.error().text ==
        "lost the connection to the proxy http://proxy.test:1080: connection reset by peer");
}

TEST_CASE("surplus: handed over by the first read, from the loop, and the rest comes from below") {
  Loop loop;
  auto [near, far] = MemoryTransport::pair(loop);
  MemoryTransport* const below = near.get();
  CHECK(with_surplus(loop, std::move(near), "").get() == below);

  std::tie(near, far) = MemoryTransport::pair(loop);
  const auto upper = with_surplus(loop, std::move(near), "surplus ");
  CHECK(upper->peer() == "memory");
  far->write("and more", [&, &end = far](Result<void>) { end->shut_down(); });
  std::string reads;
  bool within = true;
  upper->read_some([&](Result<Bytes> bytes) {
    CHECK_FALSE(within);
    reads = bytes.value();
    read_to_end(*upper, [&](std::string all) { reads += all; });
  });
  within = false;
  CHECK(reads.empty());
  loop.run();
  CHECK(reads == "surplus and more");

  std::string there;
  read_to_end(*far, [&](std::string all) { there = std::move(all); });
  upper->write("there", [&](Result<void>) { upper->shut_down(); });
  loop.run();
  CHECK(there == "there");
}

TEST_CASE(
    "surplus: no read is answered after close or destruction, and a handler may destroy the transport") {
  Loop loop;
  auto [near, far] = MemoryTransport::pair(loop);
  auto upper = with_surplus(loop, std::move(near), "surplus");
  bool called = false;
  upper->read_some([&](Result<Bytes>) { called = true; });
  SUBCASE("closed") { upper->close(); }
  SUBCASE("destroyed") { upper.reset(); }
  SUBCASE("by its handler") {
    std::string read;
    upper->read_some([&](Result<Bytes> bytes) {
      upper.reset();
      read = bytes.value();
    });
    loop.run();
    CHECK(read == "surplus");
  }
  loop.run();
  CHECK_FALSE(called);
}
