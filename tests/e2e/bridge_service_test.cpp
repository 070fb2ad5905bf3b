// A bridge as a service: what it tells the manager that has started it, and its unit.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "e2e/bridge_run.hpp"
#include "peers/file_handle.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

const std::string way = "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n";

// The socket of a manager.
class Manager {
 public:
  Manager() : path_(dir_.file("notify")), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    REQUIRE(path_.size() < sizeof place.sun_path);
    std::memcpy(place.sun_path, path_.data(), path_.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0);
  }

  Launch of(Launch launch, const std::string& watchdog = {}) const {
    launch.environment.emplace_back("NOTIFY_SOCKET", path_);
    launch.environment.emplace_back("WATCHDOG_PID", std::nullopt);
    if (!watchdog.empty()) launch.environment.emplace_back("WATCHDOG_USEC", watchdog);
    return launch;
  }

  // The next that it is told; empty when nothing comes in that time.
  std::string told(std::chrono::milliseconds limit) const {
    const timeval time{.tv_sec = limit.count() / 1000, .tv_usec = limit.count() % 1000 * 1000};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    char buffer[4096];
    const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }

  // What it is told until it is told `part`.
  std::string await(std::string_view part) const {
    std::string all;
    while (true) {
      const std::string next = told(20s);
      if (next.empty()) throw PeerFailure("the manager is never told " + std::string(part) + ":\n" + all);
      all += next + '\n';
      if (holds(next, part)) return all;
    }
  }

 private:
  TempDir dir_;
  std::string path_;
  FileHandle socket_;
};

bool is_stopped(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::stringstream text;
  text << file.rdbuf();
  const std::string stat = text.str();
  return stat.substr(stat.rfind(')') + 2, 1) == "T";
}

const std::string unit_name = "mqtt-bridge@site7.service";

// The unit as it would be installed with the program where it is built.
void write_unit(const TempDir& dir) {
  std::ifstream file(std::string(MQTTKIT_SOURCE_DIR) + "/deploy/bridge/mqtt-bridge@.service.in");
  std::stringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  const std::string mark = "@CMAKE_INSTALL_FULL_BINDIR@";
  const std::size_t at = text.find(mark);
  REQUIRE(at != std::string::npos);
  text.replace(at, mark.size(), std::filesystem::path(MQTT_BRIDGE).parent_path().string());
  dir.write(unit_name, text);
}

bool have_systemd_analyze() {
  if (std::filesystem::exists("/usr/bin/systemd-analyze")) return true;
  if (std::getenv("CI") != nullptr) throw PeerFailure("there is no systemd-analyze");
  MESSAGE("SKIPPED: no systemd-analyze");
  return false;
}

}  // namespace

TEST_CASE("the manager is told that the bridge is ready, how it does, and that it ends") {
  if (!have_mosquitto()) return;
  Mosquitto a, b;
  b.crash();  // SIGTERM so soon is lost on mosquitto
  const Manager manager;
  const TempDir dir;
  Process carrier(manager.of(
      bridge(dir.write("bridge.toml", bridge_file({a.port(), b.port()}, "store = \"memory\"", "", way)))));
  // Also while a broker is away.
  CHECK(manager.await("READY=1").starts_with("READY=1\nSTATUS=0 of 2 connections stand, 0 messages wait"));
  manager.await("STATUS=1 of 2 connections stand");
  b.start();
  const std::string told = manager.await("STATUS=2 of 2 connections stand, 0 messages wait");
  CHECK_FALSE(holds(told, "WATCHDOG"));
  carrier.signal(SIGTERM);
  manager.await("STOPPING=1");
  CHECK(carrier.wait().code == 0);
}

TEST_CASE("a bridge that can't start does not say that it is ready") {
  const Manager manager;
  const TempDir dir;
  const Outcome outcome = run(manager.of(bridge(
      dir.write("bridge.toml",
                bridge_file({1, 2}, "store-path = \"" + dir.file("none/store.sqlite") + "\"", "", way)))));
  CHECK(outcome.code != 0);
  CHECK(manager.told(1ms) == "");
}

TEST_CASE("the watchdog hears as long as the loop turns, and nothing of one that hangs") {
  const Manager manager;
  const TempDir dir;
  Process carrier(manager.of(
      bridge(dir.write("bridge.toml", bridge_file({1, 2}, "store = \"memory\"", "", way))), "200000"));
  manager.await("READY=1");
  for (int i = 0; i < 3; ++i) manager.await("WATCHDOG=1");
  carrier.signal(SIGSTOP);
  while (!is_stopped(carrier.pid())) std::this_thread::yield();
  while (!manager.told(1ms).empty()) continue;  // what it had said before
  CHECK(manager.told(500ms) == "");
  carrier.signal(SIGCONT);
  manager.await("WATCHDOG=1");
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}

TEST_CASE("systemd finds nothing wrong with the unit, and little that it exposes") {
  if (!have_systemd_analyze()) return;
  const TempDir dir;
  write_unit(dir);
  const std::string unit = dir.file(unit_name);
  const Outcome verified = run({.command = {"/usr/bin/systemd-analyze", "verify", "--man=no", unit}});
  CHECK(verified.code == 0);
  CHECK(verified.err == "");
  // Of 100; without what the unit says it would be 96.
  const Outcome secure = run({.command = {"/usr/bin/systemd-analyze", "security", "--offline=yes",
                                          "--threshold=15", "--no-pager", unit}});
  CAPTURE(secure.out);
  CAPTURE(secure.err);
  CHECK(secure.code == 0);
}

TEST_CASE("a bridge needs no privilege") {
  if (!have_mosquitto()) return;
  if (::getuid() != 0) return;  // then all other tests show it
  Mosquitto a, b;
  const TempDir dir, state;
  const std::string file = dir.write(
      "bridge.toml",
      bridge_file({a.port(), b.port()}, "store-path = \"" + state.file("store.sqlite") + "\"", "", way));
  constexpr unsigned nobody = 65534;
  REQUIRE(::chown(state.path().c_str(), nobody, nobody) == 0);
  std::filesystem::permissions(dir.path(), std::filesystem::perms(0755));
  Launch launch = bridge(file);
  launch.command.insert(launch.command.begin(),
                        {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                         "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"});
  launch.environment.emplace_back("HOME", state.path());
  launch.environment.emplace_back("XDG_CONFIG_HOME", std::nullopt);
  Process carrier(launch);
  await_bridge(carrier, 2);
  a.await_subscription("bridge-a", "n/#");
  Process checker(sub(b.port(), {"-t", "n/#", "-i", "checker", "-q", "1"}));
  b.await_subscription("checker", "n/#");
  CHECK(run(pub(a.port(), {"-t", "n/1", "-m", "x", "-q", "1"})).code == 0);
  checker.await_lines(1);
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}
