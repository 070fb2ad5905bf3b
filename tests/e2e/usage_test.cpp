// What is known to be wrong before a connection is made: 2, one clear error, and no connection.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

TEST_CASE("--help and --version answer on stdout with 0") {
  for (const Launch& launch : {pub({"--help"}), sub({"--help"})}) {
    const Outcome help = run(launch);
    CHECK(help.code == 0);
    CHECK(help.err == "");
    for (const char* option : {"--host", "--qos", "--will-topic", "--retries"})
      CHECK(holds(help.out, option));
  }
  CHECK(holds(run(pub({"--version"})).out, "mqtt-pub"));
  CHECK(holds(run(sub({"--version"})).out, "mqtt-sub"));
  CHECK(run(pub({"--version"})).code == 0);
}

TEST_CASE(
    "[MQTT-3.3.2-2][MQTT-4.7.3-1][MQTT-1.5.4-1][MQTT-3.1.3-4][MQTT-3.1.3-12][MQTT-3.3.2-8][MQTT-3.3.2-14]["
    "MQTT311-3.3.2-2][MQTT311-4.7.1-1]"
    "[MQTT311-4.7.3-1][MQTT311-3.1.3-4][MQTT311-3.1.3-11][MQTT311-3.1.2-22][MQTT311-3.1.3-7] impossible "
    "orders to mqtt-pub") {
  FakeBroker broker;
  const TempDir dir;
  const std::vector<Arguments> impossible{
      {"-m", "x"},  // no topic
      {"-t", "t"},  // no message
      {"-t", "t/#", "-m", "x"},
      {"-t", "t/+/u", "-m", "x"},
      {"-t", "", "-m", "x"},
      {"-t", "t\xFF", "-m", "x"},
      {"-t", "t", "-m", "x", "-i", "\xC0\x80"},
      {"-t", "t", "-m", "x", "-u", "\xFF\xFE"},
      {"-t", "t", "-m", "x", "-q", "3"},
      {"-t", "t", "-m", "x", "-q", ""},
      {"-t", "t", "-m", "x", "-V", "4"},
      {"-t", "t", "-m", "x", "-W", "0"},
      {"-t", "t", "-m", "x", "-W", "soon"},
      {"-t", "t", "-m", "x", "-k", "65536"},
      {"-t", "t", "-m", "x", "-k", "-1"},
      {"-t", "t", "-m", "x", "-p", "0"},
      {"-t", "t", "-m", "x", "-p", "65536"},
      {"-t", "t", "-m", "x", "-n"},  // two sources
      {"-t", "t", "-m", "x", "-l"},
      {"-t", "t", "-l", "--repeat", "2"},
      {"-t", "t", "-m", "x", "--repeat", "0"},
      {"-t", "t", "-f", dir.file("missing")},
      {"-t", "t", "-f", dir.path()},                        // a directory
      {"-t", "t", "-m", "x", "-c"},                         // a session without an id
      {"-t", "t", "-m", "x", "-V", "311", "-P", "secret"},  // a password without a user name
      {"-t", "t", "-m", "x", "--no-such-option"},
      {"-t", "t", "-m", "x", "stray"},
      {"-t"},
      {"-t", "t", "-m", "x", "-D", "publish", "no-such-property", "1"},
      {"-t", "t", "-m", "x", "-D", "publish", "topic-alias", "0"},
      {"-t", "t", "-m", "x", "-D", "publish", "response-topic", "a/#"},
      {"-t", "t", "-m", "x", "-D", "publish", "receive-maximum", "1"},
      {"-t", "t", "-m", "x", "-D", "connect", "receive-maximum", "0"},
      {"-t", "t", "-m", "x", "-D", "publish", "subscription-identifier", "1"},
      {"-t", "t", "-m", "x", "-D", "nowhere", "user-property", "k", "v"},
      {"-t", "t", "-m", "x", "-D", "publish", "user-property", "k"},
      {"-t", "t", "-m", "x", "-L", "http://127.0.0.1/t"},
      {"-t", "t", "-m", "x", "-L", "mqtt://127.0.0.1:port/t"},
      {"-t", "t", "-m", "x", "-o", dir.file("missing")},
      {"-t", "t", "-m", "x", "--unix", std::string(200, 's')}};
  for (const Arguments& arguments : impossible) {
    std::string shown;
    for (const std::string& word : arguments) shown += ' ' + word;
    CAPTURE(shown);
    const Outcome outcome = run(pub(broker.port(), arguments));
    CHECK(failed_with(outcome, 2));
    CHECK(outcome.out == "");
  }
  CHECK(broker.connections() == 0);
}

TEST_CASE(
    "[MQTT-3.8.3-1][MQTT-3.8.3-2][MQTT-3.10.3-1][MQTT-4.7.1-1][MQTT-4.7.1-2][MQTT311-3.8.3-1][MQTT311-3.8.3-"
    "3][MQTT311-3.10.3-1]"
    "[MQTT311-4.7.1-2][MQTT311-4.7.1-3] impossible orders to mqtt-sub") {
  FakeBroker broker;
  const std::vector<Arguments> impossible{{},
                                          {"-t", ""},
                                          {"-t", "a#"},
                                          {"-t", "a/#/b"},
                                          {"-t", "#/a"},
                                          {"-t", "a+"},
                                          {"-t", "+a/b"},
                                          {"-t", "\xC3\x28"},
                                          {"-t", "t", "-U", "\xC3\x28"},
                                          {"-t", "t", "-U", "a#"},
                                          {"-t", "t", "-T", "a#"},
                                          {"-t", "t", "-C", "0"},
                                          {"-t", "t", "-C", "many"},
                                          {"-t", "t", "-F", "%"},
                                          {"-t", "t", "-F", "%?"},
                                          {"-t", "t", "-F", "\\q"},
                                          {"-t", "t", "-R", "--retained-only"},
                                          {"-t", "t", "--random-filter", "0"},
                                          {"-t", "t", "--random-filter", "101"},
                                          {"-t", "t", "--retain-handling", "sometimes"},
                                          {"-t", "t", "-x", "soon"},
                                          {"-t", "t", "--retries", "some"},
                                          {"-t", "t", "--retry-delay", "2:1"},
                                          {"-t", "t", "--connect-timeout", "0"},
                                          {"-t", "t", "-D", "subscribe", "subscription-identifier", "0"},
                                          {"-t", "t", "-D", "publish", "content-type", "x"}};
  for (const Arguments& arguments : impossible) {
    std::string shown;
    for (const std::string& word : arguments) shown += ' ' + word;
    CAPTURE(shown);
    CHECK(failed_with(run(sub(broker.port(), arguments)), 2));
  }
  CHECK(broker.connections() == 0);
}

TEST_CASE("values reach an option byte for byte") {
  FakeBroker broker;
  struct Order {
    Arguments arguments;
    std::string topic, payload;
  };
  const std::vector<Order> orders{
      {{"-t", "[a,b]", "-m", "x"}, "[a,b]", "x"},
      {{"-t", "a,b", "-m", "{\"k\": [1, 2]}"}, "a,b", "{\"k\": [1, 2]}"},
      {{"-t", "t", "-m", "-n"}, "t", "-n"},
      {{"-t", "t", "-m", "--help"}, "t", "--help"},
      {{"-t", "t", "-m", "--"}, "t", "--"},
      {{"-t", "t", "-m", ""}, "t", ""},
      {{"-t", "t", "-m", "\"quoted\" 'twice' `$x` \\n %d"}, "t", "\"quoted\" 'twice' `$x` \\n %d"},
      {{"--topic=a=b", "--message=c=d"}, "a=b", "c=d"},
      {{"-ta/b", "-m\xFF\xFE"}, "a/b", "\xFF\xFE"},
      {{"-t", "  t  ", "-m", " x\n", "--lint", "off"}, "  t  ", " x\n"}};
  std::size_t count = 0;
  for (const auto& [arguments, topic, payload] : orders) {
    CAPTURE(std::string(topic));
    CAPTURE(payload);
    const Outcome outcome = run(pub(broker.port(), arguments));
    CHECK(outcome.code == 0);
    CHECK(outcome.err == "");
    if (outcome.code != 0) continue;
    const RecordPtr record = broker.await(PacketType::publish, ++count);
    CHECK(record->as<Publish>().topic == topic);
    CHECK(record->as<Publish>().payload == payload);
  }
}

TEST_CASE("a file above what a packet can hold is refused without being read whole") {
  const TempDir dir;
  FakeBroker broker;
  const std::string file = dir.write("large", "");
  REQUIRE(run({.command = {"truncate", "-s", "300M", file}}).code == 0);
  CHECK(failed_with(run(pub(broker.port(), {"-t", "t", "-f", file})), 2));
  CHECK(broker.connections() == 0);
}

TEST_CASE("--quiet keeps the exit code and drops the words") {
  const Outcome outcome = run(pub({"--quiet", "-t", "t/#", "-m", "x"}));
  CHECK(outcome.code == 2);
  CHECK(outcome.err == "");
}
