// Many seeds of session against broker. MQTTKIT_SIM_SEEDS=n runs n of them, MQTTKIT_SIM_FIRST=k begins with
// seed k. A seed that fails is printed with the shortest part of its schedule that still fails, and how to
// run just that: MQTTKIT_SIM_FIRST=k MQTTKIT_SIM_SEEDS=1 MQTTKIT_SIM_ACTS=3,17,90.
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

// The schedule of the seed, or the acts of it that are asked for.
Schedule schedule_asked(std::uint64_t seed) {
  const char* asked = std::getenv("MQTTKIT_SIM_ACTS");
  if (asked == nullptr) return schedule_of(seed);
  std::vector<std::size_t> numbers;
  for (std::string_view rest = asked; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    numbers.push_back(parse_number<std::size_t>(rest.substr(0, comma)).value_or(0));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return only(schedule_of(seed), numbers);
}

Schedule shortest(const Run& run, const Schedule& failing, const std::string& violation) {
  return shrunk(failing, [&](const Schedule& part) { return simulate(run, part).violation == violation; });
}

std::string report(const Run& run, const Schedule& failing, const std::string& violation) {
  const Schedule part = shortest(run, failing, violation);
  return "seed " + std::to_string(run.seed) + ": " + violation + "\n" + std::to_string(part.size()) + " of " +
         std::to_string(failing.size()) + " acts do it:\n" + in_words(part) +
         "again: MQTTKIT_SIM_FIRST=" + std::to_string(run.seed) +
         " MQTTKIT_SIM_SEEDS=1 MQTTKIT_SIM_ACTS=" + numbers_of(part);
}

struct Expected {
  Mutation mutation;
  std::string name;
  std::vector<std::string_view> violations;  // one of them must be seen
};

}  // namespace

TEST_CASE("nothing is lost or doubled, whatever the network does") {
  const std::uint64_t first = from_environment("MQTTKIT_SIM_FIRST", 1);
  const std::uint64_t seeds = from_environment("MQTTKIT_SIM_SEEDS", 2000);
  Outcome all;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const Schedule schedule = schedule_asked(seed);
    const Run run{.seed = seed};
    const Outcome outcome = simulate(run, schedule);
    if (!outcome.violation.empty()) FAIL_CHECK(report(run, schedule, outcome.violation));
    all.published += outcome.published;
    all.arrived += outcome.arrived;
    all.connections += outcome.connections;
    all.doubles += outcome.doubles;
    all.expired += outcome.expired;
    all.denied += outcome.denied;
    all.wrapped += outcome.wrapped;
  }
  MESSAGE(seeds << " seeds: " << all.published << " published, " << all.arrived << " arrived, "
                << all.connections << " connections, " << all.doubles << " possible doubles, " << all.expired
                << " expired, " << all.denied << " denied, " << all.wrapped << " times around the wrap");
  if (seeds < 1000) return;
  // The accidents have happened.
  CHECK(all.published > seeds * 20);
  CHECK(all.arrived > seeds * 20);
  CHECK(all.connections > seeds * 5);
  CHECK(all.doubles > 0);
  CHECK(all.expired > seeds / 10);
  CHECK(all.denied > seeds / 10);
  CHECK(all.wrapped > 0);
}

TEST_CASE("a seed runs the same each time") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    CHECK(simulate({.seed = seed}).trace == simulate({.seed = seed}).trace);
}

TEST_CASE("a copy of a session at any moment goes on as the session would have") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const Outcome original = simulate({.seed = seed});
    const Outcome copied = simulate({.seed = seed, .copies = true});
    CHECK(copied.violation == original.violation);
    CHECK(copied.trace == original.trace);
  }
}

TEST_CASE("each check notices the fault that is made for it") {
  using enum Mutation;
  const std::vector<Expected> table = {
      {broker_forgets_identifiers,
       "broker_forgets_identifiers",
       {"more QoS 2 publishes were doubled than could be known"}},
      {broker_loses_a_message,
       "broker_loses_a_message",
       {"a publish was lost", "a publish ended that the broker never had"}},
      {broker_doubles_a_message, "broker_doubles_a_message", {"a QoS 2 message was delivered twice"}},
      {broker_delivers_out_of_order, "broker_delivers_out_of_order", {"deliveries came out of order"}},
      {broker_forgets_aliases, "broker_forgets_aliases", {"a topic alias of nothing"}},
      {broker_keeps_aliases, "broker_keeps_aliases", {"broken: the server used a topic alias"}},
      {broker_sends_too_large, "broker_sends_too_large", {"broken: "}},
      {broker_exceeds_receive_maximum,
       "broker_exceeds_receive_maximum",
       {"broken: the server sent more at QoS 1 and 2"}},
      {pubrel_resends_vanish,
       "pubrel_resends_vanish",
       {"a publish was lost", "what is open does not come to an end"}},
      {publishes_change_places, "publishes_change_places", {"publishes came out of order"}},
      {acknowledgements_change_places,
       "acknowledgements_change_places",
       {"PUBACK is not in the order of arrival", "PUBREC is not in the order of arrival"}},
      {releases_change_places, "releases_change_places", {"PUBREL is not in the order of arrival"}},
      {identifiers_collide, "identifiers_collide", {"an identifier is in use twice"}},
      {receive_maximum_untold, "receive_maximum_untold", {"more goes out than the receive maximum allows"}},
      {packet_size_untold, "packet_size_untold", {"a packet above the maximum packet size"}},
      {maximum_qos_untold, "maximum_qos_untold", {"a QoS above the maximum"}},
      {limits_of_before,
       "limits_of_before",
       {"a topic alias above the maximum", "more goes out than the receive maximum allows",
        "a QoS above the maximum", "a packet above the maximum packet size"}},
      {lost_session_untold, "lost_session_untold", {"more QoS 2 publishes were doubled than could be known"}},
      {expiry_prolonged, "expiry_prolonged", {"a publish goes out with more time than it has"}},
      {deadlines_untold, "deadlines_untold", {"a silent broker is not noticed"}},
      {bounds_untold, "bounds_untold", {"the output grows without bounds"}},
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.name);
    std::size_t seen = 0;
    std::string other;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      const std::string violation = simulate({.seed = seed, .mutation = expected.mutation}).violation;
      bool fits = false;
      for (const std::string_view text : expected.violations) fits = fits || violation.starts_with(text);
      if (fits)
        ++seen;
      else if (!violation.empty())
        other = violation;
    }
    MESSAGE(expected.name << " is noticed by " << seen << " of 300 seeds; otherwise: " << other);
    CHECK(seen >= 5);
  }
}

TEST_CASE("a run that fails shrinks to acts of which none can be spared, and fails again in the same way") {
  std::size_t shrunk_ones = 0;
  for (std::uint64_t seed = 1; seed <= 100 && shrunk_ones < 3; ++seed) {
    const Run run{.seed = seed, .mutation = Mutation::broker_doubles_a_message};
    const Schedule whole = schedule_of(seed);
    const std::string violation = simulate(run, whole).violation;
    if (violation.empty()) continue;
    ++shrunk_ones;
    const Schedule part = shortest(run, whole, violation);
    CAPTURE(report(run, whole, violation));
    CHECK(part.size() < whole.size() / 4);
    const Outcome again = simulate(run, part);
    CHECK(again.violation == violation);
    CHECK(again.trace == simulate(run, part).trace);
    std::vector<std::size_t> numbers;
    for (const Act& act : part) numbers.push_back(act.number);
    CHECK(numbers_of(only(whole, numbers)) == numbers_of(part));
    for (std::size_t spared = 0; spared < part.size(); ++spared) {
      Schedule fewer = part;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(spared));
      CHECK(simulate(run, fewer).violation != violation);
    }
  }
  CHECK(shrunk_ones == 3);
}

}  // namespace mq
