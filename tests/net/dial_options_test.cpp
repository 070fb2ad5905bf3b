#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>

#include "net/address.hpp"
#include "net/dial.hpp"
#include "net/testing.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

TEST_CASE("values that can't be are refused as usage") {
  GuardedLoop loop;
  const auto usage_error = [&](Endpoint endpoint, std::string bind_address) {
    const Error error = dial_error(loop, std::move(endpoint), {.bind_address = std::move(bind_address)});
    CHECK(error.kind == ErrorKind::usage);
    return error.text;
  };
  CHECK(usage_error({"127.0.0.1", 1883}, "eth0") == "bind address 'eth0' is no numeric address");
  CHECK(usage_error({"127.0.0.1", 1883}, "192.0.2.7") == "bind address 192.0.2.7 is none of this machine's");
  CHECK(usage_error({"", 1883}, "") == "'' is no host name");
  CHECK(usage_error({std::string("a\0b", 3), 1883}, "") == "'a\\x00b' is no host name");
  CHECK(usage_error({"", 0, std::string(108, 'p')}, "").ends_with("is longer than 107 bytes"));
  CHECK(usage_error({"", 0, "@" + std::string(108, 'p')}, "").ends_with("is longer than 108 bytes"));
}

TEST_CASE("the local address is the one that was asked for") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  const auto near = dial(loop, listener.endpoint(), {.bind_address = "127.0.0.9"});
  REQUIRE(near.has_value());
  const Open far = listener.accept();
  Address from;
  from.size = sizeof from.storage;
  REQUIRE(::getpeername(far.number(), reinterpret_cast<sockaddr*>(&from.storage), &from.size) == 0);
  CHECK(host_text(from) == "127.0.0.9");

  const Error error = dial_error(loop, {"::1", 1883}, {.bind_address = "127.0.0.1"});
  CHECK(error.kind == ErrorKind::connect);
  CHECK(error.text == "cannot connect to [::1]:1883 from 127.0.0.1: it has no address of that family");
}

TEST_CASE("a family may be asked for: the other one is not tried") {
  GuardedLoop loop;
  if (!machine_has_ipv6()) return;
  const Listener listener("::");  // over IPv4, too
  const std::uint16_t port = listener.port();
  const auto peer = [&](const std::string& host, DialOptions options) {
    const auto near = dial(loop, {host, port}, std::move(options));
    REQUIRE(near.has_value());
    return (*near)->peer();
  };
  const std::string v4 = "127.0.0.1:" + std::to_string(port), v6 = "[::1]:" + std::to_string(port);
  CHECK(peer("localhost", {.family = Family::v4}) == v4);
  CHECK(peer("localhost", {.family = Family::v6}) == v6);
  CHECK(peer("both.test", {.family = Family::v4, .resolver = fixed({"::1", "127.0.0.1"})}) == v4);
  CHECK(peer("both.test", {.family = Family::v6, .resolver = fixed({"127.0.0.1", "::1"})}) == v6);
  CHECK(peer("127.1", {.family = Family::v4}) == v4);  // the system's resolver

  Error error = dial_error(loop, {"127.0.0.1", 1883}, {.family = Family::v6});
  CHECK(error.kind == ErrorKind::connect);
  CHECK(error.text == "cannot connect to 127.0.0.1:1883: it has no IPv6 address");
  error = dial_error(loop, {"six.test", 1883}, {.family = Family::v4, .resolver = fixed({"::1"})});
  CHECK(error.text == "cannot connect to six.test:1883: it has no IPv4 address");
  error = dial_error(loop, {"none.test", 1883}, {.family = Family::v4, .resolver = fixed({})});
  CHECK(error.text == "cannot resolve 'none.test': no address");
  error = dial_error(loop, {"odd.test", 1883}, {.resolver = fixed({"odd"})});
  CHECK(error.text == "cannot resolve 'odd.test': no address");
  error = dial_error(loop, {"127.1", 1883}, {.family = Family::v6});
  CHECK(error.kind == ErrorKind::resolve);
  error = dial_error(loop, {"::1", 1883}, {.bind_address = "127.0.0.1", .family = Family::v6});
  CHECK(error.kind == ErrorKind::usage);
  CHECK(error.text == "bind address 127.0.0.1 is no IPv6 address");
}

namespace {

// An option of the dialled socket, which is the one whose peer is the listener.
int option_of_caller(const Listener& listener, int level, int option) {
  for (int number = 3; number < 1024; ++number) {
    Address peer;
    peer.size = sizeof peer.storage;
    if (::getpeername(number, reinterpret_cast<sockaddr*>(&peer.storage), &peer.size) != 0) continue;
    sockaddr_in v4{};
    std::memcpy(&v4, &peer.storage, sizeof v4);
    if (ntohs(v4.sin_port) != listener.port()) continue;
    int value = -1;
    socklen_t size = sizeof value;
    REQUIRE(::getsockopt(number, level, option, &value, &size) == 0);
    return value;
  }
  return -1;
}

}  // namespace

TEST_CASE("the socket's options are set as they are asked for") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  const auto connected_option = [&](DialOptions options, int option) {
    const auto near = dial(loop, listener.endpoint(), std::move(options));
    REQUIRE(near.has_value());
    return option_of_caller(listener, IPPROTO_TCP, option);
  };
  CHECK(connected_option({}, TCP_NODELAY) == 1);
  CHECK(connected_option({.no_delay = false}, TCP_NODELAY) == 0);
  CHECK(connected_option({}, TCP_USER_TIMEOUT) == 0);
  CHECK(connected_option({.user_timeout = 12'345ms}, TCP_USER_TIMEOUT) == 12'345);
}

TEST_CASE("TCP keep-alive is as it is asked for, within what the kernel takes") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  const auto check = [&](std::optional<std::chrono::seconds> keep_alive, int idle, int interval) {
    const auto near = dial(loop, listener.endpoint(), {.keep_alive = keep_alive});
    REQUIRE(near.has_value());
    CHECK(option_of_caller(listener, SOL_SOCKET, SO_KEEPALIVE) == (keep_alive ? 1 : 0));
    if (!keep_alive) return;
    CHECK(option_of_caller(listener, IPPROTO_TCP, TCP_KEEPIDLE) == idle);
    CHECK(option_of_caller(listener, IPPROTO_TCP, TCP_KEEPINTVL) == interval);
    CHECK(option_of_caller(listener, IPPROTO_TCP, TCP_KEEPCNT) == 3);
  };
  check(std::nullopt, 0, 0);
  check(60s, 60, 20);
  check(2s, 2, 1);
  check(0s, 1, 1);
  check(std::chrono::seconds::max(), 32767, 10922);
}
