// What a server tells of itself (--sys).
#include <doctest/doctest.h>

#include <csignal>

#include <nlohmann/json.hpp>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

TEST_CASE("mosquitto's figures are shown once as a table") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "sys_interval 1\n"});
  const Outcome table = run(sub(broker.port(), {"--sys"}));
  CHECK(table.code == 0);
  CHECK(table.err.empty());
  CHECK(table.out.starts_with("version                  "));
  CHECK(holds(table.out, "\nclients connected  "));
  CHECK(holds(table.out, "\nheap                     "));
  CHECK_FALSE(holds(table.out, "$SYS"));
  CHECK(table.wall < 5s);
  const Outcome json = run(sub(broker.port(), {"--sys", "--output", "json", "-v"}));
  const auto object = nlohmann::json::parse(json.out);
  CHECK(object["version"] == "mosquitto version 2.0.11");
  CHECK(object["uptime"].is_number());
  CHECK(object["heap"].is_number());
  CHECK(object["server"] == "127.0.0.1:" + std::to_string(broker.port()));
  CHECK(object["other"].is_object());
}

TEST_CASE("figures are shown again and again until the end") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "sys_interval 1\n"});
  Process watching(sub(broker.port(), {"--sys", "--interval", "0.1", "--output", "json"}));
  watching.await_lines(3);
  watching.signal(SIGINT);
  CHECK(watching.wait().code == 130);
  const Outcome timed = run(sub(broker.port(), {"--sys", "--interval", "0.1", "-W", "1"}));
  CHECK(timed.code == 0);
  CHECK(count_of("\nuptime  ", timed.out) > 1);
  CHECK(holds(timed.out, "  127.0.0.1:" + std::to_string(broker.port()) + "\nversion"));
  Process screen(with_output(with_input(sub(broker.port(), {"--sys", "--interval", "0.1"}), Input::terminal),
                             Output::terminal));
  screen.await_terminal("\x1b[H\x1b[2J");
  screen.signal(SIGINT);
  CHECK(screen.wait().code == 130);
}

TEST_CASE("a server that hides its figures, or refuses them, is named") {
  FakeBroker hiding;
  CHECK(failed_with(run(sub(hiding.port(), {"--sys", "-W", "1"})), 5,
                    "timed out after 1 s: the server shows no figures below $SYS"));
  CHECK(failed_with(run(sub(hiding.port(), {"--sys"})), 5,
                    "the server shows no figures below $SYS within 3 s"));
  FakeBroker refusing(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.send(Suback{.packet_id = subscribe.packet_id, .properties = {}, .codes = "\x87"});
  }});
  CHECK(failed_with(run(sub(refusing.port(), {"--sys"})), 8, "the server refused the subscription '$SYS/#'"));
}

TEST_CASE("a server that tells its figures later is waited for with -W, and can't move the cursor") {
  FakeBroker later(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    peer.send(Publish{.topic = "$SYS/brokers/n@h/version", .properties = {}, .payload = "5.8\x1b[2J"});
    peer.pause(500ms);  // longer than the quiet that ends a burst
    peer.send(
        Publish{.topic = "$SYS/brokers/n@h/metrics/messages/received", .properties = {}, .payload = "12"});
  }});
  const Outcome outcome = run(sub(later.port(), {"--sys", "-W", "20"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out ==
        "version            5.8\\x1b[2J\n"
        "messages received          12\n");
}

TEST_CASE("a version alone is shown, but is no figure") {
  FakeBroker silent(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    peer.send(Publish{.topic = "$SYS/brokers/n@h/version", .properties = {}, .payload = "5.8"});
  }});
  const Outcome outcome = run(sub(silent.port(), {"--sys", "-W", "0.8", "-q", "1"}));
  CHECK(outcome.code == 5);
  CHECK(outcome.out == "version  5.8\n");
  CHECK(silent.await(PacketType::subscribe)->as<Subscribe>().subscriptions.front().qos == QoS::at_least_once);
}

TEST_CASE("no figures are shown while the server is gone") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.answer(peer.expect(PacketType::subscribe)->packet);
    peer.send(Publish{.topic = "$SYS/broker/clients/total", .properties = {}, .payload = "3"});
    peer.pause(600ms);
    peer.reset();
    Peer second = self.accept();
    second.expect(PacketType::connect);
    second.hold();
  });
  const Outcome outcome =
      run(sub(broker.port(), {"--sys", "--interval", "30", "--retry-delay", "0.05", "-W", "1.5"}));
  CHECK(outcome.code == 5);
  CHECK(holds(outcome.err, "no connection to 127.0.0.1:"));
  CHECK(count_of("clients in all", outcome.out) == 1);
}
