#include "report/csv.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "report/outcomes.hpp"

using namespace mq;

namespace {

std::vector<std::string> lines_of(const LoadOutcome& outcome) {
  Buffer out;
  append_csv(outcome, out);
  std::istringstream in(out);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("a series has a row for each interval below its header") {
  LoadOutcome outcome;
  outcome.started = 1'790'000'000'250'000;
  Interval first{.at = 1.0005, .seconds = 1.0005, .open = 3};
  first.counts[static_cast<std::size_t>(Count::bytes_sent)] = 80;
  first.messages[static_cast<std::size_t>(MessageCount::sent)] = 1;
  first.due[static_cast<std::size_t>(Latency::end_to_end)] = {1, 2, 3, 4, 5, 6};
  Interval second{.at = 2, .seconds = 1, .open = 2};
  second.done[static_cast<std::size_t>(Latency::end_to_end)] = {7, 8, 9, 10, 11, 12};
  outcome.series = {first, second};
  const auto lines = lines_of(outcome);
  REQUIRE(lines.size() == 3);
  CHECK(
      lines[0] ==
      "unix_s,at_s,length_s,open,bytes_sent,sent,e2e_count,e2e_p50_us,e2e_p90_us,e2e_p99_us,e2e_p99_9_us,"
      "e2e_max_us,e2e_uncorrected_count,e2e_uncorrected_p50_us,e2e_uncorrected_p90_us,e2e_uncorrected_p99_us,"
      "e2e_uncorrected_p99_9_us,e2e_uncorrected_max_us");
  CHECK(lines[1].ends_with(",3,80,1,1,2,3,4,5,6,0,,,,,"));
  CHECK(lines[2] == "1790000002.250,2.000,1.000,2,0,0,0,,,,,,7,8,9,10,11,12");
}

TEST_CASE("all rows have as many cells as the header") {
  const auto lines = lines_of(testing::outcome());
  CHECK(lines.size() == 11);
  for (const std::string& line : lines)
    CHECK(std::ranges::count(line, ',') == std::ranges::count(lines[0], ','));
  CHECK(lines_of({}) == std::vector<std::string>{"unix_s,at_s,length_s,open"});
}
