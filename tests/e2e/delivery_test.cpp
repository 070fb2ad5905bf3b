// Publish and subscribe against mosquitto, in every version and QoS, from every source.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

TEST_CASE("[MQTT-4.2.0-1][MQTT311-7.1.2-1][MQTT311-7.0.0-2] every source arrives at every version and QoS") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string file = dir.write("payload", "from a file\nof two lines");
  for (const char* version : {"31", "311", "5"}) {
    for (const char* qos : {"0", "1", "2"}) {
      CAPTURE(std::string(version));
      CAPTURE(std::string(qos));
      const std::string id = std::string("reader-") + version + "-" + qos;
      const Arguments options{"-V", version, "-q", qos};
      const auto publish = [&](Arguments more, Bytes input = {}) {
        more.insert(more.begin(), options.begin(), options.end());
        return run(with_input(pub(broker.port(), more), input)).code;
      };
      Process reader(sub(broker.port(),
                         {"-V", version, "-q", qos, "-i", id, "-t", "all/#", "-C", "9", "-F", "%t %q <%p>"}));
      broker.await_subscription(id, "all/#");

      CHECK(publish({"-t", "all/m", "-m", "hello"}) == 0);
      CHECK(publish({"-t", "all/f", "-f", file}) == 0);
      CHECK(publish({"-t", "all/s", "-s"}, "whole\nstdin\n") == 0);
      CHECK(publish({"-t", "all/l", "-l"}, "first\nsecond\n") == 0);
      CHECK(publish({"-t", "all/n", "-n"}) == 0);
      CHECK(publish({"-t", "all/x", "-t", "all/y", "-m", "both"}) == 0);
      CHECK(publish({"-t", "all/e", "-m", ""}) == 0);

      const Outcome outcome = reader.wait();
      CHECK(outcome.code == 0);
      CHECK(outcome.err == "");
      std::string expected =
          "all/m Q <hello>\nall/f Q <from a file\nof two lines>\nall/s Q <whole\nstdin\n>\nall/l Q <first>\n"
          "all/l Q <second>\nall/n Q <>\nall/x Q <both>\nall/y Q <both>\nall/e Q <>\n";
      for (std::size_t at = expected.find(" Q "); at != expected.npos; at = expected.find(" Q ", at))
        expected.replace(at, 3, std::string(" ") + qos + " ");
      CHECK(outcome.out == expected);
    }
  }
}

TEST_CASE("--repeat sends a message several times, to each topic in turn") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "r/#", "-v", "-C", "6"}));
  broker.await_subscription("reader", "r/#");
  CHECK(run(pub(broker.port(), {"-q", "1", "-t", "r/a", "-t", "r/b", "-m", "x", "--repeat", "3"})).code == 0);
  CHECK(reader.wait().out == "r/a x\nr/b x\nr/a x\nr/b x\nr/a x\nr/b x\n");
}

TEST_CASE("--repeat-delay lies between two sendings, not behind the last") {
  if (!have_mosquitto()) return;
  const Mosquitto broker;
  const Outcome outcome =
      run(pub(broker.port(), {"-t", "r", "-m", "x", "--repeat", "2", "--repeat-delay", "0.3"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.wall >= std::chrono::milliseconds(300));
  CHECK(outcome.wall < std::chrono::seconds(5));
}

TEST_CASE("standard output is data alone: messages and nothing else, even with -d") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-d", "-i", "reader", "-t", "d", "-C", "1"}));
  broker.await_subscription("reader", "d");
  const Outcome sent = run(pub(broker.port(), {"-d", "-t", "d", "-m", "x", "-q", "1"}));
  CHECK(sent.out == "");
  for (const char* packet : {"CONNECT", "CONNACK", "PUBLISH", "PUBACK", "DISCONNECT"})
    CHECK(holds(sent.err, packet));
  const Outcome received = reader.wait();
  CHECK(received.out == "x\n");
  for (const char* packet : {"CONNECT", "CONNACK", "SUBSCRIBE", "SUBACK", "PUBLISH"})
    CHECK(holds(received.err, packet));
}

TEST_CASE("-q 2 subscribed, -q 1 published: the lower one counts") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "q", "-q", "2", "-C", "2", "-F", "%q %p"}));
  broker.await_subscription("reader", "q");
  CHECK(run(pub(broker.port(), {"-t", "q", "-q", "1", "-m", "a"})).code == 0);
  CHECK(run(pub(broker.port(), {"-t", "q", "-q", "0", "-m", "b"})).code == 0);
  CHECK(reader.wait().out == "1 a\n0 b\n");
}

TEST_CASE("a URL says host, port and topic") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const std::string url = "mqtt://127.0.0.1:" + std::to_string(broker.port()) + "/url/%74opic";
  Process reader(sub({"-L", url, "-i", "reader", "-C", "1", "-v"}));
  broker.await_subscription("reader", "url/topic");
  CHECK(run(pub({"-L", url, "-m", "x"})).code == 0);
  CHECK(reader.wait().out == "url/topic x\n");
}
