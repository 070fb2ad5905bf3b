// deploy/container: what can be told of an image without making one. scripts/bare-debian runs its commands.
#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "peers/mosquitto.hpp"
#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

struct Instruction {
  std::string word, rest;
};

// Lines that end in a backslash go on in the next.
std::vector<Instruction> instructions() {
  std::ifstream file(MQTTKIT_SOURCE_DIR "/deploy/container/Containerfile");
  std::vector<Instruction> all;
  std::string line, whole;
  while (std::getline(file, line)) {
    if (line.empty() || line.starts_with('#')) continue;
    whole += line;
    if (whole.ends_with('\\')) {
      whole.pop_back();
      continue;
    }
    const std::size_t end = whole.find(' ');
    REQUIRE(end != std::string::npos);
    all.push_back({whole.substr(0, end), whole.substr(end + 1)});
    whole.clear();
  }
  CHECK(whole.empty());
  return all;
}

// Of the last stage, the one that is shipped.
std::string last(const std::string& word) {
  std::string rest;
  for (const Instruction& instruction : instructions())
    if (instruction.word == word) rest = instruction.rest;
  CAPTURE(word);
  REQUIRE(!rest.empty());
  return rest;
}

}  // namespace

TEST_CASE("the image runs a bridge, and not as root") {
  for (const Instruction& instruction : instructions()) {
    CAPTURE(instruction.word);
    bool known = false;
    for (const char* word : {"FROM", "COPY", "RUN", "WORKDIR", "USER", "HEALTHCHECK", "CMD"})
      known = known || instruction.word == word;
    CHECK(known);
  }
  const std::string user = last("USER");
  CHECK(user == "mqtt-bridge");
  CHECK(last("RUN").find("useradd") == 0);
  CHECK(last("RUN").find(user) != std::string::npos);
  CHECK(nlohmann::json::parse(last("CMD")).at(0) == "mqtt-bridge");
}

TEST_CASE(
    "the health check passes while a bridge runs, also without its broker, and fails without a bridge") {
  if (!have_mosquitto()) return;
  const std::string check = last("HEALTHCHECK");
  const std::size_t begin = check.find("CMD ");
  REQUIRE(begin != std::string::npos);
  auto command = nlohmann::json::parse(check.substr(begin + 4)).get<std::vector<std::string>>();

  Mosquitto broker;
  const TempDir dir;
  const std::string url = "\"mqtt://127.0.0.1:" + std::to_string(broker.port()) + "\"\n";
  const std::string file = "store = \"memory\"\nhttp = \"localhost:0\"\n[endpoint.a]\nurl = " + url +
                           "[endpoint.b]\nurl = " + url +
                           "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\n" +
                           "topics = [{ from = \"n/#\", to = \"m/$1\" }]\n";
  Process bridge(Launch{.command = {MQTT_BRIDGE, "-c", dir.write("bridge.toml", file)}});
  bridge.await_err("/metrics and /health");
  const std::string before = "http://127.0.0.1:";
  const std::string err = bridge.err();
  const std::string port = std::to_string(std::stoi(err.substr(err.find(before) + before.size())));

  const std::string where = "/localhost/9464;";
  const std::size_t at = command.back().find(where);
  REQUIRE(at != std::string::npos);
  command.back().replace(at, where.size(), "/localhost/" + port + ";");
  CHECK(run(Launch{.command = command}).code == 0);
  broker.stop();
  CHECK(run(Launch{.command = command}).code == 0);
  bridge.signal(SIGTERM);
  bridge.wait();
  CHECK(run(Launch{.command = command}).code != 0);
}
