#include "report/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "report/amounts.hpp"
#include "report/metric.hpp"
#include "report/outcomes.hpp"
#include "report/sentences.hpp"

using namespace mq;

namespace {

std::string text_of(const LoadOutcome& outcome, bool colour = false) {
  Buffer out;
  Ink ink(out, {.colour = colour, .lines = true});
  append_report(outcome, ink);
  return out;
}

}  // namespace

TEST_CASE("a report fits on a screen and says what happened") {
  LoadOutcome outcome = testing::outcome();
  outcome.tally[Latency::end_to_end] = {};
  outcome.tally[Latency::acknowledge] = {};
  outcome.tally[Latency::lag] = {};
  for (std::uint64_t value = 1; value <= 1000; ++value) {
    outcome.tally[Latency::end_to_end].record(value * 1000, value);
    outcome.tally[Latency::lag].due.record(value);
  }
  outcome.tally[Latency::connect] = {};
  outcome.tally[Latency::connect].record(1500, 1500);
  outcome.tally[Latency::subscribe] = {};
  CHECK(text_of(outcome) ==
        R"(pubsub "nightly"
clients     20 clients (publishers 10, subscribers 10) on mqtt://127.0.0.1:1883,
            mqtt://[::1]:1884
measured    10.0 s, from 2026-09-21T14:13:20Z, run 1a2b3c4d
rates       sent 901/s, received 901/s, bytes out 72.1 kB/s, bytes in 72.1 kB/s
counts      20 connected, 10 subscriptions

latency              p50      p90      p99    p99.9   p99.99  p99.999      max
connect                -        -        -        -        -        -  1.50 ms
end to end
  as scheduled    500 ms   900 ms   990 ms   999 ms        -        -   1.00 s
  as sent         500 us   900 us   990 us   999 us        -        -  1.00 ms
  as scheduled: from when it was due; as sent: from when it was really sent

messages     sent  acknowledged  expected  received  lost
  QoS 0     4,507             -     4,507     4,506     1
  QoS 1     4,503         4,503     4,503     4,501     2

broken      1 promise of QoS
            QoS 1: messages 123 to 124 of stream 7 never reached client 17

errors      2 x connection refused
            1 x the server ended the connection

lag         p50 500 us, p99 990 us, p99.9 999 us, max 1.00 ms
CPU         load-1 56 %, main 3 %
ceiling     123,456/s against the sink; this run came to 1 % of it
limit       broker-limited: the generator managed 123 k/s against the sink, its
            threads were busy for 56 %
note        the server keeps at most 20 messages in flight
)");
}

TEST_CASE("what did not happen is not told") {
  LoadOutcome outcome;
  outcome.scenario = "conn";
  outcome.seconds = 10;
  outcome.populations = {{"clients", 1000, 1000}};
  outcome.servers = {"mqtt://a:1883"};
  outcome.tally[Count::connects] = outcome.tally[Count::connected] = 1000;
  CHECK(text_of(outcome) ==
        "conn\n"
        "clients     1,000 clients on mqtt://a:1883\n"
        "measured    10.0 s, from 1970-01-01T00:00:00Z, run 00000000\n"
        "rates       connected 100/s\n"
        "counts      1,000 connected\n");
}

TEST_CASE("queued and retained messages have a rate of their own time") {
  LoadOutcome outcome;
  outcome.scenario = "retained";
  outcome.seconds = 2;
  outcome.replay_seconds = 0.5;
  outcome.tally.at(1, MessageCount::sent) = 1000;
  // None of it within the measured time.
  outcome.tally.at(1, MessageCount::received) = outcome.outside.at(1, MessageCount::received) = 4000;
  outcome.tally[Latency::replay].due.record(1000, 4000);
  CHECK(text_of(outcome).contains("rates       sent 500/s, replayed 8,000/s\n"));
  CHECK(parse_metric("replayed.rate")->value(outcome) == 8000);
  outcome.replay_seconds = 0;
  CHECK_FALSE(parse_metric("replayed.rate")->value(outcome));
}

TEST_CASE("other people's messages are a rate, and what the run is about where there are no others") {
  LoadOutcome outcome;
  outcome.scenario = "sub";
  outcome.seconds = 2;
  outcome.tally[Count::connects] = outcome.tally[Count::connected] = 1;
  outcome.outside[Count::connected] = 1;
  outcome.tally[Count::unstamped] = 301;
  outcome.outside[Count::unstamped] = 1;
  CHECK(text_of(outcome).contains("rates       foreign 150/s\n"));
  CHECK(parse_metric("rate")->value(outcome) == 150);
  CHECK(parse_metric("unstamped.rate")->value(outcome) == 150);
  outcome.tally.at(0, MessageCount::received) = 100;
  CHECK(text_of(outcome).contains("rates       received 50/s, foreign 150/s\n"));
  CHECK(parse_metric("rate")->value(outcome) == 50);
}

TEST_CASE("a clean run says so, and one that can't know what was lost says that") {
  LoadOutcome outcome;
  outcome.tally.at(2, MessageCount::sent) = outcome.tally.at(2, MessageCount::expected) = 5;
  outcome.tally.at(2, MessageCount::received) = 5;
  CHECK(text_of(outcome).contains("\n            none was lost, duplicated, reordered or corrupted\n"));
  outcome.accounted = false;
  CHECK(faults_text(outcome).ends_with("; whether some were lost is not known"));
  outcome.tally.at(2, MessageCount::duplicated) = 1;
  CHECK(text_of(outcome).contains("not every delivery is accounted for"));
}

TEST_CASE("that a run failed, and that its threads waited for a processor, is told") {
  LoadOutcome outcome = testing::outcome();
  CHECK_FALSE(text_of(outcome).contains("failed  "));
  outcome.failure = Error{.kind = ErrorKind::lost, .text = "all connections were lost: \x1b[31mclosed"};
  outcome.threads = {{.name = "load-1", .cpu_seconds = 1, .seconds = 10, .waited_seconds = 6}};
  const std::string text = text_of(outcome);
  CHECK(text.contains("\nfailed      all connections were lost: "));
  CHECK_FALSE(text.contains('\x1b'));
  CHECK(text.contains("load-1 10 % (waited 60 %)"));
}

TEST_CASE("a report stays short whatever happened") {
  LoadOutcome outcome = testing::outcome();
  for (std::size_t i = 0; i < latency_kinds; ++i)
    outcome.tally.latencies[i] = outcome.tally[Latency::end_to_end];
  outcome.violations.assign(100, outcome.violations.front());
  for (Breach& breach : outcome.violations) breach.last = breach.first + 1;
  outcome.violation_count = 1234;
  for (int i = 0; i < 100; ++i) {
    outcome.errors["error " + std::to_string(i)] = 1;
    outcome.threads.push_back({"load-" + std::to_string(i), 1, 10});
    outcome.clocks.push_back({static_cast<std::uint32_t>(i), 1, 1});
    outcome.populations.push_back({"more", 1, 1});
    outcome.servers.emplace_back("mqtt://b");
    outcome.notes.emplace_back("a note");
  }
  const std::string text = text_of(outcome);
  CHECK(std::ranges::count(text, '\n') <= 70);
  CHECK(text.contains("and 1,224 more\n"));
  CHECK(text.contains("and 97 more kinds\n"));
  CHECK(text.contains("; all 102 on average"));
  CHECK(text.contains("of 120 clients") == false);
  CHECK(text.contains("120 clients (publishers 10, subscribers 10, more 1,"));
}

TEST_CASE("colour comes only when it is asked for, and nothing foreign reaches the terminal") {
  LoadOutcome outcome = testing::outcome();
  CHECK_FALSE(text_of(outcome).contains('\x1b'));
  CHECK(text_of(outcome, true).contains("\x1b[34mrates\x1b[0m"));
  outcome.title = outcome.scenario = "\x1b[31m";
  outcome.servers = {"\x1b]0;x\x07"};
  outcome.errors = {{"it's \"bad\" \x9b\\", 1}};
  outcome.notes = {"\x1b"};
  outcome.limit.why = outcome.threads[0].name = outcome.populations[0].name = "\x1b";
  const std::string text = text_of(outcome);
  CHECK_FALSE(text.contains('\x1b'));
  CHECK_FALSE(text.contains('\x9b'));
  CHECK(text.contains("it's \"bad\" \\x9b\\\n"));
}

TEST_CASE("amounts have three digits that count") {
  CHECK(time_text(0) == "0 us");
  CHECK(time_text(7) == "7 us");
  CHECK(time_text(2.25) == "2.2 us");
  CHECK(time_text(999) == "999 us");
  CHECK(time_text(999.6) == "1.00 ms");
  CHECK(time_text(12'345) == "12.3 ms");
  CHECK(time_text(99'960) == "100 ms");
  CHECK(time_text(999'500) == "1.00 s");
  CHECK(time_text(75e6) == "75.0 s");
  CHECK(time_text(1830e6) == "1,830 s");
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(scaled(0) == "0");
  CHECK(scaled(0.25) == "0.25");
  CHECK(scaled(12) == "12");
  CHECK(scaled(999.5) == "1.00 k");
  CHECK(scaled(123'456) == "123 k");
  CHECK(scaled(9.999e6) == "10.0 M");
  CHECK(scaled(2e12) == "2,000 G");
  CHECK(rate_text(0.5) == "0.5/s");
  CHECK(rate_text(12345.6) == "12,346/s");
  CHECK(rate_text(999, true) == "999 B/s");
  CHECK(rate_text(1e6, true) == "1.00 MB/s");
  CHECK(seconds_text(3600) == "3,600");
  CHECK(so_many(1, "client") == "1 client");
  CHECK(shown("a\nb'c\\") == "a\\x0ab'c\\");
}

TEST_CASE("breaches are told with stream and number") {
  using enum Breach::Kind;
  CHECK(sentence({lost, 1, 7, 5, 5, 3}) == "QoS 1: message 5 of stream 7 never reached client 3");
  CHECK(sentence({duplicated, 2, 7, 5, 6, 3}) ==
        "QoS 2: messages 5 to 6 of stream 7 came again each to client 3");
  CHECK(sentence({reordered, 0, 0, 5, 5, 3}) ==
        "QoS 0: message 5 of stream 0 came after a later one to client 3");
  CHECK(sentence({corrupted, 0, 0, 5, 5, 3}) == "QoS 0: message 5 of stream 0 came changed to client 3");
}
