// Other people's clients and ours against the sink.
#include <algorithm>

#include "peers/mosquitto.hpp"
#include "peers/process.hpp"
#include "sink/sink_test.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

Launch launch(std::string program, const Sink& sink, std::vector<std::string> arguments, Bytes input = {}) {
  Launch made{.command = {std::move(program), "-h", "127.0.0.1", "-p", std::to_string(sink.port())},
              .environment = {{"HOME", "/nonexistent"}, {"XDG_CONFIG_HOME", "/nonexistent"}},
              .input = input.empty() ? Input::nothing : Input::bytes,
              .input_bytes = Buffer(input)};
  made.command.insert(made.command.end(), arguments.begin(), arguments.end());
  return made;
}

void await_subscriptions(const Sink& sink, std::uint64_t count) {
  Client probe(sink.port(), {});
  while (sink.counts().subscriptions < count) REQUIRE(probe.silent());
}

std::string lines(int count) {
  std::string text;
  for (int line = 0; line < count; ++line) text += std::to_string(line) + '\n';
  return text;
}

}  // namespace

TEST_CASE("mosquitto's clients and ours talk to each other through the sink, in every version and QoS") {
  if (!have_mosquitto()) return;
  struct Pair {
    const char *publisher, *subscriber;
  };
  constexpr int count = 500;
  for (const auto& [publisher, subscriber] :
       {Pair{"mosquitto_pub", MQTT_SUB}, Pair{MQTT_PUB, "mosquitto_sub"}, Pair{MQTT_PUB, MQTT_SUB}}) {
    for (const char* const version : {"311", "5"}) {
      for (const char* const qos : {"0", "1", "2"}) {
        CAPTURE(std::string(publisher) + " " + subscriber + " -V " + version + " -q " + qos);
        const auto sink = start();
        const std::string mosquitto = std::string("mqttv") + version;
        const auto version_of = [&](std::string_view program) {
          return program.starts_with("mosquitto") ? mosquitto : std::string(version);
        };
        Process reader(
            launch(subscriber, *sink,
                   {"-V", version_of(subscriber), "-q", qos, "-t", "all/+", "-C", std::to_string(count)}));
        await_subscriptions(*sink, 1);
        const Outcome sent = run(launch(
            publisher, *sink, {"-V", version_of(publisher), "-q", qos, "-t", "all/1", "-l"}, lines(count)));
        CHECK(sent.code == 0);
        const Outcome received = reader.wait();
        CHECK(received.code == 0);
        CHECK(received.out == lines(count));
      }
    }
  }
}

TEST_CASE("a hundred thousand lines at every QoS arrive, each once and in order") {
  constexpr int count = 100'000;
  for (const char* const qos : {"0", "1", "2"}) {
    CAPTURE(std::string(qos));
    const auto sink = start();
    std::vector<Process> readers;
    for (int reader = 0; reader < 2; ++reader)
      readers.emplace_back(launch(MQTT_SUB, *sink, {"-q", qos, "-t", "many/#", "-C", std::to_string(count)}));
    await_subscriptions(*sink, 2);
    const std::string text = lines(count);
    CHECK(run(launch(MQTT_PUB, *sink, {"-q", qos, "-t", "many/1", "-l"}, text)).code == 0);
    for (Process& reader : readers) CHECK(reader.wait().out == text);
    const std::size_t index = static_cast<std::size_t>(*qos - '0');
    CHECK(sink->counts().received[index] == count);
    CHECK(sink->counts().sent[index] == 2 * count);
  }
}
