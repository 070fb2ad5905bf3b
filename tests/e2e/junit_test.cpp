// The result of a subscriber as CI servers read it: written on every way out.
#include <doctest/doctest.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

// The cases of a file as Python's XML parser reads them: "NAME: OUTCOME TYPE MESSAGE", after their sums,
// which must be right.
std::string cases_in(const std::string& file) {
  const Outcome outcome = run({.command = {"python3", "-c", R"py(
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
suite, = root
assert root.tag == "testsuites" and suite.tag == "testsuite" and suite.get("name") == "mqtt-sub"
assert len(suite.get("timestamp")) == 19
for top in root, suite:
    assert int(top.get("tests")) == len(suite)
    assert int(top.get("failures")) == len(suite.findall("testcase/failure"))
    assert int(top.get("errors")) == len(suite.findall("testcase/error"))
    assert int(top.get("skipped")) == len(suite.findall("testcase/skipped"))
    assert float(top.get("time")) >= 0
for case in suite:
    assert case.tag == "testcase" and case.get("classname") == "mqtt-sub" and float(case.get("time")) >= 0
    print(case.get("name") + ":", *[e.tag + " " + e.get("type", "") + " " + e.get("message") for e in case] or ["passed"])
)py",
                                           file}});
  CHECK(outcome.err.empty());
  return outcome.out;
}

struct Run {
  Outcome outcome;
  std::string cases;
};

// A subscriber to j/# that gets these payloads.
Run result_of(Mosquitto& broker, Arguments options, const std::vector<std::string>& payloads) {
  const TempDir dir;
  options.insert(options.end(), {"-i", "reader", "-t", "j/#", "--junit", dir.file("junit.xml")});
  Process reader(sub(broker.port(), options));
  broker.await_subscription("reader", "j/#");
  for (const std::string& payload : payloads)
    CHECK(run(mosquitto_pub(broker.port(), {"-t", "j/a", "-m", payload})).code == 0);
  Outcome outcome = reader.wait();
  return {std::move(outcome), cases_in(dir.file("junit.xml"))};
}

}  // namespace

TEST_CASE("each expectation is a test case") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Run failed = result_of(
      broker, {"--expect", ".payload < 2", "--expect", ".topic == \"<&\u00E9>\"", "-C", "2"}, {"1", "2"});
  CHECK(failed.outcome.code == 9);
  CHECK(
      failed.cases ==
      ".payload < 2: passed\n"
      ".topic == \"<&\u00E9>\": failure expectation expected '.topic == \"<&\u00E9>\"', not met by any of 2 "
      "messages; the last one was 'j/a': '2'\n");
  const Run any =
      result_of(broker, {"--expect", ".payload == 1", "--expect", "false", "--expect-any"}, {"1"});
  CHECK(any.outcome.code == 0);
  CHECK(any.cases == ".payload == 1: passed\nfalse: skipped  another expectation was met\n");
}

TEST_CASE("without expectations the run is a test case, and the validity of messages another") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string schema = dir.write("schema.json", R"({"type":"object"})");
  CHECK(result_of(broker, {"-C", "1", "--schema", schema}, {"{}"}).cases ==
        "1 message: passed\nvalid messages: passed\n");
  const Run invalid = result_of(broker, {"-C", "3", "--schema", schema}, {"{}", "1", "2"});
  CHECK(invalid.outcome.code == 7);
  CHECK(invalid.cases == "3 messages: passed\nvalid messages: failure payload 2 messages were not valid\n");
  CHECK(result_of(broker, {"-C", "2", "-W", "2"}, {"1"}).cases ==
        "2 messages: failure timed out timed out after 2 s: 1 of 2 messages came\n");
  CHECK(result_of(broker, {"--expect-none", "--idle", "0.1"}, {}).cases == "no message: passed\n");
  CHECK(result_of(broker, {"-C", "1", "--exec", "false"}, {"1"}).cases ==
        "1 message: error other failure the command failed for 1 of 1 message\n");
}

TEST_CASE("a result is written however the run ends") {
  const TempDir dir;
  const std::string file = dir.file("junit.xml");
  CHECK(run(sub({"-h", "127.0.0.1", "-p", "1", "-t", "x", "--expect", ".a", "--junit", file})).code == 3);
  CHECK(cases_in(file).starts_with(".a: error no connection "));
  FakeBroker silent(Reactions{.connect = [](Peer&, const Connect&) {}});
  CHECK(run(sub(silent.port(), {"-t", "x", "-W", "0.5", "--junit", file})).code == 5);
  CHECK(cases_in(file).starts_with("run: error timed out timed out after 0.5 s: no connection to "));
  for (const int number : {SIGINT, SIGTERM}) {
    FakeBroker broker;
    Process reader(sub(broker.port(), {"-t", "x", "--expect", ".a", "--junit", file}));
    broker.await(PacketType::subscribe);
    reader.signal(number);
    CHECK(reader.wait().code == 128 + number);
    CHECK(cases_in(file) == (number == SIGINT ? ".a: error SIGINT interrupted by SIGINT\n"
                                              : ".a: error SIGTERM interrupted by SIGTERM\n"));
  }
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    peer.send(Publish{.topic = "t", .properties = {}, .payload = "1"});
  }});
  CHECK(failed_with(run(sub(broker.port(), {"-t", "x", "-C", "1", "--junit", dir.file("none/x.xml")})), 1,
                    "none/x.xml"));
}

TEST_CASE("a run that ends before it has begun leaves no old result, and what is no file stays what it is") {
  const TempDir dir;
  const std::string file = dir.write("junit.xml", "an old success");
  CHECK(run(sub(1, {"-t", "x", "-u", "me", "--password-file", dir.file("missing"), "--junit", file})).code ==
        2);
  CHECK(cases_in(file).starts_with("the run: error ended "));
  const Outcome outcome = run(sub(1, {"-t", "x", "--junit", "/dev/stdout"}));
  CHECK(outcome.code == 3);
  CHECK(holds(outcome.out, "<testsuites"));
}
