// mqtt-rr ping: what comes back and what doesn't, how it ends, and what it says of that.
#include <doctest/doctest.h>

#include <csignal>
#include <regex>

#include "e2e/programs.hpp"
#include "peers/cable.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Launch ping(std::uint16_t port, const Arguments& arguments) { return rr_command("ping", port, arguments); }

void send_back(Peer& peer, const Publish& message) {
  peer.send(Publish{.topic = message.topic, .properties = {}, .payload = message.payload});
}

// A server with one client, which sends messages back as `times` says of each, by its number.
Reactions bringing_back(std::function<int(int)> times) {
  return {.publish = [times = std::move(times), number = 0](Peer& peer, const Publish& message) mutable {
    peer.answer(message);
    for (int left = times(++number); left > 0; --left) send_back(peer, message);
  }};
}

bool says(const std::string& text, const std::string& pattern) {
  if (std::regex_match(text, std::regex(pattern))) return true;
  MESSAGE(text);
  return false;
}

std::string last_line(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

std::uint64_t number_behind(const std::string& text, const std::string& label) {
  const std::size_t at = text.find(label);
  REQUIRE_MESSAGE(at != text.npos, label, " is not in: ", text);
  return std::stoull(text.substr(at + label.size()));
}

constexpr const char* times_line =
    R"(\nmin [\d.]+, mean [\d.]+, p50 [\d.]+, p90 [\d.]+, p99 [\d.]+, max [\d.]+ ms\n)";

}  // namespace

TEST_CASE("through a real server, at every QoS of both versions: a line each, and the statistics") {
  if (!have_mosquitto()) return;
  Mosquitto server;
  const std::string line = "40 bytes to 127.0.0.1:" + std::to_string(server.port()) + R"( and back: number )";
  for (const char* version : {"311", "5"}) {
    for (const char* qos : {"0", "1", "2"}) {
      const Outcome outcome = run(
          ping(server.port(), {"-V", version, "-q", qos, "-C", "3", "--interval", "0.001", "--size", "40"}));
      CHECK(outcome.code == 0);
      CHECK(outcome.err == "");
      CHECK(says(outcome.out, line + R"(1, [\d.]+ ms\n)" + line + R"(2, [\d.]+ ms\n)" + line +
                                  R"(3, [\d.]+ ms\n3 sent, 3 came back, 0 lost \(0.0 %\))" + times_line));
    }
  }
}

TEST_CASE("as JSON: an object each, and one with the statistics") {
  if (!have_mosquitto()) return;
  Mosquitto server;
  const Outcome outcome =
      run(ping(server.port(), {"-q", "1", "-C", "2", "--interval", "0.01", "--output", "json"}));
  CHECK(outcome.code == 0);
  CHECK(says(outcome.out,
             R"(\{"number":1,"microseconds":\d+\}\n\{"number":2,"microseconds":\d+\}\n)"
             R"(\{"sent":2,"back":2,"lost":0,"lost_percent":0.0,"under_way":0,"unsent":0,"doubled":0,)"
             R"("late":0,"not_shown":0,"microseconds":\{"min":\d+,"mean":\d+,"deviation":\d+,"p50":\d+,)"
             R"("p90":\d+,"p99":\d+,"max":\d+\}\}\n)"));
}

TEST_CASE("Ctrl-C is its ordinary end; a request to terminate is not") {
  FakeBroker broker(bringing_back([](int) { return 1; }));
  for (const auto& [number, code] : {std::pair(SIGINT, 0), {SIGTERM, 143}}) {
    Process pinger(ping(broker.port(), {"--interval", "0.01"}));
    pinger.await_lines(3);
    pinger.signal(number);
    const Outcome outcome = pinger.wait();
    CHECK(outcome.code == code);
    CHECK(outcome.err == "");
    CHECK(holds(outcome.out, " 0 lost (0.0 %)\nmin "));
  }
}

TEST_CASE("Ctrl-C before it has begun, and after nothing has come back") {
  FakeBroker silent(Reactions{.connect = [](Peer&, const Connect&) {}});
  Process waiting(ping(silent.port(), {}));
  silent.await(PacketType::connect);
  waiting.signal(SIGINT);
  const Outcome early = waiting.wait();
  CHECK(early.code == 130);
  CHECK(early.out == "");

  FakeBroker hole(bringing_back([](int) { return 0; }));
  Process pinger(ping(hole.port(), {"--output", "json"}));
  hole.await(PacketType::publish);
  pinger.signal(SIGINT);
  const Outcome none = pinger.wait();
  CHECK(failed_with(none, 5, "1 of 1 message did not come back"));
  CHECK(says(none.out, R"(\{"sent":1,"back":0,"lost":0,.*"under_way":1,.*"microseconds":null\}\n)"));
}

TEST_CASE("what is under way at Ctrl-C may still come back") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& message) {
    peer.pause(50ms);
    send_back(peer, message);
  }});
  Process pinger(ping(broker.port(), {}));
  broker.await(PacketType::publish);
  pinger.signal(SIGINT);
  const Outcome outcome = pinger.wait();
  CHECK(outcome.code == 0);
  CHECK(holds(outcome.out, "number 1, "));
  CHECK(holds(outcome.out, "1 sent, 1 came back, 0 lost (0.0 %)\n"));
}

TEST_CASE("a message that is lost, and one that comes twice") {
  FakeBroker broker(bringing_back([](int number) { return number == 2 ? 0 : number == 3 ? 2 : 1; }));
  const Outcome outcome = run(ping(broker.port(), {"-q", "1", "-C", "4", "--interval", "0.01"}));
  CHECK(failed_with(outcome, 5, "1 of 4 messages did not come back"));
  CHECK(outcome.wall >= 1s);  // so long it was waited for
  CHECK_FALSE(holds(outcome.out, "number 2,"));
  CHECK(count_of("number 3,", outcome.out) == 2);
  CHECK(count_of(" ms, again\n", outcome.out) == 1);
  CHECK(holds(outcome.out, "4 sent, 3 came back, 1 lost (25.0 %), 1 came twice\nmin "));
}

TEST_CASE("messages of others on the same topic don't count") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& message) {
    std::string other(message.payload);
    other[0] = static_cast<char>(other[0] + 1);
    for (const std::string& payload : {other, std::string(), std::string("x"), other + "x"})
      peer.send(Publish{.topic = message.topic, .properties = {}, .payload = payload});
    std::string unasked(message.payload);
    unasked[8] = '\x7F';  // its number
    peer.send(Publish{.topic = message.topic, .properties = {}, .payload = unasked});
    send_back(peer, message);
  }});
  const Outcome outcome = run(ping(broker.port(), {"-C", "2", "--interval", "0.01"}));
  CHECK(outcome.code == 0);
  CHECK(count_of("\n", outcome.out) == 4);
  CHECK(holds(outcome.out, "2 sent, 2 came back, 0 lost (0.0 %)\n"));
}

TEST_CASE("two at the same time on one topic") {
  if (!have_mosquitto()) return;
  Mosquitto server;
  const Arguments arguments{"-t", "both", "-C", "50", "--interval", "0.005"};
  Process one(ping(server.port(), arguments));
  Process other(ping(server.port(), arguments));
  for (Process* pinger : {&one, &other}) {
    const Outcome outcome = pinger->wait();
    CHECK(outcome.code == 0);
    CHECK(count_of("\n", outcome.out) == 52);
    CHECK(holds(outcome.out, "50 sent, 50 came back, 0 lost (0.0 %)\n"));
  }
}

TEST_CASE("a server that refuses: the subscription, a message, its size") {
  FakeBroker no_subscription(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.send(Suback{.packet_id = subscribe.packet_id, .properties = {}, .codes = "\x87"});
  }});
  Outcome outcome = run(ping(no_subscription.port(), {"-t", "secret"}));
  CHECK(failed_with(outcome, 8, "the server refused the subscription 'secret': not authorized"));
  CHECK(outcome.out == "");

  FakeBroker no_message(Reactions{.publish = [](Peer& peer, const Publish& message) {
    peer.send(Puback{{message.packet_id, ReasonCode::not_authorized, {}}});
  }});
  outcome = run(ping(no_message.port(), {"-q", "1"}));
  CHECK(failed_with(outcome, 8, "the server refused a message: not authorized"));
  CHECK(holds(outcome.out, "1 sent, 0 came back, 0 lost (0.0 %), 1 still under way\n"));

  FakeBroker small(Reactions{.connect = [](Peer& peer, const Connect&) {
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::maximum_packet_size, 1000));
    peer.send(Connack{.properties = properties.view()});
  }});
  CHECK(failed_with(run(ping(small.port(), {"--size", "2000"})), 8));
}

TEST_CASE("3.1.1: messages that the server may not take and silently drops are lost") {
  FakeBroker broker(bringing_back([](int) { return 0; }));
  const Outcome outcome =
      run(ping(broker.port(), {"-V", "311", "-q", "1", "-C", "2", "--interval", "0.01", "-W", "0.4"}));
  CHECK(failed_with(outcome, 5, "timed out after 0.4 s: 0 of 2 messages came back"));
  CHECK(holds(outcome.out, "2 sent, 0 came back"));
}

TEST_CASE("the server goes away and comes back: turns without a connection are told as such") {
  if (!have_mosquitto()) return;
  for (const char* qos : {"0", "1"}) {
    Mosquitto server;
    Process pinger(ping(server.port(), {"-q", qos, "--interval", "0.01", "--retry-delay", "0.02:0.02"}));
    pinger.await_lines(3);
    server.crash();
    pinger.await_err("trying again");
    // From then on no turn has a connection. That one has passed is seen once the number of the next line
    // that comes is known.
    pinger.await_err("trying again", pinger.err().size());
    server.start();
    pinger.await_err("connected to ");
    pinger.await_out(" ms\n", pinger.out().size());
    pinger.await_lines(count_of("\n", pinger.out()) + 3);
    pinger.signal(SIGINT);
    const Outcome outcome = pinger.wait();
    CHECK(outcome.code == 5);
    CHECK(says(last_line(outcome.out.substr(0, outcome.out.rfind("\nmin"))),
               R"(\d+ sent, \d+ came back, .*, \d+ not sent for want of a connection)"));
    CHECK(holds(outcome.err, "could not be sent for want of a connection\n"));
  }
}

TEST_CASE("turns without a connection count, so that it ends when it is to") {
  if (!have_mosquitto()) return;
  Mosquitto server;
  Process pinger(
      ping(server.port(), {"-C", "20", "--interval", "0.02", "--retry-delay", "60:60", "--output", "json"}));
  pinger.await_lines(2);
  server.crash();
  const Outcome outcome = pinger.wait();
  CHECK(outcome.code == 5);
  const std::string statistics = last_line(outcome.out);
  CHECK(number_behind(statistics, "\"sent\":") + number_behind(statistics, "\"unsent\":") == 20);
  CHECK(number_behind(statistics, "\"unsent\":") > 0);
}

TEST_CASE("-W says how long it goes on, or is the limit for a number of messages") {
  FakeBroker broker(bringing_back([](int) { return 1; }));
  Outcome outcome = run(ping(broker.port(), {"-W", "0.4", "--interval", "0.05"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  CHECK(holds(outcome.out, "0 lost (0.0 %)"));
  outcome = run(ping(broker.port(), {"-W", "0.4", "--interval", "0.05", "-C", "1000"}));
  CHECK(outcome.code == 5);
  CHECK(says(outcome.err, R"(error: timed out after 0.4 s: \d+ of \d+ messages came back\n)"));
  CHECK(holds(outcome.out, "0 lost (0.0 %)"));
  FakeBroker silent(Reactions{.subscribe = [](Peer&, const Subscribe&) {}});
  outcome = run(ping(silent.port(), {"-W", "0.2"}));
  CHECK(failed_with(outcome, 5, "timed out after 0.2 s: the server has not answered the subscription"));
  CHECK(outcome.out == "");
}

TEST_CASE("nobody reads it, at once or any more") {
  FakeBroker broker(bringing_back([](int) { return 1; }));
  const Outcome outcome = run(with_output(ping(broker.port(), {"--interval", "0.01"}), Output::broken));
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  Process pinger(ping(broker.port(), {"--interval", "0.01"}));
  pinger.await_lines(2);
  pinger.close_output();
  const Outcome later = pinger.wait();
  CHECK(later.code == 0);
  CHECK(later.err == "");
}

TEST_CASE("a slow way does not stretch the schedule") {
  if (!have_mosquitto()) return;
  Mosquitto server;
  Cable cable(server.port());
  cable.delay(1, 60ms);
  Process pinger(ping(cable.port(), {"-C", "200", "--interval", "0.002", "--output", "json"}));
  const Outcome outcome = pinger.wait();
  CHECK(outcome.code == 0);
  const std::string statistics = last_line(outcome.out);
  CHECK(number_behind(statistics, "\"back\":") == 200);
  CHECK(number_behind(statistics, "\"max\":") >= 2000);
  CHECK(outcome.wall >= 398ms);
  CHECK(outcome.wall < 5s);  // one after the other, 200 round trips would take twice that
}

TEST_CASE("what the server makes wait is measured from its turn") {
  FakeBroker broker(Reactions{.publish = [first = true](Peer& peer, const Publish& message) mutable {
    send_back(peer, message);
    if (std::exchange(first, false)) peer.pause(300ms);
    peer.answer(message);
  }});
  const Outcome outcome =
      run(ping(broker.port(), {"-q", "1", "-M", "1", "-C", "4", "--interval", "0.1", "--output", "json"}));
  CHECK(outcome.code == 0);
  // Its turn was 100 ms after that of the first, and it left when that was acknowledged.
  CHECK(number_behind(outcome.out, "\"number\":2,\"microseconds\":") >= 190'000);
  CHECK(number_behind(outcome.out, "\"number\":3,\"microseconds\":") >= 90'000);
  CHECK(holds(last_line(outcome.out), "\"sent\":4,\"back\":4,"));
}

TEST_CASE("a reader that is too slow costs lines, not memory or messages") {
  FakeBroker broker(bringing_back([](int) { return 500; }));
  Process pinger(with_output(ping(broker.port(), {"-C", "100", "--interval", "0.001"}), Output::unread));
  broker.await(PacketType::publish, 100);
  const long memory = pinger.peak_memory_kib();
  pinger.read_output();
  const Outcome outcome = pinger.wait();
  CHECK(outcome.code == 0);
  if (!sanitized) CHECK(memory < 64 * 1024);
  // It does not wait for what comes behind the last message.
  const std::string sums = outcome.out.substr(outcome.out.find("100 sent"));
  CHECK(says(sums, R"(100 sent, 100 came back, 0 lost \(0.0 %\), 49\d{3} came twice, \d+ not shown)" +
                       std::string(times_line)));
}
