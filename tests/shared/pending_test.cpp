// Requests that wait for their answers, and the order in which what came of them is shown.
#include <doctest/doctest.h>

#include "rr/pending.hpp"
#include "rr/results.hpp"

using namespace mq;

namespace {

Time at(int seconds) { return Time{} + std::chrono::seconds(seconds); }

Request request(std::uint64_t number, const std::string& key, Time deadline) {
  Request made;
  made.number = number;
  made.key = key;
  made.deadline = deadline;
  return made;
}

}  // namespace

TEST_CASE("a request is found by its key until it is removed, and known of for a while") {
  PendingRequests pending;
  pending.add(request(1, "one", at(5)));
  pending.add(request(2, "two", at(3)));
  REQUIRE(pending.find("one") != nullptr);
  CHECK(pending.find("one")->number == 1);
  CHECK(pending.find("three") == nullptr);
  CHECK_FALSE(pending.was_there("one"));
  CHECK(pending.deadline() == at(3));
  CHECK(pending.remove(*pending.find("one")).number == 1);
  CHECK(pending.find("one") == nullptr);
  CHECK(pending.was_there("one"));
  CHECK(pending.size() == 1);
}

TEST_CASE("deadlines come in their order, also when they change") {
  PendingRequests pending;
  for (int i = 1; i <= 5; ++i)
    pending.add(request(static_cast<std::uint64_t>(i), std::to_string(i), at(10 - i)));
  pending.set_deadline(*pending.find("5"), at(20));
  CHECK(pending.overdue(at(5)) == nullptr);
  REQUIRE(pending.overdue(at(6)) != nullptr);
  CHECK(pending.overdue(at(6))->number == 4);
  CHECK(pending.keys() == std::vector<Buffer>{"1", "2", "3", "4", "5"});
  pending.remove(*pending.find("4"));
  CHECK(pending.deadline() == at(7));
}

TEST_CASE("what is known of who was dealt with is bounded") {
  PendingRequests pending;
  for (int i = 0; i < 5000; ++i) {
    pending.add(request(1, std::to_string(i), at(1)));
    pending.remove(*pending.find(std::to_string(i)));
  }
  CHECK(pending.empty());
  CHECK_FALSE(pending.was_there("0"));
  CHECK(pending.was_there("4999"));
  // A key that is used again and again takes one place.
  for (int i = 0; i < 5000; ++i) {
    pending.add(request(1, "same", at(1)));
    pending.remove(*pending.find("same"));
  }
  CHECK(pending.was_there("4000"));
}

TEST_CASE("results wait for their turn, and what comes of a failure is nothing") {
  Results results(true);
  Buffer out;
  results.done(2, true, "two ", out);
  results.done(4, true, "four ", out);
  CHECK(out == "");
  results.done(1, true, "one ", out);
  CHECK(out == "one two ");
  results.done(3, false, "", out);
  CHECK(out == "one two four ");
  CHECK(results.is_next(5));
  CHECK_FALSE(results.is_next(6));
  CHECK(Results(false).is_next(6));
  CHECK(results.failures() == 1);
  CHECK(results.summary() == "4 requests, 1 failed; 0 answers");
}

TEST_CASE("too much that waits is told") {
  Results results(true);
  Buffer out;
  results.done(2, true, Buffer(16U << 20, 'x'), out);
  CHECK(results.full());
  results.done(1, true, "", out);
  CHECK_FALSE(results.full());
  CHECK(out.size() == 16U << 20);
}
