// A client of libmqttcore: subscribes to a topic, publishes to it, prints what comes back and leaves.
//     example-client HOST PORT TOPIC TEXT
#include <iostream>
#include <span>
#include <string>

#include "base/text.hpp"
#include "client/client.hpp"

struct Echo : mq::ClientOwner {
  Echo(const mq::ClientConfig& config, std::string its_topic, std::string its_text)
      : topic(std::move(its_topic)), text(std::move(its_text)), client(loop, config, *this) {}

  void on_event(const mq::Event& event) override {
    mq::Result<mq::Ticket> asked;
    if (std::holds_alternative<mq::Connected>(event))
      asked = client.subscribe({{.filter = topic, .qos = mq::QoS::at_least_once}}, {});
    else if (std::holds_alternative<mq::Subscribed>(event))
      asked =
          client.publish({.qos = mq::QoS::at_least_once, .topic = topic, .properties = {}, .payload = text});
    if (!asked) on_end(asked.error());
  }
  void on_message(const mq::Message& message) override {  // its views live until we return
    std::cout << message.publish.topic << ": " << message.publish.payload << '\n';
    client.leave();
  }
  void on_end(const std::optional<mq::Error>& why) override {
    failed = why.has_value();
    if (why) std::cerr << "error: " << why->text << '\n';
    loop.stop();
  }

  std::string topic, text;
  bool failed = false;
  mq::Loop loop;
  mq::Client client;  // goes before its loop
};

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const auto port = argc == 5 ? mq::parse_number<std::uint16_t>(arguments[2]) : std::nullopt;
  if (!port) return 2;
  mq::ClientConfig config;
  config.endpoints = {{.host = arguments[1], .port = *port}};
  Echo echo(config, arguments[3], arguments[4]);
  echo.client.start();
  echo.loop.run();  // calls the functions above, until stop()
  return echo.failed ? 1 : 0;
}
