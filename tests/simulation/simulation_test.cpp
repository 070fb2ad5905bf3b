// Many seeds of session against broker. MQTTKIT_SIM_SEEDS=n runs n of them, MQTTKIT_SIM_FIRST=k begins with
// seed k: a seed that fails is printed, and runs again exactly as it did with MQTTKIT_SIM_FIRST=seed
// MQTTKIT_SIM_SEEDS=1.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "world.hpp"

namespace mq {

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : parse_number<std::uint64_t>(value).value_or(otherwise);
}

// How many of `seeds` seeds show that something is wrong.
std::size_t noticed(Mutation mutation, std::uint64_t seeds) {
  std::size_t count = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    count += simulate(seed, mutation).violation.empty() ? 0 : 1;
  return count;
}

}  // namespace

TEST_CASE("nothing is lost or doubled, whatever the network does") {
  const std::uint64_t first = from_environment("MQTTKIT_SIM_FIRST", 1);
  const std::uint64_t seeds = from_environment("MQTTKIT_SIM_SEEDS", 2000);
  Outcome all;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const Outcome outcome = simulate(seed);
    if (!outcome.violation.empty())
      FAIL_CHECK("MQTTKIT_SIM_FIRST=" << seed << " MQTTKIT_SIM_SEEDS=1: " << outcome.violation);
    all.published += outcome.published;
    all.arrived += outcome.arrived;
    all.connections += outcome.connections;
    all.doubles += outcome.doubles;
  }
  MESSAGE(seeds << " seeds: " << all.published << " published, " << all.arrived << " arrived, "
                << all.connections << " connections, " << all.doubles << " possible doubles");
  if (seeds < 100) return;
  // The accidents have happened.
  CHECK(all.published > seeds * 20);
  CHECK(all.arrived > seeds * 20);
  CHECK(all.connections > seeds * 5);
  CHECK(all.doubles > 0);
}

TEST_CASE("a seed runs the same each time") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) CHECK(simulate(seed).trace == simulate(seed).trace);
}

TEST_CASE("a copy of a session at any moment goes on as the session would have") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const Outcome original = simulate(seed);
    const Outcome copied = simulate(seed, Mutation::none, true);
    CHECK(copied.violation == original.violation);
    CHECK(copied.trace == original.trace);
  }
}

TEST_CASE("the simulation notices what is wrong") {
  for (const Mutation mutation : {Mutation::broker_forgets_identifiers, Mutation::broker_loses_a_message,
                                  Mutation::broker_doubles_a_message, Mutation::pubrel_resends_vanish}) {
    CAPTURE(static_cast<int>(mutation));
    const std::size_t count = noticed(mutation, 100);
    MESSAGE("mutation " << static_cast<int>(mutation) << " is noticed by " << count << " of 100 seeds");
    CHECK(count >= 10);
  }
}

}  // namespace mq
