// More lines than there are packet identifiers, through mosquitto, counted at the far end.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

// More than there are packet identifiers.
constexpr int many = 70'000;

Buffer numbered_lines() {
  Buffer lines;
  for (int i = 0; i < many; ++i) fmt::format_to(std::back_inserter(lines), "line {:06}\n", i);
  return lines;
}

void all_lines_arrive(const char* version, const char* qos) {
  CAPTURE(std::string(version));
  CAPTURE(std::string(qos));
  Mosquitto broker;
  const TempDir dir;
  const Buffer lines = numbered_lines();
  Process reader(
      sub(broker.port(), {"-V", version, "-i", "reader", "-t", "l", "-q", qos, "-C", std::to_string(many)}));
  broker.await_subscription("reader", "l");
  Launch sending = pub(broker.port(), {"-V", version, "-t", "l", "-q", qos, "-l"});
  sending.input = Input::file;
  sending.input_path = dir.write("lines", lines);
  CHECK(run(sending, 100s).code == 0);
  const Outcome outcome = reader.wait(100s);
  CHECK(outcome.code == 0);
  CHECK((outcome.out == lines));
}

}  // namespace

TEST_CASE("70,000 lines arrive at QoS 0, in order") {
  if (have_mosquitto()) all_lines_arrive("5", "0");
}

TEST_CASE(
    "[MQTT-2.2.1-3][MQTT-4.3.2-1] 70,000 lines, more than there are identifiers, arrive at QoS 1, in "
    "order") {
  if (have_mosquitto()) all_lines_arrive("5", "1");
}

TEST_CASE(
    "[MQTT311-2.3.1-2] 70,000 lines, more than there are identifiers, arrive at QoS 2, in "
    "order") {
  if (have_mosquitto()) all_lines_arrive("311", "2");
}
