// Worker processes that die or hang, what is left of a run when nobody reads it, and what calibration makes
// of a load that fails.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "e2e/bench_run.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

// Of /proc/PID/stat what stands behind the program's name: state, parent.
std::string status_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name = text.rfind(") ");
  return name == std::string::npos ? std::string() : text.substr(name + 2);
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string status = status_of(pid);
    if (status.size() > 2 && status.substr(2).starts_with(std::to_string(parent) + ' '))
      children.push_back(static_cast<pid_t>(std::stol(pid)));
  }
  return children;
}

std::vector<pid_t> await_children(const Process& process, std::size_t count) {
  for (;;) {
    const auto children = children_of(process.pid());
    if (children.size() >= count) return children;
    REQUIRE(process.running());
    std::this_thread::yield();
  }
}

nlohmann::json json_of(const TempDir& dir, const std::string& name) {
  std::ifstream file(dir.file(name));
  return nlohmann::json::parse(file, nullptr, false);
}

Launch through_shell(Launch launch, const std::string& script) {
  launch.command.insert(launch.command.begin(), {"/bin/sh", "-c", script, "sh"});
  return launch;
}

}  // namespace

TEST_CASE("that nobody reads the report is no error, and keeps no file from being written") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  Launch launch = bench("pubsub", broker.port(),
                        {"-c", "1", "-n", "5", "--rate", "100", "--json", dir.file("run.json"), "--junit",
                         dir.file("run.xml"), "--csv", dir.file("none/run.csv"), "--fail-if", "sent > 4"});
  launch.output = Output::broken;
  // Standard error is as broken.
  const Outcome outcome = run(through_shell(std::move(launch), "exec \"$@\" 2>&1"));
  CHECK(outcome.code == 9);
  CHECK(json_of(dir, "run.json").is_object());
  CHECK(std::filesystem::exists(dir.file("run.xml")));
}

TEST_CASE("files that go to standard output follow the report") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Outcome outcome =
      run(bench("pubsub", broker.port(), {"-c", "1", "-n", "5", "--rate", "100", "--csv", "-"}));
  CHECK(outcome.code == 0);
  const std::size_t series = outcome.out.find("at_s,");
  CHECK(series != std::string::npos);
  CHECK(outcome.out.find("clients") < series);
}

TEST_CASE("a worker process that is killed fails the run, and nothing is claimed of what it counted") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  Process process(bench("pubsub", broker.port(),
                        {"-c", "4", "--rate", "50", "-q", "1", "-d", "1", "--drain", "0.3", "--processes",
                         "2", "--json", dir.file("run.json")}));
  ::kill(await_children(process, 2).back(), SIGKILL);
  const Outcome outcome = process.wait();
  CHECK(failed_with(outcome, 1, "a worker process was lost"));
  CHECK(holds(outcome.out, "without what a lost process has counted"));
  CHECK(!holds(outcome.out, "none was lost"));
  CHECK(!holds(outcome.out, "broker-limited"));
  const auto json = json_of(dir, "run.json");
  REQUIRE(json.is_object());
  CHECK(json["complete"] == false);
  CHECK(json["accounted"] == false);
  CHECK(json["limit"]["bound"] == "unknown");
  CHECK(holds(json["errors"].dump(), "has ended before its time"));
}

TEST_CASE("a worker process that is stopped does not hold interrupts up, and is not left behind") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  Process process(bench("pubsub", broker.port(),
                        {"-c", "4", "--rate", "50", "-q", "1", "-d", "1h", "--processes", "2", "--json",
                         dir.file("run.json")}));
  const pid_t stopped = await_children(process, 2).back();
  broker.await_log(" as bench-");
  ::kill(stopped, SIGSTOP);
  while (process.running()) {
    process.signal(SIGINT);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const Outcome outcome = process.wait();
  CHECK(outcome.code != 0);
  CHECK(outcome.wall < std::chrono::seconds(8));
  // Whoever reaps it, if the last of the interrupts came after its parent had listened for them.
  const auto limit = std::chrono::steady_clock::now() + patience;
  std::string status = "?";
  while (!status.empty() && !status.starts_with('Z') && std::chrono::steady_clock::now() < limit)
    status = status_of(std::to_string(stopped));
  CHECK((status.empty() || status.starts_with('Z')));
}

TEST_CASE("calibration against the sink counts the descriptors of both ends") {
  const Outcome outcome = run(through_shell(
      bench("calibrate", {"conn", "-c", "700", "-d", "0.5", "--connect-timeout", "2", "--output", "json"}),
      "ulimit -n 1000 && exec \"$@\""));
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["counts"]["connected"] == 700);
  CHECK(json["counts"]["connect_failures"] == 0);
}

TEST_CASE("calibration among worker processes, and of clients that come and go") {
  const Outcome shared =
      run(bench("calibrate", {"pubsub", "-c", "2", "-d", "0.3", "--processes", "2", "--output", "json"}));
  CAPTURE(shared.err);
  REQUIRE(shared.code == 0);
  CHECK(nlohmann::json::parse(shared.out)["complete"] == true);
  const Outcome churning = run(bench("calibrate", {"churn", "-c", "20", "-d", "0.3", "--output", "json"}));
  CAPTURE(churning.err);
  REQUIRE(churning.code == 0);
  CHECK(nlohmann::json::parse(churning.out)["counts"]["connected"] > 20);
}

TEST_CASE("clients that a server refuses, all of them: the exit code says so") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "allow_anonymous false\n"});
  for (const Arguments& more : {Arguments{}, Arguments{"--processes", "2"}}) {
    Arguments arguments{"-c", "3", "-n", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    CHECK(failed_with(run(bench("pub", broker.port(), arguments)), 4));
  }
}
