// The topic lines of mosquitto's bridges: mqtt-bridge, with what import makes of them, carries the same
// messages to the same topics as mosquitto's own bridge.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "e2e/bridge_mosquitto.hpp"

using namespace mq;

namespace {

// What the checkers of both brokers got, and what is retained there at the end: "RETAIN QOS TOPIC PAYLOAD".
struct Seen {
  std::vector<std::string> local, remote, kept_local, kept_remote;
};

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

// Each topic at each QoS, retained or not.
std::string messages(const std::vector<std::string>& topics, std::string_view from) {
  std::string lines;
  for (const std::string& topic : topics)
    for (int qos = 0; qos < 3; ++qos)
      for (const std::string_view retain : {"false", "true"})
        lines += fmt::format(R"({{"topic":"{}","payload":"{} {} {}","qos":{},"retain":{}}})"
                             "\n",
                             topic, from, topic, qos, qos, retain);
  return lines;
}

class Observer {
 public:
  explicit Observer(Mosquitto& broker)
      : broker_(broker),
        checker_(sub(broker.port(),
                     {"-t", "#", "-q", "2", "-i", "checker", "--retain-as-published", "-F", "%r %q %t %p"})) {
    broker.await_subscription("checker", "#");
  }

  void publish(const std::string& lines) {
    CHECK(run(with_input(pub(broker_.port(), {"-l", "--input", "json"}), lines)).code == 0);
  }
  void say(const std::string& payload) {
    CHECK(run(pub(broker_.port(), {"-t", "zz/end", "-q", "2", "-m", payload})).code == 0);
  }
  void await(const std::string& payload) { checker_.await_out(' ' + payload + '\n'); }
  std::vector<std::string> came() const { return sorted_lines(checker_.out()); }

  std::vector<std::string> kept() {
    Process late(
        sub(broker_.port(), {"-t", "#", "-q", "2", "-i", "late", "--retained-only", "-F", "%r %q %t %p"}));
    broker_.await_subscription("late", "#");
    say("late");
    return sorted_lines(late.wait().out);
  }

 private:
  Mosquitto& broker_;
  Process checker_;
};

// `topics` are published on both sides. The section's last line carries "zz/end" both ways.
Seen seen(BridgedBy by, const BridgeSection& section, const std::vector<std::string>& topics) {
  SectionRun carried(by, section);
  carried.await_carrying();
  if (by == BridgedBy::mqtt_bridge) CHECK(carried.notes() == "");
  Observer local(carried.local), remote(carried.remote);
  local.publish(messages(topics, "local"));
  local.say("out");
  remote.await("out");
  remote.publish(messages(topics, "remote"));
  // Behind what comes back of what went there, and this behind what comes back of that.
  remote.say("in");
  local.await("in");
  local.say("out again");
  remote.await("out again");
  return {local.came(), remote.came(), local.kept(), remote.kept()};
}

std::string difference(const std::vector<std::string>& theirs, const std::vector<std::string>& ours) {
  std::vector<std::string> only;
  std::string text;
  std::ranges::set_difference(theirs, ours, std::back_inserter(only));
  for (const std::string& line : only) text += "mosquitto alone: " + line + '\n';
  only.clear();
  std::ranges::set_difference(ours, theirs, std::back_inserter(only));
  for (const std::string& line : only) text += "mqtt-bridge alone: " + line + '\n';
  return text;
}

void check_same(BridgeSection section, const std::vector<std::string>& topics) {
  section.lines += "topic zz/end both 2\n";
  section.local.emplace_back("zz/end");
  section.remote.emplace_back("zz/end");
  const Seen theirs = seen(BridgedBy::mosquitto, section, topics);
  const Seen ours = seen(BridgedBy::mqtt_bridge, section, topics);
  CAPTURE(section.lines);
  // That what was published at a broker is seen there proves nothing.
  CHECK(theirs.remote.size() + theirs.local.size() > 2 * 6 * topics.size() + 6);
  CHECK(difference(theirs.local, ours.local) == "");
  CHECK(difference(theirs.remote, ours.remote) == "");
  CHECK(difference(theirs.kept_local, ours.kept_local) == "");
  CHECK(difference(theirs.kept_remote, ours.kept_remote) == "");
}

}  // namespace

TEST_CASE("mosquitto.conf: directions, QoS and every valid row of the table of prefixes") {
  if (!have_mosquitto()) return;
  check_same(
      {.lines = "topic a\n"
                "topic b/# out 1 L/ R/\n"
                "topic c/# out 2 L/ \"\"\n"
                "topic d/# out 0 \"\" R/\n"
                "topic \"\" out 1 one/local one/remote\n"
                "topic e/# in\n"
                "topic f/# in 2 L/ R/\n"
                "topic g/# in 1 L/ \"\"\n"
                "topic h/# in 0 \"\" R/\n"
                "topic \"\" in 1 two/local two/remote\n"
                "topic +/k/+ out 2 \"\" R/\n",
       .local = {"a", "L/b/#", "L/c/#", "d/#", "one/local", "+/k/+"},
       .remote = {"e/#", "R/f/#", "g/#", "R/h/#", "two/remote"}},
      {"a",     "a/1",       "b/1",        "L/b/1",       "R/b/1",      "L/b",   "c/1/2",   "L/c/1", "d/1",
       "R/d/1", "one/local", "one/remote", "one/local/1", "e/1",        "L/f/1", "R/f/1/2", "f/1",   "g/1",
       "L/g/1", "R/h/1",     "h/1",        "two/local",   "two/remote", "m/k/n", "R/m/k/n"});
}

TEST_CASE("mosquitto.conf: both directions, whole trees and single topics") {
  if (!have_mosquitto()) return;
  check_same({.lines = "topic a/# both 0\n"
                       "topic b/# both 1 L/ R/\n"
                       "topic c/+ both 2 \"\" R/\n"
                       "topic \"\" both 2 one/local one/remote\n",
              .local = {"a/#", "L/b/#", "c/+", "one/local"},
              .remote = {"a/#", "R/b/#", "R/c/+", "one/remote"}},
             {"a/1", "b/1", "L/b/1", "R/b/1", "c/1", "R/c/1", "one/local", "one/remote"});
}

TEST_CASE("mosquitto.conf: an entire tree remapped, as its manual has it") {
  if (!have_mosquitto()) return;
  check_same({.lines = "topic # both 2 local/topic/ remote/topic/\n",
              .local = {"local/topic/#"},
              .remote = {"remote/topic/#"}},
             {"local/topic/1", "remote/topic/1/2", "topic"});
}

// The prefix can't be taken from it, so mosquitto puts the other one in front of all of it.
TEST_CASE(
    "mosquitto.conf: the topic above a remapped tree, of which its manual knows nothing, stays behind") {
  if (!have_mosquitto()) return;
  const BridgeSection section{.lines = "topic # out 1 L/ R/\ntopic zz/end both 2\n",
                              .local = {"L/#", "zz/end"},
                              .remote = {"zz/end"}};
  const Seen theirs = seen(BridgedBy::mosquitto, section, {"L"});
  const Seen ours = seen(BridgedBy::mqtt_bridge, section, {"L"});
  const auto lines = sorted_lines(difference(theirs.remote, ours.remote));
  CHECK(lines.size() == 6);  // each QoS, retained and not
  for (const std::string& line : lines) CHECK(holds(line, "R/L local L"));
}

TEST_CASE("mosquitto.conf: bridge_outgoing_retain false takes the retain flag of what goes out alone") {
  if (!have_mosquitto()) return;
  check_same({.lines = "bridge_outgoing_retain false\ntopic out/# out 1\ntopic in/# in 1\n",
              .local = {"out/#"},
              .remote = {"in/#"}},
             {"out/1", "in/1"});
}

TEST_CASE("mosquitto.conf: with and without try_private, and at each version, what was carried stays there") {
  if (!have_mosquitto()) return;
  for (const std::string options :
       {"try_private true\nbridge_protocol_version mqttv311\n", "bridge_protocol_version mqttv31\n",
        "try_private false\nbridge_protocol_version mqttv50\n"}) {
    CAPTURE(options);
    check_same({.lines = options + "topic a/# both 1\n", .local = {"a/#"}, .remote = {"a/#"}}, {"a/1"});
  }
}
