// Filters as sets of topics: compared with what matches() says of many topics.
#include "bridge/filter_sets.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "wire/topic.hpp"

namespace mq {
namespace {

// All topics, or with wildcards all filters, of up to three levels.
std::vector<std::string> texts(const std::vector<std::string>& levels) {
  std::vector<std::string> all(levels.begin(), levels.end()), longest(all);
  for (int i = 0; i < 2; ++i) {
    std::vector<std::string> longer;
    for (const std::string& text : longest)
      for (const std::string& level : levels)
        if (!text.ends_with('#')) longer.push_back(text + "/" + level);
    longest = longer;
    all.insert(all.end(), longer.begin(), longer.end());
  }
  std::erase(all, "");
  return all;
}

}  // namespace

TEST_CASE("covers and overlap are what topics say") {
  const std::vector<std::string> filters = texts({"a", "$b", "", "+", "#"});
  const std::vector<std::string> topics = texts({"a", "$b", "", "c"});
  std::vector<std::vector<bool>> taken;
  for (const std::string& filter : filters) {
    std::vector<bool>& row = taken.emplace_back();
    for (const std::string& topic : topics) row.push_back(matches(filter, topic));
  }
  int wrong = 0;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    for (std::size_t j = 0; j < filters.size(); ++j) {
      bool all = true, any = false;
      for (std::size_t k = 0; k < topics.size(); ++k) {
        all = all && (!taken[j][k] || taken[i][k]);
        any = any || (taken[j][k] && taken[i][k]);
      }
      // The one topic that these would have in common is empty, which none is.
      if (filters[i] + filters[j] == "+/#" || filters[i] + filters[j] == "/#+") continue;
      // Topics of more levels than these would tell "a/+/+" from "a/+/#": covers() may say less.
      const bool right = (!covers(filters[i], filters[j]) || all) && overlap(filters[i], filters[j]) == any;
      if (!right && ++wrong < 9) CHECK_MESSAGE(right, filters[i], " and ", filters[j]);
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("covers") {
  CHECK(covers("#", "a/+/b"));
  CHECK(covers("a/#", "a"));
  CHECK(covers("a/#", "a/#"));
  CHECK(covers("+/b", "a/b"));
  CHECK(covers("a/+/+", "a/+/b"));
  CHECK_FALSE(covers("a", "a/#"));
  CHECK_FALSE(covers("+", "#"));
  CHECK_FALSE(covers("a/b", "a/+"));
  CHECK_FALSE(covers("#", "$SYS/#"));
  CHECK(covers("$SYS/#", "$SYS/broker/+"));
}

}  // namespace mq
