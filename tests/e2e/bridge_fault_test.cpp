// The bridge dies at each step of both handshakes, by fault points that are compiled into mqtt-bridge-faults,
// and another goes on.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "e2e/bridge_crossing.hpp"

using namespace mq;

namespace {

// What has happened when it dies: the step itself, then that it is about to be committed, is, and has led to
// something that has left.
std::vector<std::string> all_faults(unsigned number) {
  std::vector<std::string> faults{fmt::format("arrived:{}", number), "connected:1", "connected:2",
                                  "connected:2,committing:1,committed:1"};
  // A message in; PUBREL in; an identifier given to a message out; PUBREC in; PUBACK or PUBCOMP in.
  for (const std::string_view step : {"taken", "released", "identified", "received", "ended"})
    for (const std::string_view then :
         {"", ",committing:1", ",committing:1,committed:1", ",committing:1,committed:1,written:1"})
      faults.push_back(fmt::format("{}:{}{}", step, number, then));
  return faults;
}

}  // namespace

TEST_CASE("wherever in a handshake the bridge dies: nothing is lost, at QoS 2 nothing comes twice") {
  if (!have_mosquitto()) return;
  std::vector<std::string> faults;
  for (const unsigned number : {1, 8, 37})
    for (std::string& fault : all_faults(number)) faults.push_back(std::move(fault));
  for (const std::string version : {"5", "311"}) {
    CAPTURE(version);
    // In each life as many as take it to its fault.
    constexpr std::size_t each_life = 4;
    const Numbered numbered{.topics = 10, .each = each_life * faults.size()};
    Crossing crossing({.version_a = version, .version_b = version, .numbered = numbered});
    const std::string lines = numbered.lines();
    std::size_t from = 0;
    for (const std::string& fault : faults) {
      CAPTURE(fault);
      Process carrier(crossing.bridge_that_dies(fault));
      std::size_t to = from;
      for (std::size_t i = 0; i < each_life * numbered.topics * 3; ++i) to = lines.find('\n', to) + 1;
      crossing.publish(lines.substr(from, to - from));
      from = to;
      CHECK(carrier.wait().signal == SIGKILL);
    }
    crossing.finish();
  }
}
