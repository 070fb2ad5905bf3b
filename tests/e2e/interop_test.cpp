// Mosquitto's own clients at the other end, both ways.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

TEST_CASE("mosquitto_pub to mqtt-sub, and mqtt-pub to mosquitto_sub, at every version and QoS") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const char* const names[][2] = {{"31", "mqttv31"}, {"311", "mqttv311"}, {"5", "mqttv5"}};
  for (const auto& [version, mosquitto_version] : names) {
    for (const char* qos : {"0", "1", "2"}) {
      CAPTURE(std::string(version));
      CAPTURE(std::string(qos));
      const std::string ours = std::string("ours") + version + qos,
                        theirs = std::string("theirs") + version + qos;
      Process our_reader(
          sub(broker.port(), {"-V", version, "-i", ours, "-t", "i/#", "-q", qos, "-v", "-C", "2"}));
      Process their_reader(mosquitto_sub(
          broker.port(), {"-V", mosquitto_version, "-i", theirs, "-t", "i/#", "-q", qos, "-v", "-C", "2"}));
      broker.await_subscription(ours, "i/#");
      broker.await_subscription(theirs, "i/#");
      CHECK(
          run(mosquitto_pub(broker.port(), {"-V", mosquitto_version, "-t", "i/1", "-q", qos, "-m", "theirs"}))
              .code == 0);
      CHECK(run(pub(broker.port(), {"-V", version, "-t", "i/2", "-q", qos, "-m", "ours"})).code == 0);
      CHECK(our_reader.wait().out == "i/1 theirs\ni/2 ours\n");
      CHECK(their_reader.wait().out == "i/1 theirs\ni/2 ours\n");
    }
  }
}

TEST_CASE("properties mean the same to both") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Arguments properties{"-V",
                             "5",
                             "-t",
                             "p",
                             "-m",
                             "x",
                             "-q",
                             "1",
                             "-D",
                             "publish",
                             "content-type",
                             "a/b",
                             "-D",
                             "publish",
                             "response-topic",
                             "r",
                             "-D",
                             "publish",
                             "correlation-data",
                             "c",
                             "-D",
                             "publish",
                             "user-property",
                             "k",
                             "v"};
  const char* format = "%C|%R|%D|%P|%p";
  Process our_reader(sub(broker.port(), {"-i", "ours", "-t", "p", "-C", "2", "-F", format}));
  Process their_reader(
      mosquitto_sub(broker.port(), {"-V", "5", "-i", "theirs", "-t", "p", "-C", "2", "-F", format}));
  broker.await_subscription("ours", "p");
  broker.await_subscription("theirs", "p");
  CHECK(run(mosquitto_pub(broker.port(), properties)).code == 0);
  CHECK(run(pub(broker.port(), properties)).code == 0);
  CHECK(our_reader.wait().out == "a/b|r|c|k:v|x\na/b|r|c|k:v|x\n");
  CHECK(their_reader.wait().out == "a/b|r|c|k:v|x\na/b|r|c|k:v|x\n");
}

TEST_CASE("the tokens of -F print what mosquitto_sub prints") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  for (const char* format :
       {"%t|%p|%q|%r|%l", "%5l|%05l|%-5l|", "%x|%X", "%12t|%-12t|", "%%|@@|\\t|\\\\", "%m"}) {
    CAPTURE(std::string(format));
    const Arguments reader{"-t", "f/g", "-q", "0", "-C", "1", "-F", format};
    Arguments ours = reader, theirs = reader;
    ours.insert(ours.end(), {"-i", "ours"});
    theirs.insert(theirs.end(), {"-i", "theirs"});
    const std::size_t before = broker.log().size();
    Process our_reader(sub(broker.port(), ours));
    Process their_reader(mosquitto_sub(broker.port(), theirs));
    broker.await_log(": ours 0 f/g\n", before);
    broker.await_log(": theirs 0 f/g\n", before);
    CHECK(run(pub(broker.port(), {"-t", "f/g", "-m", "pay\xC3\xA4load"})).code == 0);
    CHECK(our_reader.wait().out == their_reader.wait().out);
  }
}
