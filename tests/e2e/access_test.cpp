// Users, permissions, and the other ways to reach mosquitto.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

TEST_CASE("user and password let in; without or with wrong ones the exit code is 4") {
  if (!have_mosquitto()) return;
  const Mosquitto broker({.anonymous = false, .users = {{"ann", "sécret word"}}});
  for (const char* version : {"31", "311", "5"}) {
    CAPTURE(std::string(version));
    CHECK(run(pub(broker.port(), {"-V", version, "-t", "t", "-m", "x", "-u", "ann", "-P", "sécret word"}))
              .code == 0);
    CHECK(failed_with(
        run(pub(broker.port(), {"-V", version, "-t", "t", "-m", "x", "-u", "ann", "-P", "wrong"})), 4));
    CHECK(failed_with(run(sub(broker.port(), {"-V", version, "-t", "t", "-E"})), 4));
  }
  Launch from_environment = pub(broker.port(), {"-t", "t", "-m", "x"});
  from_environment.environment = {{"MQTTKIT_USERNAME", "ann"}, {"MQTTKIT_PASSWORD", "sécret word"}};
  CHECK(run(from_environment).code == 0);
}

TEST_CASE("a password is never shown, not even with -d") {
  FakeBroker broker;
  const Outcome outcome = run(pub(broker.port(), {"-d", "-t", "t", "-m", "x", "-u", "ann", "-P", "sesame"}));
  CHECK(outcome.code == 0);
  CHECK(holds(outcome.err, "CONNECT"));
  CHECK_FALSE(holds(outcome.err, "sesame"));
  CHECK(broker.await(PacketType::connect)->as<Connect>().password == "sesame");
}

TEST_CASE("a publish that mosquitto's permissions forbid: 8 where the server says so") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "acl_file {dir}/acl\n", .files = {{"acl", "topic readwrite open/#\n"}}});
  for (const char* qos : {"1", "2"}) {
    CAPTURE(std::string(qos));
    CHECK(run(pub(broker.port(), {"-t", "open/a", "-m", "x", "-q", qos})).code == 0);
    CHECK(failed_with(run(pub(broker.port(), {"-t", "shut/a", "-m", "x", "-q", qos})), 8, "not authorized"));
  }
  // 3.1.1 can't say so; at QoS 2 mosquitto 2.0 drops the connection.
  CHECK(run(pub(broker.port(), {"-V", "311", "-t", "shut/a", "-m", "x", "-q", "1"})).code == 0);
  const Outcome lines = run(with_input(pub(broker.port(), {"-t", "shut/a", "-q", "1", "-l"}), "1\n2\n3\n"));
  CHECK(lines.code == 8);
}

TEST_CASE("a Unix socket and a second listener serve as well") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "listener {port2} 127.0.0.1\nlistener 0 {dir}/socket\n"});
  const std::string path = broker.path("socket");
  Process reader(sub({"--unix", path, "-i", "reader", "-t", "u", "-C", "3"}));
  broker.await_subscription("reader", "u");
  CHECK(run(pub(broker.second_port(), {"-t", "u", "-m", "tcp", "-q", "1"})).code == 0);
  CHECK(run(pub({"--unix", path, "-t", "u", "-m", "unix", "-q", "1"})).code == 0);
  CHECK(run(pub({"-L", "unix://" + path, "-t", "u", "-m", "url", "-q", "1"})).code == 0);
  CHECK(reader.wait().out == "tcp\nunix\nurl\n");
}
