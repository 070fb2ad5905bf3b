// The files of deploy/bench with the engines that they are for: GNU parallel over ssh, Slurm, Kubernetes.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "e2e/bench_run.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

const std::string source = MQTTKIT_SOURCE_DIR;

// The scripts end with 77 and the reason where the machine has not what they need.
void all_of_it(const std::string& script, const std::string& said) {
  constexpr int cannot = 77;
  const Outcome outcome =
      run(Launch{.command = {"/usr/bin/python3", source + "/tests/e2e/" + script, MQTT_BENCH, source}});
  if (outcome.code == cannot) {
    MESSAGE("left out: ", outcome.err);
    return;
  }
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(outcome.out == said);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("four hosts by GNU parallel over ssh, and the sum of what they report") {
  all_of_it("shards_over_ssh.py", "the sum of 4 shards is the whole\n");
}

TEST_CASE("an array of four Slurm jobs, and the sum of what they report") {
  all_of_it("shards_by_slurm.py", "the sum of 4 jobs is the whole\n");
}

TEST_CASE("the Kubernetes job is valid by the published types, and its command is one of ours") {
  const std::string modules = source + "/build/npm/node_modules";
  if (!std::filesystem::exists(modules + "/kubernetes-models")) {
    MESSAGE("left out: npm's kubernetes-models is not installed, see scripts/setup --ci");
    return;
  }
  const std::string script = source + "/tests/npm/kubernetes.js";
  const std::string file = source + "/deploy/bench/kubernetes.yaml";
  const Outcome checked = run(Launch{.command = {"node", script, modules, file}});
  CAPTURE(checked.err);
  REQUIRE(checked.code == 0);

  // What the file says, but for the size of the load, as each of its four pods would.
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string start = std::to_string(std::chrono::duration<double>(now).count() + 1);
  std::vector<std::unique_ptr<Process>> pods;
  Arguments files;
  for (int i = 0; i < 4; ++i) {
    Launch launch{.command = {MQTT_BENCH}};
    std::istringstream words(checked.out);
    std::string word;
    std::getline(words, word);
    CHECK(word == "mqtt-bench");
    while (std::getline(words, word)) {
      word = replaced(word, "$(BENCH_URL)", "mqtt://127.0.0.1:" + std::to_string(broker.port()));
      word = replaced(word, "$(BENCH_RUN)", "pods");
      word = replaced(word, "$(BENCH_START)", start);
      word = replaced(word, "$(JOB_COMPLETION_INDEX)", std::to_string(i));
      CHECK(word.find("$(") == std::string::npos);
      launch.command.push_back(word);
    }
    files.push_back(dir.file("shard-" + std::to_string(i) + ".json"));
    for (const std::string& more : {std::string("--clients=40"), std::string("--rate=20"),
                                    std::string("--count=20"), "--json=" + files.back()})
      launch.command.push_back(more);
    pods.push_back(std::make_unique<Process>(launch));
  }
  for (const auto& pod : pods) CHECK(pod->wait().code == 0);
  const BenchReport whole = report_of(bench("report", files));
  CHECK(whole.outcome.code == 0);
  CHECK(whole.count("connected") == 80);
  CHECK(whole.messages(1, "sent") == 800);
  CHECK(whole.messages(1, "received") == 800);
}
