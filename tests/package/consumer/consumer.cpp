// Somebody's program on the installed library: publishes a greeting to the server at 127.0.0.1:argv[1].
#include "client/client.hpp"

struct Greeter : mq::ClientOwner {
  mq::Loop loop;
  mq::Client* client = nullptr;
  bool acknowledged = false;
  void on_event(const mq::Event& event) override {
    using enum mq::QoS;
    if (std::holds_alternative<mq::Connected>(event))
      (void)client->publish({.qos = at_least_once, .topic = "greeting", .payload = "hello"});
    if (std::holds_alternative<mq::Published>(event)) client->leave();
    acknowledged = acknowledged || std::holds_alternative<mq::Published>(event);
  }
  void on_end(const std::optional<mq::Error>&) override { loop.stop(); }
};

int main(int, char** argv) {
  mq::ClientConfig config{.endpoints = {{"127.0.0.1", static_cast<std::uint16_t>(std::stoi(argv[1]))}}};
  Greeter greeter;
  mq::Client client(greeter.loop, config, greeter);
  greeter.client = &client;
  client.start();
  greeter.loop.run();
  return greeter.acknowledged ? 0 : 1;
}
