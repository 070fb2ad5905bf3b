// Enhanced authentication with a server that is not ours: mosquitto with a plugin on libgsasl; and with a
// broker that cheats.
#include <doctest/doctest.h>

#include <csignal>

#include "base/text.hpp"
#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"
#include "wire/property.hpp"

using namespace mq;

namespace {

Arguments as_ann(const Arguments& more) {
  Arguments arguments{"--auth-method", "SCRAM-SHA-256", "-u", "ann", "-P", "sesame"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

TEST_CASE("SCRAM-SHA-256 with libgsasl on the other side: in with the password, and again on the way") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "plugin " MQ_SCRAM_PLUGIN "\n"});
  Process reader(sub(broker.port(), as_ann({"-i", "reader", "-t", "t", "--reauthenticate", "0.3", "-d"})));
  broker.await_subscription("reader", "t");
  // mosquitto gives a client nothing while it is just authenticating again: the message may have to be
  // repeated.
  const auto say = [&](const std::string& text) {
    for (int i = 0; i < 100 && !holds(reader.out(), text + '\n'); ++i)
      CHECK(run(pub(broker.port(), as_ann({"-t", "t", "-m", text, "-q", "1"}))).code == 0);
    reader.await_out(text + '\n');
  };
  say("one");
  // Two new exchanges on the connection, each to its end.
  for (int i = 0; i < 2; ++i) reader.await_err("< AUTH 0x00", reader.err().size());
  say("two");
  reader.signal(SIGTERM);
  const Outcome read = reader.wait();
  CHECK(read.code == 143);
  CHECK_FALSE(holds(read.err, "sesame"));

  const Outcome wrong = run(pub(
      broker.port(), {"--auth-method", "SCRAM-SHA-256", "-u", "ann", "-P", "guess", "-t", "t", "-m", "x"}));
  CHECK(wrong.code == 4);
  CHECK_FALSE(holds(wrong.err, "guess"));
  CHECK(run(pub(broker.port(),
                {"--auth-method", "SCRAM-SHA-256", "-u", "bob", "-P", "sesame", "-t", "t", "-m", "x"}))
            .code == 4);
}

TEST_CASE("a server that can't prove that it knows the password is left, with exit code 4") {
  FakeBroker broker({.connect = [](Peer& peer, const Connect& connect) {
    CHECK_FALSE(connect.password);
    CHECK_FALSE(connect.user_name);
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::authentication_method, Bytes("SCRAM-SHA-256")));
    REQUIRE(properties.add(PropertyId::authentication_data, Bytes("v=AAAA")));
    peer.send(Connack{false, ReasonCode::success, properties.view()});
  }});
  const Outcome outcome = run(pub(broker.port(), as_ann({"-t", "t", "-m", "secret"})));
  CHECK(failed_with(outcome, 4, "the server could not prove that it knows the password"));
  CHECK(broker.records(PacketType::publish).empty());
}

TEST_CASE("any other method sends its data, also from a file; wrong combinations are usage errors") {
  FakeBroker broker({.connect = [](Peer& peer, const Connect&) {
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::authentication_method, Bytes("JWT")));
    peer.send(Connack{false, ReasonCode::success, properties.view()});
  }});
  const TempDir dir;
  const std::string token = dir.write("token", "a.b.c\n");
  CHECK(run(pub(broker.port(), {"--auth-method", "JWT", "--auth-data", "@" + token, "-t", "t", "-m", "x"}))
            .code == 0);
  const auto properties = broker.await(PacketType::connect)->as<Connect>().properties;
  CHECK(properties.bytes(PropertyId::authentication_method) == "JWT");
  CHECK(properties.bytes(PropertyId::authentication_data) == "a.b.c");
  CHECK(failed_with(run(pub({"--auth-data", "x", "-t", "t", "-m", "x"})), 2,
                    "--auth-data needs --auth-method"));
  CHECK(failed_with(run(pub({"--auth-method", "SCRAM-SHA-256", "-t", "t", "-m", "x"})), 2,
                    "needs a user name"));
  CHECK(failed_with(run(pub({"--auth-method", "SCRAM-MD5", "-u", "a", "-P", "b", "-t", "t", "-m", "x"})), 2,
                    "is not known"));
  CHECK(failed_with(run(pub(as_ann({"--auth-data", "x", "-t", "t", "-m", "x"}))), 2, "no meaning for SCRAM"));
  CHECK(failed_with(run(pub({"--auth-method", "JWT", "-V", "311", "-t", "t", "-m", "x"})), 2,
                    "needs MQTT 5.0"));
}
