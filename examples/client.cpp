// A client of libmqttcore: subscribes to a topic, publishes to it, prints what comes back and leaves.
//     example-client HOST PORT TOPIC TEXT
#include <iostream>
#include <span>
#include <string>

#include "base/text.hpp"
#include "client/client.hpp"

class Echo : mq::ClientOwner {
 public:
  Echo(const mq::ClientConfig& config, std::string topic, std::string text)
      : topic_(std::move(topic)), text_(std::move(text)), client_(loop_, config, *this) {}

  int run() {
    client_.start();
    loop_.run();  // calls the functions below, until stop()
    return failed_ ? 1 : 0;
  }

 private:
  void on_event(const mq::Event& event) override {
    mq::Result<mq::Ticket> asked;
    if (std::holds_alternative<mq::Connected>(event))
      asked = client_.subscribe({{.filter = topic_, .qos = mq::QoS::at_least_once}}, {});
    else if (std::holds_alternative<mq::Subscribed>(event))
      asked = client_.publish(
          {.qos = mq::QoS::at_least_once, .topic = topic_, .properties = {}, .payload = text_});
    if (!asked) on_end(asked.error());
  }
  void on_message(const mq::Message& message) override {  // its views live until we return
    std::cout << message.publish.topic << ": " << message.publish.payload << '\n';
    client_.leave();
  }
  void on_retry(const mq::Error& why, mq::Duration /*pause*/, const mq::Endpoint& next) override {
    std::cerr << why.text << "; trying " << next.text() << '\n';
  }
  void on_end(const std::optional<mq::Error>& why) override {
    failed_ = why.has_value();
    if (why) std::cerr << "error: " << why->text << '\n';
    loop_.stop();
  }

  std::string topic_, text_;
  bool failed_ = false;
  mq::Loop loop_;
  mq::Client client_;  // goes before its loop
};

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const auto port = argc == 5 ? mq::parse_number<std::uint16_t>(arguments[2]) : std::nullopt;
  if (!port) return 2;
  mq::ClientConfig config;
  config.endpoints = {{.host = arguments[1], .port = *port}};
  return Echo(config, arguments[3], arguments[4]).run();
}
