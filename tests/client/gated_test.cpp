// A connection from which nothing leaves before its owner says so.
#include <doctest/doctest.h>

#include <vector>

#include "client/client.hpp"
#include "client/owner.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Publish message(std::string_view payload, QoS qos) {
  return {.qos = qos, .topic = "a/b", .properties = {}, .payload = payload};
}

}  // namespace

TEST_CASE("what a gated connection puts out leaves when it is let out, and no more than that") {
  FakeBroker broker;
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.gated = true;
  Client client(loop, config, heard);
  std::vector<Client::OutputMark> marks;
  heard.hold_back = [&] {
    if (marks.empty() || marks.back().end != client.output_mark().end) marks.push_back(client.output_mark());
  };
  Timer look(loop);
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event)) {
      REQUIRE(client.publish(message("first", QoS::at_least_once)));
      const Client::OutputMark one = client.output_mark();
      REQUIRE(client.publish(message("second", QoS::at_least_once)));
      look.set(loop.now() + 50ms, [&, one] {
        CHECK(broker.records(PacketType::publish).empty());
        REQUIRE(marks.size() == 1);
        client.let_out({one.connection - 1, one.end});  // of another connection
        client.let_out(one);
      });
    }
    if (std::holds_alternative<Published>(event) && heard.reasons.size() == 1) {
      CHECK(broker.records(PacketType::publish).size() == 1);
      client.let_out(client.output_mark());
    } else if (std::holds_alternative<Published>(event)) {
      client.leave();
      heard.hold_back = [&] { client.let_out(client.output_mark()); };  // DISCONNECT too
    }
  };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  CHECK(broker.records(PacketType::publish).size() == 2);
  CHECK(broker.records().back()->type() == PacketType::disconnect);
}

TEST_CASE("[MQTT-3.1.2-20] while nothing is let out a gated connection still says that it is there") {
  FakeBroker broker;
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.gated = true;
  config.session.keep_alive = 1;
  Client client(loop, config, heard);
  Timer end(loop);
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event)) {
      REQUIRE(client.publish(message("held back", QoS::at_least_once)));
      end.set(loop.now() + 2500ms, [&] {
        CHECK(broker.records(PacketType::pingreq).size() >= 2);
        CHECK(broker.records(PacketType::publish).empty());
        client.let_out(client.output_mark());
      });
    }
    if (std::holds_alternative<Published>(event)) {
      heard.hold_back = [&] { client.let_out(client.output_mark()); };
      client.leave();
    }
  };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  CHECK(heard.connections == 1);
  CHECK(broker.records(PacketType::publish).size() == 1);
}

TEST_CASE("[MQTT-3.1.2-20] an idle gated connection sends one PINGREQ at a time") {
  FakeBroker broker;
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.gated = true;
  config.session.keep_alive = 1;
  Client client(loop, config, heard);
  Timer end(loop);
  heard.react = [&](const Event& event) {
    if (!std::holds_alternative<Connected>(event)) return;
    end.set(loop.now() + 2300ms, [&] {
      CHECK(broker.records(PacketType::pingreq).size() == 2);
      heard.hold_back = [&] { client.let_out(client.output_mark()); };
      client.leave();
    });
  };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
}
