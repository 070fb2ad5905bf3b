// Requesters and responders together, through a real server: by the thousand, with either end or the server
// killed in the middle, and with another library at the other end.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

constexpr Duration long_time = 240s;
constexpr const char* paho_responder = MQTTKIT_SOURCE_DIR "/tests/e2e/paho_responder.py";

// MQTTKIT_REQUESTS has more for a longer run.
std::size_t requests() {
  const char* const wanted = std::getenv("MQTTKIT_REQUESTS");
  return wanted == nullptr ? 10'000 : std::strtoull(wanted, nullptr, 10);
}

std::string numbers(std::size_t count) {
  std::string lines;
  for (std::size_t i = 1; i <= count; ++i) lines += fmt::format("{}\n", i);
  return lines;
}

Process serving(Mosquitto& broker, const std::string& name) {
  Process server(rr_command("serve", broker.port(),
                            {"-i", name, "-t", "svc", "--echo", "--retry-delay", "0.05:0.1", "--quiet"}));
  broker.await_subscription(name, "svc");
  return server;
}

Launch asking(const Mosquitto& broker, Arguments more, std::size_t count) {
  Arguments arguments{"-t",    "svc",           "-l",       "--concurrency", "64", "-F",
                      "%n %p", "--retry-delay", "0.05:0.1", "--retries",     "-1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return with_input(rr(broker.port(), arguments), numbers(count));
}

struct Tally {
  std::size_t right = 0, wrong = 0, disordered = 0;
};

// Each line should have the number of its request twice.
Tally tally(const std::string& out) {
  Tally result;
  std::istringstream lines(out);
  std::size_t before = 0;
  std::size_t number = 0;
  std::size_t payload = 0;
  while (lines >> number >> payload) {
    ++(number == payload ? result.right : result.wrong);
    if (number <= before) ++result.disordered;
    before = number;
  }
  return result;
}

void check_all_right(const Outcome& outcome, std::size_t count) {
  CAPTURE(outcome.err);
  const Tally seen = tally(outcome.out);
  CHECK(seen.right == count);
  CHECK(seen.wrong == 0);
  CHECK(seen.disordered == 0);
  CHECK(outcome.code == 0);
}

}  // namespace

TEST_CASE("64 at a time: none lost, none mismatched, at every QoS") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Process server = serving(broker, "server");
  for (const char* qos : {"0", "1", "2"}) {
    CAPTURE(qos);
    const Outcome outcome = run(asking(broker, {"-q", qos}, requests()), long_time);
    check_all_right(outcome, requests());
    CHECK(outcome.err.starts_with(fmt::format("{0} requests; {0} answers: min ", requests())));
  }
}

TEST_CASE("two requesters at once get their own answers") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Process server = serving(broker, "server");
  Process one(asking(broker, {}, requests() / 2));
  Process two(asking(broker, {}, requests() / 2));
  check_all_right(one.wait(long_time), requests() / 2);
  check_all_right(two.wait(long_time), requests() / 2);
}

TEST_CASE("the responder is killed in the middle: with tries left all are answered, without some fail") {
  if (!have_mosquitto()) return;
  for (const char* tries : {"9", "0"}) {
    CAPTURE(tries);
    Mosquitto broker;
    Process first = serving(broker, "first");
    Process asker(asking(broker, {"--request-retries", tries, "--answer-timeout", "0.5"}, requests()));
    asker.await_lines(requests() / 20);
    first.signal(SIGKILL);
    first.wait();
    const Process second = serving(broker, "second");
    const Outcome outcome = asker.wait(long_time);
    if (*tries == '9') {
      check_all_right(outcome, requests());
      continue;
    }
    const Tally seen = tally(outcome.out);
    CHECK(seen.wrong == 0);
    CHECK(seen.right < requests());
    CHECK(outcome.code == 5);
    CHECK(holds(outcome.err, fmt::format("{} requests, {} failed; {} answers: ", requests(),
                                         requests() - seen.right, seen.right)));
  }
}

TEST_CASE("the server is killed in the middle: all are answered in the end, none wrongly") {
  if (!have_mosquitto()) return;
  for (const char* qos : {"0", "1"}) {
    CAPTURE(qos);
    Mosquitto broker;
    const Process server = serving(broker, "server");
    Process asker(
        asking(broker, {"--request-retries", "9", "--answer-timeout", "0.5", "-q", qos}, requests()));
    for (const std::size_t part : {20U, 5U}) {
      asker.await_lines(requests() / part);
      broker.crash();
      broker.start();
    }
    check_all_right(asker.wait(long_time), requests());
  }
}

TEST_CASE("a responder of another library answers, at every QoS and version") {
  if (!have_mosquitto()) return;
  for (const char* version : {"5", "311"}) {
    Mosquitto broker;
    Process responder(
        {.command = {"/usr/bin/python3", paho_responder, std::to_string(broker.port()), "svc", version}});
    try {
      responder.await_out("ready");
    } catch (const PeerFailure&) {
      if (responder.wait().code != 77) throw;
      MESSAGE("SKIPPED: no python3-paho-mqtt");
      return;
    }
    for (const char* qos : {"0", "1", "2"}) {
      CAPTURE(version);
      CAPTURE(qos);
      const Outcome outcome = run(with_input(
          rr(broker.port(), {"-V", version, "-t", "svc", "-l", "--concurrency", "10", "-q", qos, "-F", "%p"}),
          "one\ntwo\nthree\n"));
      CHECK(outcome.code == 0);
      CHECK(outcome.out == "ONE\nTWO\nTHREE\n");
    }
  }
}
