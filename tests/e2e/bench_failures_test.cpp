// Runs that did not put the load on their server that was asked for: the report stands, and the exit code
// says that it is not what was asked for.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "e2e/bench_run.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

struct Case {
  const char* command;
  Arguments arguments;
  const char* working;  // what the server's log has when the load is on
  int code;
  const char* said;
};

BenchReport report_in(const Outcome& outcome) {
  BenchReport report{.outcome = outcome, .json = nlohmann::json::parse(outcome.out, nullptr, false)};
  CAPTURE(outcome.err);
  REQUIRE(report.json.is_object());
  return report;
}

// The server dies once the load is on it.
BenchReport dying_under(const Case& each, const Arguments& more = {}) {
  Mosquitto broker({.lines = "log_type all\n"});
  Arguments arguments = each.arguments;
  arguments.insert(arguments.end(), {"--drain", "0.2", "--output", "json"});
  arguments.insert(arguments.end(), more.begin(), more.end());
  Process process(bench(each.command, broker.port(), arguments));
  broker.await_log(each.working);
  broker.crash();
  return report_in(process.wait());
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a server that dies under its load is told in the report, and by the exit code") {
  if (!have_mosquitto()) return;
  const std::vector<Case> cases{
      {"pub",
       {"-c", "2", "--rate", "50", "-d", "1"},
       "Received PUBLISH",
       6,
       "all its 2 connections were lost"},
      {"pubsub",
       {"-c", "1", "-q", "1", "--rate", "50", "-d", "1"},
       "Received PUBLISH",
       6,
       "its only connection"},
      {"sub", {"-c", "1", "-d", "1"}, "Sending SUBACK", 6, "its only connection was lost"},
      {"rr", {"-c", "1", "-d", "1"}, "Received PUBLISH", 6, "its only connection was lost"},
      // Clients that come one after the other: the first one is there for sure when the second one is coming.
      {"conn", {"-c", "2", "--connect-rate", "20", "-d", "1"}, "-1 (p5", 6, "lost"},
      {"churn",
       {"-c", "2", "--connect-rate", "20", "--stay", "0.01", "-d", "1"},
       "Received DISCONNECT",
       3,
       "in the end none of its 2 clients could connect: "},
      // Without a duration the run ends with its clients.
      {"pub",
       {"-c", "1", "-q", "1", "--rate", "50", "-n", "1000"},
       "Received PUBLISH",
       6,
       "its only connection was lost"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.command);
    const BenchReport report = dying_under(each);
    CHECK(failed_with(report.outcome, each.code, each.said));
    CHECK(report.json["complete"] == false);
    CHECK(holds(report.json["failure"]["text"].get<std::string>(), each.said));
    CHECK(report.json["failure"]["kind"] == (each.code == 6 ? "lost" : "connect"));
    CHECK(report.json["limit"]["bound"] != "none");
  }
}

TEST_CASE("so it does among worker processes, in text, and as the error of a JUnit file") {
  if (!have_mosquitto()) return;
  const TempDir dir;
  Mosquitto broker({.lines = "log_type all\n"});
  Process process(bench("pub", broker.port(),
                        {"-c", "4", "--rate", "50", "-d", "1", "--processes", "2", "--junit",
                         dir.file("run.xml"), "--fail-if", "sent < 1"}));
  broker.await_log("Received PUBLISH");
  broker.crash();
  const Outcome outcome = process.wait();
  CHECK(failed_with(outcome, 6, "all its 4 connections were lost"));
  CHECK(holds(outcome.out, "failed "));
  CHECK(holds(content(dir.file("run.xml")), "errors=\"1\""));
}

TEST_CASE("publishers that the server has no room for are a failure, whatever became of the subscribers") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "max_connections 2\n"});
  const BenchReport report = report_of(
      bench("pubsub", broker.port(), {"-c", "2", "-d", "0.3", "--drain", "0.2", "--fail-if", "lost > 0"}));
  CHECK(report.outcome.code != 0);
  CHECK(holds(report.outcome.err, "population 'publishers': none of its 2 clients could connect: "));
  CHECK(report.count("connected") == 2);
  CHECK(report.json["complete"] == false);
}

TEST_CASE("a part of the clients that is lost is counted, and no failure of the run") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "max_connections 3\n"});
  const BenchReport report =
      report_of(bench("pubsub", broker.port(), {"-c", "2", "-d", "0.3", "--drain", "0.2"}));
  CHECK(report.outcome.code == 0);
  CHECK(report.count("connected") == 3);
  CHECK(report.json["complete"] == true);
  CHECK(report.json["failure"].is_null());
}

TEST_CASE("what sends nothing has no ceiling") {
  CHECK(failed_with(run(bench("calibrate", {"sub", "-c", "1"})), 2, "there is nothing to calibrate"));
  CHECK(failed_with(run(bench("sub", {"-h", "127.0.0.1", "-p", "1", "--calibrate"})), 2,
                    "there is nothing to calibrate"));
}
