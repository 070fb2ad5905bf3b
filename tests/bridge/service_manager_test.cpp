#include "bridge/service_manager.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "bridge/plans.hpp"
#include "peers/file_handle.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

// A manager's socket, at a path or, with '@' in front, at an abstract name.
FileHandle listening(const std::string& name) {
  FileHandle socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  REQUIRE(name.size() < sizeof place.sun_path);
  std::memcpy(place.sun_path, name.data(), name.size());
  if (name.starts_with('@')) place.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), size) == 0);
  return socket;
}

std::string next_of(const FileHandle& socket) {
  char buffer[512];
  const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
  return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
}

Duration interval_of(const test::Variables& variables) {
  return ServiceManager(test::environment_of(variables)).watchdog_interval();
}

}  // namespace

TEST_CASE("the manager is told at a path and at an abstract name") {
  const TempDir dir;
  for (const std::string& name : {dir.file("notify"), "@mqttkit-test-" + std::to_string(::getpid())}) {
    CAPTURE(name);
    const FileHandle socket = listening(name);
    const ServiceManager manager(test::environment_of({{"NOTIFY_SOCKET", name}}));
    manager.tell("READY=1\nSTATUS=well");
    CHECK(next_of(socket) == "READY=1\nSTATUS=well");
    CHECK(next_of(socket) == "");
  }
}

TEST_CASE("where there is no manager nothing is told and nothing fails") {
  const TempDir dir;
  for (const std::string& name : {std::string(), std::string("relative"), std::string("@"), dir.file("none"),
                                  "/" + std::string(200, 'x')}) {
    CAPTURE(name);
    const ServiceManager manager(test::environment_of({{"NOTIFY_SOCKET", name}}));
    manager.tell("READY=1");
  }
  ServiceManager(test::environment_of({})).tell("READY=1");
}

TEST_CASE("the watchdog is fed twice as often as it wants, when it is meant for this process") {
  const std::string socket = "@mqttkit-none";
  CHECK(interval_of({{"NOTIFY_SOCKET", socket}, {"WATCHDOG_USEC", "30000000"}}) == 15s);
  CHECK(interval_of({{"NOTIFY_SOCKET", socket},
                     {"WATCHDOG_USEC", "30000000"},
                     {"WATCHDOG_PID", std::to_string(::getpid())}}) == 15s);
  CHECK(interval_of({{"NOTIFY_SOCKET", socket}, {"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "1"}}) == 0s);
  for (const std::string text : {"", "0", "-1", "x", "99999999999999999999"})
    CHECK(interval_of({{"NOTIFY_SOCKET", socket}, {"WATCHDOG_USEC", text}}) == 0s);
  CHECK(interval_of({{"WATCHDOG_USEC", "30000000"}}) == 0s);
}
