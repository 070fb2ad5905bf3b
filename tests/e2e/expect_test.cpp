// Expectations of a subscriber: what ends it, with which exit status, and in what words.
#include <doctest/doctest.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

struct Sent {
  std::string topic, payload;
};

void publish(const Mosquitto& broker, const std::vector<Sent>& messages) {
  for (const Sent& message : messages)
    CHECK(run(mosquitto_pub(broker.port(), {"-t", message.topic, "-m", message.payload})).code == 0);
}

// What a subscriber with `options` says of messages that come once it has subscribed to e/#.
Outcome seen(Mosquitto& broker, Arguments options, const std::vector<Sent>& messages) {
  options.insert(options.end(), {"-i", "reader", "-t", "e/#"});
  Process reader(sub(broker.port(), options));
  broker.await_subscription("reader", "e/#");
  publish(broker, messages);
  return reader.wait();
}

}  // namespace

TEST_CASE("a run ends well as soon as all its expectations are met, each by any message") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Outcome outcome =
      seen(broker, {"--expect", ".payload.temp > 20", "--expect", ".topic == \"e/b\""},
           {{"e/a", R"({"temp":19})"}, {"e/b", "text"}, {"e/a", R"({"temp":21})"}, {"e/a", "too late"}});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "{\"temp\":19}\ntext\n{\"temp\":21}\n");
  CHECK(outcome.err.empty());
  const Outcome any = seen(broker, {"--expect", ".payload == 1", "--expect", ".payload == 2", "--expect-any"},
                           {{"e/a", "0"}, {"e/a", "2"}});
  CHECK(any.code == 0);
  CHECK(any.out == "0\n2\n");
}

TEST_CASE("what was expected and did not come ends with 9, and the closest message is shown") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const auto sentence = [&](Arguments options, const std::vector<Sent>& messages) {
    options.insert(options.end(), {"-C", std::to_string(messages.size())});
    const Outcome outcome = seen(broker, options, messages);
    CHECK(outcome.code == 9);
    return outcome.err;
  };
  CHECK(
      sentence({"--expect", ".payload.temp > 20"}, {{"e/a", R"({"temp":18})"}, {"e/b", R"({"temp":19})"}}) ==
      "error: expected '.payload.temp > 20', not met by any of 2 messages; the last one was 'e/b': "
      "'{\"temp\":19}'\n");
  CHECK(sentence({"--expect", ".payload == 2"}, {{"e/a", "1"}}) ==
        "error: expected '.payload == 2', not met by the only message, 'e/a': '1'\n");
  CHECK(sentence({"--expect", ".payload | tonumber > 5"}, {{"e/a", "3"}, {"e/b", "x\x1b[31m"}}) ==
        "error: expected '.payload | tonumber > 5', not met by any of 2 messages, on 1 of which the program "
        "fails: 'Invalid numeric literal at line 1, column 3 (while parsing \\'x\\x1b[31m\\')'; the last of "
        "the others was 'e/a': '3'\n");
  CHECK(sentence({"--expect", "error(\"no\")"}, {{"e/a", "1"}, {"e/b", "2"}}) ==
        "error: expected 'error(\"no\")', but the program fails: 'no', on all 2 messages\n");
  CHECK(sentence({"--expect", "empty", "--expect", "true", "--expect", "null"},
                 {{"e/a", "\x1b[2J" + std::string(1000, 'x')}})
            .ends_with("xxx'...; not met either: 'null'; met: 'true'\n"));
  const std::string safe = sentence({"--expect", "false"}, {{"e/a", "\x1b[2J"}});
  CHECK_FALSE(holds(safe, "\x1b"));
}

TEST_CASE(
    "-W and --idle end an expectation with 9 when the server was there, and so does a reader that left") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Outcome late = seen(broker, {"--expect", ".payload == 2", "-W", "2"}, {{"e/a", "1"}});
  CHECK(late.code == 9);
  CHECK(holds(late.err, "error: expected '.payload == 2', not met by the only message"));
  CHECK(late.wall < 6s);
  const Outcome nothing = seen(broker, {"--expect", ".payload == 2", "--idle", "0.2"}, {});
  CHECK(failed_with(nothing, 9, "expected '.payload == 2', but no message came"));
  const Outcome quiet = seen(broker, {"--idle", "0.4"}, {{"e/a", "1"}});
  CHECK(quiet.code == 0);
  CHECK(quiet.out == "1\n");
  CHECK(quiet.wall >= 400ms);
}

TEST_CASE("a server that can't be reached, refuses or says nothing is no failed expectation") {
  CHECK(failed_with(run(sub({"-h", "127.0.0.1", "-p", "1", "-t", "x", "--expect", "."})), 3));
  FakeBroker refusing(
      Reactions{.connect = [](Peer& peer, const Connect&) { peer.send_hex("20 03 00 87 00"); }});
  CHECK(failed_with(run(sub(refusing.port(), {"-t", "x", "--expect", "."})), 4));
  FakeBroker silent(Reactions{.subscribe = [](Peer&, const Subscribe&) {}});
  CHECK(failed_with(run(sub(silent.port(), {"-t", "x", "--expect", ".", "-W", "1"})), 5,
                    "the server has not answered the subscription"));
  CHECK(failed_with(run(sub({"-t", "x", "--expect", ".["})), 2, "is no jq program"));
  FakeBroker broker;
  Process reader(sub(broker.port(), {"-t", "x", "--expect", "."}));
  broker.await(PacketType::subscribe);
  reader.signal(SIGINT);
  CHECK(reader.wait().code == 130);
}

TEST_CASE("a quiet period ends with 0, or at its first message with 9") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Outcome quiet = seen(broker, {"--expect-none", "-W", "1.5", "-T", "e/noise"}, {{"e/noise", "1"}});
  CHECK(quiet.code == 0);
  CHECK(quiet.err.empty());
  CHECK(seen(broker, {"--expect-none", "--idle", "0.2"}, {}).code == 0);
  const Outcome loud = seen(broker, {"--expect-none", "-W", "20"}, {{"e/a", R"({"a":1})"}, {"e/b", "2"}});
  CHECK(failed_with(loud, 9, "expected no message, but one came: 'e/a': '{\"a\":1}'"));
  CHECK(loud.wall < 10s);
  const Outcome chosen = seen(broker, {"--expect-none", "-W", "20", "--jq", "select(.payload > 5)"},
                              {{"e/a", "1"}, {"e/b", "7"}});
  CHECK(failed_with(chosen, 9, "one came: 'e/b': '7'"));
}

TEST_CASE("a lost connection is no quiet") {
  FakeBroker broker([](FakeBroker& self) {
    {
      Peer peer = self.accept();
      peer.welcome();
      peer.answer(peer.expect(PacketType::subscribe)->packet);
    }
    Peer peer = self.accept();
    peer.expect_end();
  });
  const Outcome outcome = run(sub(broker.port(), {"-t", "x", "--expect-none", "--idle", "0.5", "-W", "1.5"}));
  CHECK(outcome.code == 5);
}

TEST_CASE("a quiet period with a hole in it proves nothing") {
  FakeBroker broker([](FakeBroker& self) {
    {
      Peer peer = self.accept();
      peer.welcome();
      peer.answer(peer.expect(PacketType::subscribe)->packet);
    }
    Peer peer = self.accept();
    peer.welcome();
    peer.answer(peer.expect(PacketType::subscribe)->packet);
    peer.expect_end();
  });
  const Outcome outcome =
      run(sub(broker.port(), {"-t", "x", "--expect-none", "-W", "1", "--retry-delay", "0.05:0.05"}));
  CHECK(outcome.code == 6);
  CHECK(holds(outcome.err, "nobody can say that it was quiet"));
}

TEST_CASE("fewer messages than -C wants before it is quiet") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  CHECK(failed_with(seen(broker, {"-C", "3", "--idle", "0.4"}, {{"e/a", "1"}}), 9,
                    "expected 3 messages, but only 1 came"));
}
