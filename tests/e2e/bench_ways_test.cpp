#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "e2e/bench_run.hpp"
#include "peers/certificates.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

const Arguments few{"-c", "5", "-n", "40", "--rate", "200", "-q", "1"};

Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void all_there(const BenchReport& report) {
  CAPTURE(report.outcome.err);
  CHECK(report.outcome.code == 0);
  CHECK(report.count("connected") == 10);
  CHECK(report.messages(1, "sent") == 200);
  CHECK(report.messages(1, "received") == 200);
  CHECK(report.measured("e2e") == 200);
}

std::string content(const TempDir& dir, const std::string& name) {
  std::ifstream file(dir.file(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

// With its lines of progress.
Launch endless(std::uint16_t port) {
  Launch launch =
      bench("pubsub", port, {"-c", "5", "--rate", "100", "-d", "1h", "-q", "1", "--output", "json"});
  std::erase(launch.command, "--no-progress");
  return launch;
}

}  // namespace

TEST_CASE("a load by TLS, whose handshakes are measured, by WebSockets, by both, by a Unix socket") {
  if (!have_mosquitto()) return;
  const TempDir dir;
  const std::string tls = tls_lines();
  {
    Mosquitto broker({.lines = "listener {port2} 127.0.0.1\n" + tls});
    const std::string url = "mqtts://localhost:" + std::to_string(broker.second_port());
    const BenchReport report =
        report_of(bench("pubsub", with(few, {"-L", url, "--cafile", made("root.pem")})));
    all_there(report);
    CHECK(report.measured("tls") == 10);
    const Outcome distrustful = run(bench("pubsub", with(few, {"-L", url})));
    CHECK(failed_with(distrustful, 3));
    CHECK(holds(distrustful.err, "certificate"));
  }
  for (const bool secure : {false, true}) {
    Mosquitto broker({.lines = "listener {port2} 127.0.0.1\nprotocol websockets\n" + (secure ? tls : "")});
    const std::string url =
        (secure ? "wss" : "ws") + ("://localhost:" + std::to_string(broker.second_port()));
    const Arguments trusting = secure ? Arguments{"--cafile", made("root.pem")} : Arguments{};
    all_there(report_of(bench("pubsub", with(with(few, {"-L", url}), trusting))));
  }
  {
    Mosquitto broker({.lines = "listener 0 {dir}/broker.sock\n"});
    all_there(report_of(bench("pubsub", with(few, {"--unix", broker.path("broker.sock")}))));
  }
}

TEST_CASE("Ctrl-C ends a run in order, with the report of what was done") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process run(endless(broker.port()));
  // Something is to be measured: the first line of progress comes after five seconds.
  run.await_err("end to end");
  run.signal(SIGINT);
  const Outcome outcome = run.wait();
  CHECK(outcome.code == 130);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["interrupted"] == true);
  CHECK(json["messages"]["qos1"]["sent"] > 1000);
  CHECK(json["messages"]["qos1"]["sent"] == json["messages"]["qos1"]["received"]);
  CHECK(json["messages"]["qos1"]["lost"] == 0);
}

TEST_CASE("thresholds decide the exit code, and JUnit, CSV, percentiles and a page are written") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const Arguments files{"--junit", dir.file("junit.xml"), "--csv",    dir.file("run.csv"),
                        "--hgrm",  dir.file("run.hgrm"),  "--report", dir.file("run.html"),
                        "--json",  dir.file("run.json")};
  const Outcome good =
      run(bench("pubsub", broker.port(),
                with(with(few, files), {"--fail-if", "lost > 0", "--fail-if", "e2e.p99 > 20s"})));
  CHECK(good.code == 0);
  CHECK(holds(good.out, "none was lost"));
  CHECK(holds(content(dir, "junit.xml"), "failures=\"0\""));
  CHECK(holds(content(dir, "run.csv"), "sent"));
  CHECK(holds(content(dir, "run-e2e.hgrm"), "#[Mean"));
  CHECK(holds(content(dir, "run.html"), "<svg"));

  const Outcome bad = run(bench("pubsub", broker.port(),
                                with(few, {"--fail-if", "received.rate < 100k", "--junit",
                                           dir.file("junit.xml"), "--baseline", dir.file("run.json")})));
  CHECK(bad.code == 9);
  CHECK(holds(bad.err, "received.rate"));
  CHECK(holds(content(dir, "junit.xml"), "failures=\"1\""));

  const Outcome compared = run(bench("compare", {dir.file("run.json"), dir.file("run.json")}));
  CHECK(compared.code == 0);
  CHECK(holds(compared.out, "end to end p99"));
  CHECK(failed_with(run(bench("report", {dir.file("junit.xml")})), 7));
}

TEST_CASE("without a server there is an error, not a report") {
  const Outcome outcome = run(bench("pubsub", {"-h", "127.0.0.1", "-p", "1", "-c", "2"}));
  CHECK(failed_with(outcome, 3, "connection refused"));
  CHECK(outcome.out.empty());
}

TEST_CASE("calibrate tells what this program can do here") {
  const Outcome outcome = run(bench("calibrate", {"pubsub", "-c", "2", "-d", "1"}));
  CHECK(outcome.code == 0);
  CHECK(holds(outcome.out, "as fast as can be"));
  CHECK(holds(outcome.out, "schedule lag"));
}
