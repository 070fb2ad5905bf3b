// What a bridge does when its store can't be written, can't be read, or is another's: it says so,
// acknowledges nothing, and so loses nothing.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "e2e/bridge_http.hpp"
#include "e2e/bridge_run.hpp"
#include "e2e/bridge_wire.hpp"
#include "shared/exit_code.hpp"

using namespace mq;

namespace {

const std::string way = "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n";

// A bridge whose store is in a small file system of its own, which goes with it.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& options) : options_(options) {
    std::filesystem::create_directory(path());
  }

  std::string path() const { return dir_.file("small"); }
  std::string store() const { return path() + "/store.sqlite"; }

  // False, and said, where the machine lets us make none.
  static bool possible() {
    const Outcome tried =
        run({.command = {"unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"}});
    if (tried.code == 0) return true;
    std::fprintf(stderr, "SKIPPED: no file system of a test's own can be mounted here: %s",
                 tried.err.c_str());
    return false;
  }

  Launch bridge(const std::string& file) const {
    return {.command = {"unshare", "-rm", "sh", "-c",
                        "mount -t tmpfs -o " + options_ + " tmpfs \"$1\" && exec \"$2\" -c \"$3\"", "sh",
                        path(), MQTT_BRIDGE, file}};
  }

  // From outside, of a bridge that runs.
  void fill(const Process& carrier) const {
    std::ofstream filler(seen_by(carrier), std::ios::binary);
    const std::string page(4096, 'x');
    while (filler.write(page.data(), 4096).flush()) {
    }
  }
  void make_room(const Process& carrier) const { std::filesystem::remove(seen_by(carrier)); }

 private:
  std::string seen_by(const Process& carrier) const {
    return fmt::format("/proc/{}/root{}/filler", carrier.pid(), path());
  }

  TempDir dir_;
  std::string options_;
};

std::string file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Two brokers, a checker with a session at b, and a bridge's file.
struct Ends {
  Ends() : a(keeping_broker()), b(keeping_broker()) {
    CHECK(run(sub(b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-E"})).code == 0);
  }
  std::string file(const std::string& store, const std::string& name = "bridge.toml",
                   const std::string& routes = way) const {
    return dir.write(name,
                     bridge_file({cables.to_a.port(), cables.to_b.port()},
                                 "store-path = \"" + store + "\"\nhttp = \"localhost:0\"\n", "", routes));
  }
  void publish(const std::string& lines) const {
    CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "100000"}), lines)).code == 0);
  }
  // All is there, at QoS 2 once.
  void must_have(const Numbered& numbered) const {
    Process checker(sub(b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-F", "%t %p"}));
    for (const int qos : {1, 2}) {
      CAPTURE(qos);
      await_carried(numbered, qos, checker);
      const CarryVerdict carried = cables.judge(static_cast<QoS>(qos));
      CHECK(carried.doubled == 0);
      CHECK(carried.reordered == 0);
      const CarriedVerdict verdict = judge_carried(numbered, qos, checker.out());
      CHECK(verdict.lost == 0);
      if (qos == 2) CHECK(verdict.doubled == 0);
    }
  }

  Mosquitto a, b;
  BridgeCables cables{a.port(), b.port()};
  TempDir dir;
};

}  // namespace

TEST_CASE("a full disk: told, nothing acknowledged, nothing lost; with room it goes on") {
  if (!have_mosquitto() || !SmallDisk::possible()) return;
  Ends ends;
  const SmallDisk disk("size=64m");
  Process carrier(disk.bridge(ends.file(disk.store())));
  const std::uint16_t http = http_port(carrier);
  await_bridge(carrier, 2);
  ends.a.await_subscription("bridge-a", "n/#");
  await_answer(http, "/health", "HTTP/1.1 200 OK");
  disk.fill(carrier);
  const Numbered numbered{.topics = 20, .each = 300};
  ends.publish(numbered.lines());
  carrier.await_err("no space left on device\n");
  carrier.await_err("nothing is acknowledged and nothing lost meanwhile");
  const std::string answer = await_answer(http, "/health", "HTTP/1.1 503 ");
  CHECK(holds(answer, "the store can't be written"));
  CHECK(holds(answer, "\"store_works\":false"));
  disk.make_room(carrier);
  carrier.await_err("the store can be written again");
  ends.must_have(numbered);
  await_answer(http, "/health", "HTTP/1.1 200 OK");
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
  CHECK(count_of("no space left on device", carrier.err()) == 1);
}

TEST_CASE("a new route while the disk is full: told, and the bridge goes on as before") {
  if (!have_mosquitto() || !SmallDisk::possible()) return;
  Ends ends;
  const SmallDisk disk("size=64m");
  Process carrier(disk.bridge(ends.file(disk.store())));
  await_bridge(carrier, 2);
  ends.a.await_subscription("bridge-a", "n/#");
  disk.fill(carrier);
  const Numbered numbered{.topics = 5, .each = 100};
  ends.publish(numbered.lines());
  carrier.await_err("no space left on device\n");
  const std::string more = "[[route]]\nname = \"more\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"m/#\"]\n";
  const auto reload = [&](const std::string& said) {
    const std::size_t seen = carrier.err().size();
    carrier.signal(SIGHUP);
    carrier.await_err(said, seen);
  };
  ends.file(disk.store(), "bridge.toml", way + more);
  reload("the bridge goes on as before");
  disk.make_room(carrier);
  carrier.await_err("the store can be written again");
  ends.must_have(numbered);
  reload("has been read again");
  ends.a.await_subscription("bridge-a", "m/#");
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}

TEST_CASE(
    "killed on a full disk, with its store gone, the bridge has acknowledged nothing that is not through") {
  if (!have_mosquitto() || !SmallDisk::possible()) return;
  Ends ends;
  const SmallDisk disk("size=64m");
  std::optional<Process> carrier(disk.bridge(ends.file(disk.store())));
  await_bridge(*carrier, 2);
  ends.a.await_subscription("bridge-a", "n/#");
  disk.fill(*carrier);
  const Numbered numbered{.topics = 20, .each = 300};
  ends.publish(numbered.lines());
  carrier->await_err("no space left on device\n");
  carrier->signal(SIGKILL);
  carrier->wait();
  // What was safe before the disk was full has gone with it: all else comes from the source.
  carrier.emplace(bridge(ends.file(ends.dir.file("store.sqlite"))));
  Process checker(sub(ends.b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-F", "%t %p"}));
  for (const int qos : {1, 2}) {
    CAPTURE(qos);
    await_carried(numbered, qos, checker);
    CHECK(judge_carried(numbered, qos, checker.out()).lost == 0);
  }
}

TEST_CASE(
    "a disk that takes nothing from the start is an error, and so is one that can't be written at all") {
  if (!have_mosquitto() || !SmallDisk::possible()) return;
  Ends ends;
  for (const std::string options : {"size=8k", "ro"}) {
    CAPTURE(options);
    const SmallDisk disk(options);
    const Outcome outcome = run(disk.bridge(ends.file(disk.store())));
    CAPTURE(outcome.err);
    CHECK(outcome.code == exit_failure);
    CHECK(outcome.err.starts_with("error: "));
    CHECK(holds(outcome.err, disk.store()));
    CHECK(holds(outcome.err, options == "ro" ? "read-only file system" : "no space left on device"));
  }
}

TEST_CASE("a damaged store is told and left as it is, and the source keeps what comes") {
  if (!have_mosquitto()) return;
  Ends ends;
  const std::string store = ends.dir.file("store.sqlite");
  const std::string file = ends.file(store);
  const Numbered numbered{.topics = 10, .each = 300};
  {
    Process carrier(bridge(file));
    const std::uint16_t http = http_port(carrier);
    await_bridge(carrier, 2);
    ends.a.await_subscription("bridge-a", "n/#");
    ends.b.stop();
    ends.publish(numbered.lines());
    await_answer(http, "/metrics",
                 "mqttkit_bridge_route_waiting_messages{route=\"way\",from=\"a\",to=\"b\"} 6000\n");
    carrier.signal(SIGTERM);
    CHECK(carrier.wait().code == 0);
  }
  ends.b.start();
  const std::string good = file_bytes(store);
  REQUIRE(good.size() > 100'000);
  const auto flipped = [&good](std::size_t from) {
    std::string bad = good;
    for (std::size_t at = from; at < bad.size(); at += 512) bad[at] = static_cast<char>(bad[at] ^ 0x55);
    return bad;
  };
  for (const std::string& bad : {flipped(0), flipped(4096 + 7), good.substr(0, good.size() / 2),
                                 good.substr(0, 1000), std::string("no journal")}) {
    CAPTURE(bad.size());
    std::ofstream(store, std::ios::binary | std::ios::trunc) << bad;
    const Outcome outcome = run(bridge(file));
    CAPTURE(outcome.err);
    CHECK(outcome.code == exit_failure);
    CHECK(holds(outcome.err, "error: "));
    CHECK(holds(outcome.err, store));
    CHECK(file_bytes(store) == bad);
  }
  // The file as it was: nothing of it has been lost.
  std::ofstream(store, std::ios::binary | std::ios::trunc) << good;
  const Process carrier(bridge(file));
  ends.must_have(numbered);
}

TEST_CASE("a store that another bridge has is refused, and that one does not notice") {
  if (!have_mosquitto()) return;
  Ends ends;
  const std::string store = ends.dir.file("store.sqlite");
  const std::string file = ends.file(store);
  Process first(bridge(file));
  await_bridge(first, 2);
  ends.a.await_subscription("bridge-a", "n/#");
  const Outcome second = run(bridge(file));
  CAPTURE(second.err);
  CHECK(second.code == exit_failure);
  CHECK(holds(second.err, store));
  CHECK(holds(second.err, fmt::format("process {}", first.pid())));
  const Numbered numbered{.topics = 2, .each = 50};
  ends.publish(numbered.lines());
  ends.must_have(numbered);
  CHECK(count_of(" as bridge-a ", ends.a.log()) == 1);
}
