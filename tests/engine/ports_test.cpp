#include "engine/ports.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>
#include <vector>

#include "peers/file_handle.hpp"

using namespace mq;

namespace {

// An address that only this test process has sockets at.
std::string own_address(int number = 0) {
  const int pid = static_cast<int>(::getpid());
  return "127." + std::to_string(100 + number) + "." + std::to_string(pid >> 8 & 0xFF) + "." +
         std::to_string((pid & 0xFF) == 0 || (pid & 0xFF) == 255 ? 7 : pid & 0xFF);
}

Machine with_ports(std::uint16_t first, std::uint16_t last) {
  Machine machine;
  machine.ports = {first, last};
  return machine;
}

Ports make(const PortPlan& plan, const Machine& machine) {
  auto made = Ports::make(plan, machine);
  REQUIRE(made.has_value());
  return std::move(*made);
}

FileHandle new_socket(int family = AF_INET) {
  return FileHandle(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

// "ADDRESS PORT" of a bound socket.
struct Place {
  std::string address;
  std::uint16_t port = 0;
};
Place place_of(const FileHandle& socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) == 0);
  char text[INET6_ADDRSTRLEN]{};
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  const bool old = storage.ss_family == AF_INET;
  ::inet_ntop(storage.ss_family, old ? static_cast<const void*>(&v4.sin_addr) : &v6.sin6_addr, text,
              sizeof text);
  return {text, ntohs(v4.sin_port)};
}

struct Taken {
  FileHandle socket;
  Ports::Lease lease;
  Place place;
};
Taken take(Ports& ports, int family = AF_INET) {
  Taken taken{new_socket(family), {}, {}};
  const auto lease = ports.bind(taken.socket.get(), family);
  REQUIRE(lease.has_value());
  taken.lease = *lease;
  taken.place = place_of(taken.socket);
  return taken;
}

FileHandle listener(const std::string& address, std::uint16_t port) {
  FileHandle socket = new_socket();
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0);
  REQUIRE(::listen(socket.get(), 100) == 0);
  return socket;
}

bool connect(const Taken& from, const Place& to) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(to.port);
  ::inet_pton(AF_INET, to.address.c_str(), &place.sin_addr);
  return ::connect(from.socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
}

}  // namespace

TEST_CASE("for few connections the kernel chooses, from the addresses in turn if there are any") {
  Ports plain = make({.connections = 999}, {});
  const Taken any = take(plain);
  CHECK(any.place.port == 0);
  CHECK(any.lease.number == 0);
  plain.give_back(any.lease);
  Ports sourced = make({.sources = {own_address(), own_address(1), "::1"}, .connections = 10}, {});
  CHECK(take(sourced).place.address == own_address());
  CHECK(take(sourced).place.address == own_address(1));
  CHECK(take(sourced).place.address == own_address());
  CHECK(take(sourced, AF_INET6).place.address == "::1");
  const FileHandle server = listener(own_address(2), 0);
  const Taken first = take(sourced);
  CHECK(connect(first, place_of(server)));
  CHECK(place_of(first.socket).port != 0);
  CHECK(sourced.bind(0, AF_UNIX).has_value());
}

TEST_CASE("slices have no port in common, and together all of them") {
  Machine machine = with_ports(40'000, 40'029);
  machine.reserved = {{40'010, 40'011}};
  std::set<std::uint16_t> seen;
  std::vector<Taken> kept;
  for (const unsigned slice : {0U, 1U, 2U}) {
    Ports ports =
        make({.sources = {own_address()}, .slice = slice, .slices = 3, .connections = 1000}, machine);
    for (unsigned count = 28 * (slice + 1) / 3 - 28 * slice / 3; count > 0; --count) {
      Taken taken = take(ports);
      CHECK(taken.lease.number != 0);
      CHECK(seen.insert(taken.place.port).second);
      kept.push_back(std::move(taken));
    }
  }
  CHECK(seen.size() == 28);
  CHECK(*seen.begin() == 40'000);
  CHECK(*seen.rbegin() == 40'029);
  CHECK_FALSE(seen.contains(40'010));
}

TEST_CASE(
    "when its slice is used up it borrows what the others have left, and gives its own out first again") {
  const FileHandle server = listener(own_address(2), 0);
  const Machine machine = with_ports(40'200, 40'229);
  const auto slice = [&](unsigned number) {
    return make({.sources = {own_address()}, .slice = number, .slices = 3, .connections = 1000}, machine);
  };
  Ports busy = slice(0), idle = slice(1), half_idle = slice(2);
  std::vector<Taken> kept;
  std::set<std::uint16_t> seen;
  // As a connection begins: with another port when somebody has it.
  const auto begin = [&](Ports& ports) {
    for (int tries = 0; tries < 100; ++tries) {
      Taken taken = take(ports);
      if (connect(taken, place_of(server))) {
        CHECK(seen.insert(place_of(taken.socket).port).second);
        kept.push_back(std::move(taken));
        return true;
      }
      CHECK(errno == EADDRNOTAVAIL);
      ports.in_use(taken.lease);
    }
    return false;
  };
  for (int count = 0; count < 5; ++count) CHECK(begin(half_idle));
  for (int count = 0; count < 25; ++count) CHECK(begin(busy));
  CHECK(seen.size() == 30);
  // All are in use: the kernel is asked, whose range is larger here.
  for (Ports* ports : {&busy, &idle}) {
    CHECK(begin(*ports));
    CHECK(kept.back().lease.number == 0);
  }
  // Of ours and a borrowed one that come back, ours goes first.
  Taken ours = std::move(kept[5]), borrowed = std::move(kept[29]);
  for (Taken* one : {&borrowed, &ours}) {
    one->socket.close();
    busy.give_back(one->lease);
  }
  CHECK(take(busy).place.port == ours.place.port);
}

TEST_CASE("several addresses take turns and each has the whole range") {
  Ports ports =
      make({.sources = {own_address(), own_address(1)}, .connections = 5000}, with_ports(40'000, 40'009));
  std::vector<Taken> kept;
  std::set<std::pair<std::string, std::uint16_t>> seen;
  for (int count = 0; count < 20; ++count) {
    kept.push_back(take(ports));
    CHECK(kept.back().place.address == own_address(count % 2));
    seen.emplace(kept.back().place.address, kept.back().place.port);
  }
  CHECK(seen.size() == 20);
}

TEST_CASE("the port of a closed connection comes again after all others; one that is in use is passed over") {
  const FileHandle taken_port = listener(own_address(), 40'003);
  Ports ports = make({.sources = {own_address()}, .connections = 5000}, with_ports(40'000, 40'004));
  std::vector<Taken> kept;
  for (int count = 0; count < 4; ++count) kept.push_back(take(ports));
  CHECK(std::ranges::none_of(kept, [](const Taken& taken) { return taken.place.port == 40'003; }));
  CHECK(take(ports).lease.number == 0);  // nothing is left: the kernel's choice
  const std::uint16_t second = kept[1].place.port, first = kept[0].place.port;
  for (const int index : {1, 0}) {
    kept[static_cast<std::size_t>(index)].socket.close();
    ports.give_back(kept[static_cast<std::size_t>(index)].lease);
  }
  CHECK(take(ports).place.port == second);
  CHECK(take(ports).place.port == first);
}

TEST_CASE("one port serves connections to several servers, and no two to the same") {
  const FileHandle one = listener(own_address(2), 0), other = listener(own_address(2), 0);
  const PortPlan plan{.sources = {own_address()}, .connections = 5000};
  const Machine machine = with_ports(40'100, 40'101);
  Ports to_one = make(plan, machine), to_other = make(plan, machine), foreign = make(plan, machine);
  std::vector<Taken> kept;
  for (int count = 0; count < 2; ++count) {
    kept.push_back(take(to_one));
    CHECK(connect(kept.back(), place_of(one)));
    kept.push_back(take(to_other));
    CHECK(connect(kept.back(), place_of(other)));
  }
  // Somebody who does not know of it can't have it a second time.
  const Taken late = take(foreign);
  CHECK_FALSE(connect(late, place_of(one)));
  CHECK(errno == EADDRNOTAVAIL);
  foreign.in_use(late.lease);
  CHECK(take(foreign).place.port != late.place.port);
}

TEST_CASE("IPv6, and addresses that can't be") {
  Ports ports = make({.sources = {"::1"}, .connections = 5000}, with_ports(40'000, 40'999));
  CHECK(take(ports, AF_INET6).place.address == "::1");
  const FileHandle old = new_socket();
  const auto none = ports.bind(old.get(), AF_INET);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().text == "no source address is IPv4, but the server's is");
  const auto name = Ports::make({.sources = {"localhost"}}, {});
  REQUIRE_FALSE(name.has_value());
  CHECK(name.error().text == "source address 'localhost' is no numeric address");
  Ports elsewhere = make({.sources = {"192.0.2.1"}, .connections = 5000}, {});
  const auto foreign = elsewhere.bind(old.get(), AF_INET);
  REQUIRE_FALSE(foreign.has_value());
  CHECK(foreign.error().text == "cannot connect from 192.0.2.1: cannot assign requested address");
}
