// A bridge to another host whose cable is pulled, and to which the route is lost. Where the machine doesn't
// let us make one the test says SKIPPED.
#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "e2e/bridge_run.hpp"
#include "e2e/other_host.hpp"

using namespace mq;

namespace {

std::string file_to(const OtherHost& host, const Mosquitto& here, const std::string& store,
                    const std::string& version) {
  const std::string each =
      "retry-delay = \"0.05:0.2\"\nconnect-timeout = 1\nkeepalive = 2\nprotocol-version = " + version + "\n";
  return "name = \"bridge\"\nstore-path = \"" + store +
         "\"\n[endpoint.a]\nhost = \"127.0.0.1\"\nport = " + std::to_string(here.port()) + "\n" + each +
         "[endpoint.b]\nhost = \"" + host.address() + "\"\n" + each +
         "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n";
}

}  // namespace

TEST_CASE("through a pulled cable and a lost route to a server nothing is lost, doubled or out of order") {
  if (!have_mosquitto()) return;
  for (const std::string version : {"5", "311"}) {
    CAPTURE(version);
    OtherHost host;
    if (!host.made()) return;
    Mosquitto here(keeping_broker());
    const TempDir dir;
    Process carrier(bridge(dir.write("bridge.toml", file_to(host, here, dir.file("store.sqlite"), version))));
    await_bridge(carrier, 2);
    here.await_subscription("bridge-a", "n/#");
    // What mosquitto brings to a client that comes back is mosquitto's: the checker stays.
    Process checker(
        host.there(sub({"-h", host.address(), "-t", "n/#", "-q", "2", "-i", "checker", "-F", "%t %p"})));
    host.broker().await_err("checker 2 n/#");
    const Numbered numbered{.topics = 10, .each = 100};
    Process publisher(
        with_input(pub(here.port(), {"-l", "--input", "json", "--rate", "500"}), numbered.lines()));
    const auto meet = [&](auto trouble, auto mend) {
      checker.await_lines(count_of("\n", checker.out()) + 100);
      const std::size_t said = carrier.err().size();
      trouble();
      carrier.await_err("b: ", said);
      mend();
      carrier.await_err("b: connected to ", said);
    };
    meet([&] { host.pull(); }, [&] { host.put_back(); });
    meet([&] { host.lose_route(); }, [&] { host.find_route(); });
    CHECK(publisher.wait().code == 0);
    for (const int qos : {1, 2}) {
      await_carried(numbered, qos, checker);
      const CarriedVerdict verdict = judge_carried(numbered, qos, checker.out());
      CHECK(verdict.lost == 0);
      CHECK(verdict.reordered == 0);
      CHECK(verdict.strange == 0);
      if (qos == 2) CHECK(verdict.doubled == 0);
    }
    carrier.signal(SIGTERM);
    CHECK(carrier.wait().code == 0);
  }
}
