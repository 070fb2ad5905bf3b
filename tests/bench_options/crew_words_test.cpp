// What a Run and its worker processes say to each other arrives as it was said.
#include "bench/crew_words.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "payload/json.hpp"

using namespace mq;

namespace {

// As it comes out at the other end of the link.
template <class Thing>
Value said(const Thing& thing) {
  Buffer line;
  append_json(to_value(thing), line);
  CHECK(line.find('\n') == Buffer::npos);
  auto value = parse_json(line, 20'000'000);
  REQUIRE(value.has_value());
  return std::move(*value);
}

bool equal(const Tally& left, const Tally& right) {
  return left.counts == right.counts && left.messages == right.messages &&
         std::ranges::equal(left.latencies, right.latencies, [](const Timing& a, const Timing& b) {
           return a.due == b.due && a.done == b.done;
         });
}

}  // namespace

TEST_CASE("orders, and how far the clients are") {
  const CrewOrder go{.what = CrewOrder::What::go,
                     .population = 3,
                     .when = Time(Duration(123'456'789'012)),
                     .measured_from = Time::max(),
                     .facts = {}};
  const CrewOrder back = order_of(said(go));
  CHECK(back.what == go.what);
  CHECK(back.population == go.population);
  CHECK(back.when == go.when);
  CHECK(back.measured_from == go.measured_from);

  const auto progress = progress_of(said(std::vector<Progress>{
      {.clients = 6, .ready = 5, .finished = 4, .open = 3, .came = 2, .spent = 1}, {}}));
  REQUIRE(progress.size() == 2);
  CHECK(progress[0].clients == 6);
  CHECK(progress[0].ready == 5);
  CHECK(progress[0].finished == 4);
  CHECK(progress[0].open == 3);
  CHECK(progress[0].came == 2);
  CHECK(progress[0].spent == 1);
}

TEST_CASE("what was counted, with every bucket filled") {
  Crew::Part part{.tally = std::make_unique<Tally>(),
                  .threads = {{.name = "load-1", .cpu_seconds = 1.25, .waited_seconds = 0.5}},
                  .sockets = {.busy = 3, .peer_full = 2, .retransmitted = 1},
                  .delays = {.late = 5, .held = 4},
                  .replay = {.first = Time(Duration(5)), .last = Time(Duration(9))}};
  for (Timing& timing : part.tally->latencies)
    for (std::uint64_t value = 1; value < Histogram::most; value += value < 2048 ? 1 : value / 2048)
      timing.record(value, value);
  std::ranges::fill(part.tally->counts, 7);
  const Crew::Part back = part_of(said(part));
  CHECK(equal(*back.tally, *part.tally));
  REQUIRE(back.threads.size() == 1);
  CHECK(back.threads[0].name == "load-1");
  CHECK(back.threads[0].cpu_seconds == 1.25);
  CHECK(back.threads[0].waited_seconds == 0.5);
  CHECK(back.sockets.peer_full == 2);
  CHECK(back.delays.late == 5);
  CHECK(back.delays.held == 4);
  CHECK(back.replay.first == part.replay.first);
  CHECK(back.replay.last == part.replay.last);
  // A crew that is lost says nothing at all.
  CHECK(equal(*part_of(Value::object()).tally, Tally()));
}

TEST_CASE("verdicts, with the kinds of their errors, and why nothing could be done") {
  Troop::Verdict verdict;
  verdict.breaches = {{Breach::Kind::reordered, 2, 5, 6, 7, 8}};
  verdict.breach_count = 9;
  verdict.errors = {{"refused \"\xc3\xa9\"", 3}, {"closed", 1}};
  verdict.kinds = {{"refused \"\xc3\xa9\"", ErrorKind::refused}, {"closed", ErrorKind::lost}};
  verdict.unacknowledged = {0, 1, 2};
  verdict.falls = {{}, {.stood = 1, .fallen = 2, .ever = 3, .kind = ErrorKind::tls, .why = "no \xc3\xa9"}};
  const Troop::Verdict back = verdict_of(said(verdict));
  REQUIRE(back.breaches.size() == 1);
  CHECK(back.breaches[0].kind == Breach::Kind::reordered);
  CHECK(back.breaches[0].subscriber == 8);
  CHECK(back.breach_count == 9);
  CHECK(back.errors == verdict.errors);
  CHECK(back.kinds == verdict.kinds);
  CHECK(back.unacknowledged == verdict.unacknowledged);
  REQUIRE(back.falls.size() == 2);
  CHECK(back.falls[0].fallen == 0);
  CHECK(back.falls[1].stood == 1);
  CHECK(back.falls[1].fallen == 2);
  CHECK(back.falls[1].ever == 3);
  CHECK(back.falls[1].kind == ErrorKind::tls);
  CHECK(back.falls[1].why == "no \xc3\xa9");

  const auto failure = failure_of(said(Error{.kind = ErrorKind::tls, .text = "no such file"}));
  REQUIRE(failure.has_value());
  CHECK(failure->kind == ErrorKind::tls);
  CHECK(failure->text == "no such file");
  CHECK(!failure_of(said(verdict)));
}

TEST_CASE("ranges whose end is before their beginning are none") {
  const auto parsed = parse_json(R"({"exceptions":[{"stream":2,"unsure":[0,1,2,7,2,9,9]}]})");
  REQUIRE(parsed);
  const NumberRanges unsure = facts_of(*parsed).exceptions.at(2).unsure;
  REQUIRE(unsure.ranges().size() == 2);
  CHECK(unsure.ranges()[0] == NumberRanges::Range{1, 2});
  CHECK(unsure.ranges()[1] == NumberRanges::Range{9, 9});
}
