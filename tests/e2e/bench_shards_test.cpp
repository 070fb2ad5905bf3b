#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "e2e/bench_run.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

std::string in_a_moment() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration<double>(now).count() + 1);
}

}  // namespace

TEST_CASE("shards that know nothing of each other add up to the whole") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string start = in_a_moment();
  std::vector<std::unique_ptr<Process>> shards;
  for (int i = 0; i < 3; ++i)
    shards.push_back(std::make_unique<Process>(
        bench("fanout", broker.port(),
              {"--publishers", "2",     "--subscribers", "10",
               "-n",           "30",    "--rate",        "100",
               "-q",           "1",     "--shard",       std::to_string(i) + "/3",
               "--run",        "whole", "--start-at",    start,
               "--drain",      "1.5",   "--json",        dir.file("shard-" + std::to_string(i) + ".json")})));
  for (const auto& shard : shards) {
    const Outcome outcome = shard->wait();
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
  }
  const Arguments files{dir.file("shard-0.json"), dir.file("shard-1.json"), dir.file("shard-2.json")};
  const BenchReport whole = report_of(bench("report", files));
  CHECK(whole.outcome.code == 0);
  CHECK(whole.count("connected") == 12);
  CHECK(whole.messages(1, "sent") == 60);
  CHECK(whole.messages(1, "expected") == 600);
  CHECK(whole.messages(1, "received") == 600);
  CHECK(whole.messages(1, "lost") == 0);
  CHECK(whole.measured("e2e") == 600);
  CHECK(whole.json["clocks"].size() == 2);

  const Outcome half = run(bench("report", {files[0], files[2]}));
  CHECK(failed_with(half, 2, "is missing: 1/3"));
}

TEST_CASE("the clocks are compared beside the topics of the load") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string start = in_a_moment();
  std::vector<std::unique_ptr<Process>> shards;
  for (int i = 0; i < 2; ++i)
    shards.push_back(std::make_unique<Process>(
        bench("fanin", broker.port(),
              {"--publishers", "2", "--rate", "50", "-d", "1", "--shard", std::to_string(i) + "/2", "--run",
               "clocks", "--start-at", start, "--drain", "0.3", "-A", "127.0.0.2", "--json",
               dir.file("shard-" + std::to_string(i) + ".json")})));
  for (const auto& shard : shards) CHECK(shard->wait().code == 0);
  const BenchReport whole = report_of(bench("report", {dir.file("shard-0.json"), dir.file("shard-1.json")}));
  CHECK(whole.count("unstamped") == 0);
  CHECK(whole.messages(0, "received") == whole.messages(0, "sent"));
  REQUIRE(whole.json["clocks"].size() == 1);
  const auto& clock = whole.json["clocks"][0];
  // One machine has one clock.
  CHECK(std::abs(clock["offset_us"].get<double>()) <= clock["uncertainty_us"].get<double>() + 1);
}

// Nightly: MQTTKIT_PAIRS=30000, which no single process may have the descriptors for.
TEST_CASE("more connections than a process may have, and a message on each") {
  const char* wanted = std::getenv("MQTTKIT_PAIRS");
  const std::string pairs = wanted != nullptr ? wanted : "300";
  constexpr int sinks = 4;
  std::vector<std::unique_ptr<Process>> servers;
  Arguments arguments;
  for (int i = 0; i < sinks; ++i) {
    servers.push_back(std::make_unique<Process>(bench("sink", {"-p", "0"})));
    servers.back()->await_err("listening on 127.0.0.1:");
    const std::string said = servers.back()->err();
    std::string port = said.substr(said.find("127.0.0.1:") + 10);
    port.resize(port.find_first_not_of("0123456789"));
    arguments.insert(arguments.end(), {"-L", "mqtt://127.0.0.1:" + port});
  }
  arguments.insert(arguments.end(),
                   {"-c", pairs, "-n", "1", "--total-rate", "2000", "-q", "1", "--connect-rate", "4000"});
  if (wanted == nullptr) arguments.insert(arguments.end(), {"--processes", "4"});
  const BenchReport report = report_of(bench("pubsub", arguments), std::chrono::minutes(2));
  CAPTURE(report.outcome.err);
  CHECK(report.outcome.code == 0);
  const std::uint64_t clients = std::stoull(pairs);
  CHECK(report.count("connected") == 2 * clients);
  CHECK(report.count("connect_failures") == 0);
  CHECK(report.messages(1, "sent") == clients);
  CHECK(report.messages(1, "received") == clients);
  CHECK(report.json["processes"] >= 4);
  std::uint64_t at_once = 0;
  for (const auto& population : report.json["populations"])
    at_once += population["connected"].get<std::uint64_t>();
  CHECK(at_once == 2 * clients);
}
