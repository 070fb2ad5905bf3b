// mosquitto_rr beside mosquitto's own: command lines, packets, what is shown of the answer, and ends.
#include <doctest/doctest.h>

#include <string>

#include "base/text.hpp"
#include "e2e/drop_in.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;

namespace {

const std::string rr_name = "mosquitto_rr";

// A correct server whose requests are answered by one message, on whatever topic was subscribed to.
Reactions answering(bool retain) {
  return {.publish = [retain](Peer& peer, const Publish& request) {
    peer.answer(request);
    if (request.qos == QoS::exactly_once) return;
    peer.send(Publish{.retain = retain, .topic = "answers", .properties = {}, .payload = "42"});
  }};
}

Arguments at(std::uint16_t port, const Arguments& arguments) {
  Arguments result{"-h", "127.0.0.1", "-p", std::to_string(port)};
  result.insert(result.end(), arguments.begin(), arguments.end());
  return result;
}

struct Seen {
  Outcome outcome;
  std::string packets;  // hexadecimal, one a line, without DISCONNECT, which mosquitto's does not send
};

Seen see(Maker maker, const Arguments& arguments, bool retain = false) {
  FakeBroker broker(answering(retain));
  Seen seen{run(as_mosquitto(maker, rr_name, at(broker.port(), arguments))), {}};
  for (const RecordPtr& record : broker.records())
    if (record->type() != PacketType::disconnect) seen.packets += to_hex(record->raw) + '\n';
  return seen;
}

}  // namespace

TEST_CASE("wrong command lines of mosquitto_rr are told as mosquitto tells them") {
  if (!have_mosquitto_clients()) return;
  const Arguments all[] = {{},
                           {"--unknown"},
                           {"-l"},
                           {"-r"},
                           {"--repeat"},
                           {"-C", "1"},
                           {"-e"},
                           {"-e", "a/+"},
                           {"-t", "a/#"},
                           {"-t", "a", "-m", "b"},
                           {"-t", "a", "-e", "b"},
                           {"-m", "a", "-f", "b"},
                           {"-F"},
                           {"-F", "%Z"},
                           {"-W"},
                           {"-W", "0"},
                           {"-q", "3"},
                           {"-V", "0"},
                           {"-D", "subscribe", "topic-alias", "1"},
                           {"-D", "publish", "response-topic"}};
  for (const Arguments& arguments : all) check_same(rr_name, arguments);
}

TEST_CASE("mosquitto_rr sends the packets that mosquitto's does, and shows the same") {
  if (!have_mosquitto_clients()) return;
  const Arguments all[] = {{},
                           {"-V", "311"},
                           {"-V", "31"},
                           {"-q", "1"},
                           {"-v"},
                           {"-N"},
                           {"-F", "%t %p %l"},
                           {"-n"},
                           {"-D", "publish", "correlation-data", "c7", "-D", "publish", "content-type", "x"},
                           {"-D", "subscribe", "user-property", "k", "v"},
                           {"-x", "5"},
                           {"--will-topic", "w", "--will-payload", "gone"}};
  for (Arguments arguments : all) {
    const Arguments usual{"-i", "me", "-t", "ask", "-e", "answers"};
    arguments.insert(arguments.begin(), usual.begin(), usual.end());
    if (arguments.back() != "-n") arguments.insert(arguments.end(), {"-m", "?"});
    std::string line;
    for (const std::string& argument : arguments) line.append(argument).append(" ");
    CAPTURE(line);
    const Seen theirs = see(Maker::theirs, arguments);
    const Seen ours = see(Maker::ours, arguments);
    CHECK(ours.packets == theirs.packets);
    CHECK(ours.outcome.code == theirs.outcome.code);
    CHECK(ours.outcome.out == theirs.outcome.out);
    CHECK(ours.outcome.err == theirs.outcome.err);
  }
}

TEST_CASE("a retained answer counts, unless -R is given") {
  if (!have_mosquitto_clients()) return;
  const Arguments plain{"-t", "ask", "-e", "answers", "-m", "?", "-W", "1"};
  Arguments fresh = plain;
  fresh.emplace_back("-R");
  CHECK(see(Maker::ours, plain, true).outcome.out == see(Maker::theirs, plain, true).outcome.out);
  // 2.0.11 took no notice of it.
  const Outcome ours = see(Maker::ours, fresh, true).outcome;
  CHECK(ours.out == "");
  CHECK(ours.err == "Timed out\n");
  CHECK(ours.code == 27);
}

TEST_CASE("mosquitto_rr ends with mosquitto's codes when there is no connection or it is refused") {
  if (!have_mosquitto_clients()) return;
  const Arguments asking{"-t", "ask", "-e", "answers", "-m", "?"};
  check_same(rr_name, at(1, asking));
  FakeBroker refusing({.connect = [](Peer& peer, const Connect&) { peer.send_hex("20 03 00 87 00"); }});
  check_same(rr_name, at(refusing.port(), asking));
}

TEST_CASE("what 2.1 added to mosquitto_rr") {
  const Outcome outcome = see(Maker::ours, {"-t", "ask", "-e", "answers", "-m", "?", "--latency"}).outcome;
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("42\nLatency: "));
}
