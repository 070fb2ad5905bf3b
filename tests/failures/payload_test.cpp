// Decoding while there is no memory: what is shown is shown, decoded or not; and what libjq does by itself.
#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <string>

#include "failures/sweep.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

constexpr int each = 5;  // messages that are retained

class Shelf {
 public:
  Shelf() {
    for (int i = 0; i < each; ++i)
      CHECK(run(pub(broker_.port(), {"-t", "r/" + std::to_string(i), "-m", payload(i), "-q", "1", "-r"}))
                .code == 0);
  }

  static std::string payload(int number) { return R"({"m":)" + std::to_string(number) + "}"; }

  Launch subscriber(const Arguments& arguments) const {
    Arguments all{"-t", "r/#", "-q", "1", "-C", std::to_string(each)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return sub(broker_.port(), all);
  }

 private:
  Mosquitto broker_;
};

}  // namespace

TEST_CASE("no memory while decoding: every message is shown, in hexadecimal if need be") {
  if (!have_mosquitto() || !memory_can_fail()) return;
  const Shelf shelf;
  const Launch launch = shelf.subscriber({"--format", "json"});
  unsigned undecoded = 0;
  sweep("malloc", "", 1, [&](const Fault& fault) {
    const Outcome outcome = run(fault.in(launch));
    CAPTURE(outcome.err);
    if (!ended_well(fault, outcome)) return;
    CHECK(count_of("\n", outcome.out) == each);
    undecoded +=
        holds(outcome.err, "there is not enough memory to decode this message; shown in hexadecimal");
  });
  CHECK(undecoded > 0);
}

// libjq 1.6 does not look at what strdup() gives it, and asserts or crashes: nothing that a program could
// mend. What it does notice ends as everything else.
TEST_CASE("no memory for libjq: an error, where libjq notices") {
  if (!have_mosquitto() || !memory_can_fail()) return;
  const Shelf shelf;
  const Launch launch = shelf.subscriber({"--jq", ".payload.m"});
  unsigned told = 0;
  constexpr unsigned some = 60;  // of several thousand
  for (unsigned i = 0; i < some; ++i) {
    const TempDir dir;
    const Fault fault(dir, "malloc", 320 + 97 * i, "");
    const Outcome outcome = run(fault.in(launch));
    if (outcome.signal == SIGSEGV || (outcome.signal == SIGABRT && holds(outcome.err, "Assertion"))) continue;
    CAPTURE(outcome.err);
    ended_well(fault, outcome);
    told += outcome.err == "error: out of memory\n";
  }
  CHECK(told > some / 4);
}
