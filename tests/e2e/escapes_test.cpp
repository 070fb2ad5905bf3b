// A server, or a publisher behind it, that would give orders to a terminal by every text that it sends:
// nothing of that reaches standard error, and none of it standard output where that is a terminal.
#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;

namespace {

const std::string evil = "e\x1b[31m\x1b]0;title\x07";

// A text in every place where one can stand.
PropertyList texts(std::initializer_list<PropertyId> which) {
  PropertyList list;
  for (const PropertyId id : which) REQUIRE(list.add(id, evil).has_value());
  REQUIRE(list.add_user(evil, evil).has_value());
  return list;
}

Reactions evil_server(ReasonCode disconnect = ReasonCode::server_busy) {
  return {
      .connect =
          [](Peer& peer, const Connect&) {
            const PropertyList list =
                texts({PropertyId::reason_string, PropertyId::assigned_client_identifier,
                       PropertyId::response_information, PropertyId::server_reference});
            peer.send(Connack{.properties = list.view()});
          },
      .publish =
          [](Peer& peer, const Publish& publish) {
            const PropertyList list = texts({PropertyId::reason_string});
            peer.send(Puback{{publish.packet_id, ReasonCode::not_authorized, list.view()}});
          },
      .subscribe =
          [disconnect](Peer& peer, const Subscribe& subscribe) {
            const PropertyList list = texts({PropertyId::reason_string});
            peer.send(Suback{subscribe.packet_id, list.view(), std::string_view("\0", 1)});
            const PropertyList of_message =
                texts({PropertyId::content_type, PropertyId::response_topic, PropertyId::correlation_data});
            peer.send(Publish{.topic = evil, .properties = of_message.view(), .payload = evil});
            const PropertyList last = texts({PropertyId::reason_string, PropertyId::server_reference});
            peer.send(Disconnect{disconnect, last.view()});
            peer.finish();
          },
  };
}

bool obeyed(std::string_view text) { return text.contains('\x1b') || text.contains('\x07'); }

}  // namespace

TEST_CASE("what a server says is harmless in the errors, notices and traces of every program") {
  for (const Arguments& how : {Arguments{"-d"}, Arguments{"-d", "--log-format", "json"}}) {
    FakeBroker broker(evil_server());
    const auto with = [&](Arguments arguments) {
      arguments.insert(arguments.end(), {"-V", "5", "--retries", "0"});
      arguments.insert(arguments.end(), how.begin(), how.end());
      return arguments;
    };
    const Outcome read = run(sub(broker.port(), with({"-t", "#"})));
    CHECK(holds(read.err, "[31m"));
    CHECK_FALSE(obeyed(read.err));
    // Through a pipe a message is what it is.
    CHECK(read.out == evil + "\n");
    const Outcome written = run(pub(broker.port(), with({"-t", "t", "-q", "1", "-m", "x"})));
    CHECK(holds(written.err, "[31m"));
    CHECK_FALSE(obeyed(written.err));
    const Outcome asked = run(rr(broker.port(), with({"-t", "t", "-e", "r", "-m", "x", "-q", "1"})));
    CAPTURE(asked.err);
    CHECK(holds(asked.err, "[31m"));
    CHECK_FALSE(obeyed(asked.err));
  }
}

TEST_CASE("a terminal obeys neither topic nor payload nor user properties of a message") {
  FakeBroker broker(evil_server());
  const auto shown = [&](const Arguments& more) {
    Arguments arguments{"-V", "5", "-t", "#", "--retries", "0", "--color", "never"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Process reader(with_output(with_input(sub(broker.port(), arguments), Input::terminal), Output::terminal));
    reader.wait();
    return reader.terminal();
  };
  for (const Arguments& how : {Arguments{}, {"-v"}, {"--output", "json"}, {"--jq", ".topic"}, {"--pretty"}}) {
    const std::string text = shown(how);
    CAPTURE(text);
    CHECK(holds(text, "[31m"));
    CHECK_FALSE(obeyed(text));
  }
  // Raw when it is asked for.
  CHECK(obeyed(shown({"--format", "raw"})));
}

TEST_CASE("what a server says is harmless in the lines of a bridge and of a load") {
  FakeBroker from(evil_server());
  FakeBroker to;
  Process bridge(
      {.command = {MQTT_BRIDGE, "--from", "mqtt://127.0.0.1:" + std::to_string(from.port()), "--to",
                   "mqtt://127.0.0.1:" + std::to_string(to.port()), "-t", "#", "--store", "memory"}});
  bridge.await_err("[31m");
  bridge.signal(SIGTERM);
  CHECK_FALSE(obeyed(bridge.wait().err));

  FakeBroker refusing(Reactions{.connect = [](Peer& peer, const Connect&) {
    const PropertyList list = texts({PropertyId::reason_string});
    peer.send(Connack{.reason = ReasonCode::server_unavailable, .properties = list.view()});
  }});
  const Outcome load =
      run({.command = {MQTT_BENCH, "conn", "-h", "127.0.0.1", "-p", std::to_string(refusing.port()),
                       "--clients", "1", "--duration", "1s"}});
  CAPTURE(load.err + load.out);
  CHECK(holds(load.err + load.out, "[31m"));
  CHECK_FALSE(obeyed(load.err + load.out));
}
