#include "peers/mosquitto.hpp"

#include <doctest/doctest.h>

using namespace mq;

namespace {

std::vector<std::string> at(std::uint16_t port, std::string program, std::vector<std::string> arguments) {
  std::vector<std::string> command{std::move(program), "-h", "127.0.0.1", "-p", std::to_string(port)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

TEST_CASE("mosquitto carries a message, and keeps state over stop, crash and start") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.persistence = true});
  Process reader({.command = at(broker.port(), "mosquitto_sub", {"-i", "reader", "-t", "a/#", "-C", "1"})});
  broker.await_subscription("reader", "a/#");
  CHECK(run({.command = at(broker.port(), "mosquitto_pub", {"-t", "a/b", "-m", "hello", "-r"})}).code == 0);
  CHECK(reader.wait().out == "hello\n");

  broker.stop();
  CHECK(run({.command = at(broker.port(), "mosquitto_pub", {"-t", "a/b", "-m", "lost"})}).code != 0);
  broker.start();
  CHECK(run({.command = at(broker.port(), "mosquitto_sub", {"-t", "a/b", "-C", "1"})}).out == "hello\n");
  broker.crash();
  broker.start();
}

TEST_CASE("mosquitto takes users, further listeners and further files") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.anonymous = false,
                    .lines = "acl_file {dir}/acl\nlistener {port2} 127.0.0.1\nlistener 0 {dir}/socket\n",
                    .files = {{"acl", "user ann\ntopic readwrite open/#\n"}},
                    .users = {{"ann", "secret"}}});
  CHECK(run({.command = at(broker.port(), "mosquitto_pub", {"-t", "open/a", "-m", "x"})}).code != 0);
  const std::vector<std::string> known{"-u", "ann", "-P", "secret", "-t", "open/a", "-m", "x"};
  CHECK(run({.command = at(broker.port(), "mosquitto_pub", known)}).code == 0);
  CHECK(run({.command = at(broker.second_port(), "mosquitto_pub", known)}).code == 0);
  CHECK(run({.command = {"mosquitto_pub", "--unix", broker.path("socket"), "-u", "ann", "-P", "secret", "-t",
                         "open/a", "-m", "x"}})
            .code == 0);
}
