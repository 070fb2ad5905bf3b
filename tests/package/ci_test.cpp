// The examples of deploy/ci: what they run, run here.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "peers/mosquitto.hpp"
#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

const std::string source = MQTTKIT_SOURCE_DIR;

// As a runner does: each line in turn, the first failure ends it.
Outcome run_lines(const std::string& lines, std::uint16_t port, const TempDir& dir) {
  const std::string path = std::getenv("PATH");
  return run(Launch{.command = {"/bin/sh", "-euc", "cd '" + dir.path() + "'\n" + lines},
                    .environment = {{"PATH", MQ_BUILD ":" + path},
                                    {"XDG_CONFIG_HOME", dir.path()},
                                    {"MQTTKIT_URL", "mqtt://127.0.0.1:" + std::to_string(port)}}});
}

}  // namespace

TEST_CASE(
    "the smoke tests for GitHub Actions and GitLab CI pass with a broker that works, and with no other") {
  const std::string modules = source + "/build/npm/node_modules";
  if (!std::filesystem::exists(modules + "/yaml")) {
    MESSAGE("left out: npm's yaml is not installed, see scripts/setup --ci");
    return;
  }
  if (!have_mosquitto()) return;
  for (const char* name : {"github-actions.yml", "gitlab-ci.yml"}) {
    CAPTURE(name);
    const Outcome read = run(Launch{.command = {"node", source + "/tests/npm/smoke_test_lines.js", modules,
                                                source + "/deploy/ci/" + name}});
    CAPTURE(read.err);
    REQUIRE(read.code == 0);
    REQUIRE(read.out.find("mqtt-sub") != std::string::npos);

    const TempDir dir;
    Mosquitto broker;
    const Outcome passed = run_lines(read.out, broker.port(), dir);
    CAPTURE(passed.err);
    CHECK(passed.code == 0);
    CHECK(std::filesystem::exists(dir.file("smoke.xml")));
    CHECK(std::filesystem::exists(dir.file("load.xml")));

    // A broker that lets nobody write where the test does.
    const TempDir other;
    Mosquitto deaf(
        {.lines = "acl_file {dir}/acl\n", .files = {{"acl", "topic readwrite #\ntopic deny smoke/#\n"}}});
    CHECK(run_lines(read.out, deaf.port(), other).code == 8);
  }
}
