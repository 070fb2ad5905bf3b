#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "e2e/bench_run.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

// What every scenario must hold at: an ordinary broker, and our own sink as a process.
void at_both(const std::function<void(std::uint16_t port)>& test) {
  {
    Process sink(bench("sink", {"-p", "0"}));
    sink.await_err("listening on 127.0.0.1:");
    const std::string said = sink.err();
    const std::size_t at = said.find("127.0.0.1:") + 10;
    INFO("against the sink");
    test(static_cast<std::uint16_t>(std::stoi(said.substr(at))));
    sink.signal(SIGTERM);
    sink.wait();
  }
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "max_queued_messages 0\nmax_inflight_messages 0\n"});
  INFO("against mosquitto");
  test(broker.port());
}

void all_right(const BenchReport& report) {
  CAPTURE(report.outcome.err);
  CHECK(report.outcome.code == 0);
  CHECK(report.outcome.err.empty());
  CHECK(report.json["accounted"] == true);
  CHECK(report.json["violation_count"] == 0);
  CHECK(report.json["errors"].empty());
  CHECK(report.count("connect_failures") == 0);
  CHECK(report.count("connections_lost") == 0);
  CHECK(report.count("connected") == report.count("disconnects"));
  for (int qos = 0; qos <= 2; ++qos)
    for (const char* fault : {"lost", "duplicated", "reordered", "corrupted", "refused", "unacknowledged"})
      CHECK(report.messages(qos, fault) == 0);
}

}  // namespace

TEST_CASE("pubsub: every message of every pair arrives, at each QoS and version") {
  at_both([](std::uint16_t port) {
    for (const char* version : {"5", "311"}) {
      for (int qos = 0; qos <= 2; ++qos) {
        const BenchReport report = report_of(
            bench("pubsub", port,
                  {"-V", version, "-c", "5", "-n", "40", "--rate", "200", "-q", std::to_string(qos)}));
        all_right(report);
        CHECK(report.count("connected") == 10);
        CHECK(report.count("subscriptions") == 5);
        CHECK(report.messages(qos, "sent") == 200);
        CHECK(report.messages(qos, "expected") == 200);
        CHECK(report.messages(qos, "received") == 200);
        CHECK(report.measured("e2e") == 200);
        CHECK(report.measured("ack") == (qos > 0 ? 200 : 0));
        CHECK(report.measured("lag") == 200);
      }
    }
  });
}

TEST_CASE("conn: a population that connects, stays and leaves") {
  at_both([](std::uint16_t port) {
    const BenchReport report =
        report_of(bench("conn", port, {"-c", "100", "--connect-rate", "1000", "-d", "0.5"}));
    all_right(report);
    CHECK(report.count("connects") == 100);
    CHECK(report.count("connected") == 100);
    CHECK(report.measured("connect") == 100);
    CHECK(report.json["rates"]["connected_per_s"] > 100);
  });
}

TEST_CASE("pub and sub: each for itself") {
  at_both([](std::uint16_t port) {
    const BenchReport published =
        report_of(bench("pub", port, {"-c", "4", "-n", "50", "--rate", "500", "-q", "1"}));
    all_right(published);
    CHECK(published.messages(1, "sent") == 200);
    CHECK(published.messages(1, "acknowledged") == 200);
    CHECK(published.messages(1, "expected") == 0);

    // A retained message reaches each subscription once, however far apart the three are made.
    const std::string topic = "from/elsewhere";
    CHECK(run(pub(port, {"-t", topic, "-m", "x", "-q", "1", "-r"})).code == 0);
    const Outcome outcome =
        run(bench("sub", port, {"-c", "3", "--filter", topic, "-d", "0.5", "--output", "json"}));
    CHECK(outcome.code == 0);
    const auto json = nlohmann::json::parse(outcome.out);
    CHECK(json["counts"]["subscriptions"] == 3);
    CHECK(json["counts"]["unstamped"] == 3);
  });
}

TEST_CASE("fanout and fanin: one to many and many to one") {
  at_both([](std::uint16_t port) {
    const BenchReport out = report_of(
        bench("fanout", port,
              {"--publishers", "2", "--subscribers", "20", "-n", "25", "--rate", "100", "-q", "1"}));
    all_right(out);
    CHECK(out.messages(1, "sent") == 50);
    CHECK(out.messages(1, "expected") == 1000);
    CHECK(out.messages(1, "received") == 1000);
    CHECK(out.measured("e2e") == 1000);

    const BenchReport in = report_of(bench(
        "fanin", port, {"--publishers", "20", "--subscribers", "2", "-n", "25", "--rate", "100", "-q", "2"}));
    all_right(in);
    CHECK(in.messages(2, "sent") == 500);
    CHECK(in.messages(2, "received") == 1000);
  });
}

TEST_CASE("rr: every request gets its answer, also below 5.0") {
  at_both([](std::uint16_t port) {
    for (const char* version : {"5", "311"}) {
      const BenchReport report = report_of(
          bench("rr", port,
                {"-V", version, "-c", "5", "--responders", "2", "-n", "40", "--rate", "200", "-q", "1"}));
      CAPTURE(report.outcome.err);
      CHECK(report.outcome.code == 0);
      CHECK(report.count("requests") == 200);
      CHECK(report.count("answers") == 200);
      CHECK(report.count("requests_failed") == 0);
      CHECK(report.count("late_answers") == 0);
      CHECK(report.measured("rr") == 200);
    }
  });
}

TEST_CASE("churn: clients that come and go") {
  at_both([](std::uint16_t port) {
    const BenchReport report =
        report_of(bench("churn", port, {"-c", "10", "-n", "20", "--connect-rate", "500"}));
    all_right(report);
    CHECK(report.count("connects") == 200);
    CHECK(report.count("connected") == 200);
    CHECK(report.measured("connect") == 200);
    CHECK(report.json["populations"][0]["connected"] == 10);
  });
}

TEST_CASE("offline: what was queued for absent sessions comes when they are back") {
  at_both([](std::uint16_t port) {
    for (const char* version : {"5", "311"}) {
      const BenchReport report =
          report_of(bench("offline", port, {"-V", version, "-c", "5", "-n", "30", "-q", "1"}));
      all_right(report);
      CHECK(report.messages(1, "sent") == 150);
      CHECK(report.messages(1, "expected") == report.messages(1, "received"));
      CHECK(report.messages(1, "received") >= 150);
      CHECK(report.measured("replay") == report.messages(1, "received"));
      CHECK(report.json["populations"][0]["connected"] == 5);
      // Those come when nothing is sent any more, and have a time of their own.
      CHECK(report.json["rates"]["received_per_s"] == 0);
      CHECK(report.json["rates"]["replayed_per_s"] > 150);
    }
  });
}

TEST_CASE("retained: what was stored comes with the subscription") {
  at_both([](std::uint16_t port) {
    const BenchReport report =
        report_of(bench("retained", port, {"--publishers", "4", "--subscribers", "3", "-n", "50"}));
    CAPTURE(report.outcome.err);
    CHECK(report.outcome.code == 0);
    CHECK(report.json["violation_count"] == 0);
    std::uint64_t sent = 0, received = 0;
    for (int qos = 0; qos <= 2; ++qos) {
      sent += report.messages(qos, "sent");
      received += report.messages(qos, "received");
      CHECK(report.messages(qos, "lost") == 0);
    }
    CHECK(sent == 200);
    CHECK(received == 600);
    CHECK(report.measured("replay") == 600);
    CHECK(report.json["replay_s"] > 0);
    CHECK(report.json["rates"]["replayed_per_s"] ==
          doctest::Approx(600 / report.json["replay_s"].get<double>()).epsilon(0.01));
  });
}

TEST_CASE("a second thread and worker processes count the same") {
  at_both([](std::uint16_t port) {
    for (const Arguments& split : {Arguments{"--threads", "3"}, Arguments{"--processes", "3"}}) {
      Arguments all{"-c", "10", "-n", "40", "--rate", "200", "-q", "2"};
      all.insert(all.end(), split.begin(), split.end());
      const BenchReport report = report_of(bench("pubsub", port, all));
      all_right(report);
      CHECK(report.messages(2, "sent") == 400);
      CHECK(report.messages(2, "received") == 400);
      CHECK(report.json["threads"].size() == 3);
    }
  });
}
