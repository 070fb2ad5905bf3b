// A client's owner that notes what it hears, and a loop that runs until the test has seen what it waits for.
// A test that waits for what never comes ends by itself and fails.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/client.hpp"
#include "net/loop.hpp"

namespace mq {

struct Heard : ClientOwner {
  explicit Heard(Loop& running) : loop(running) {}

  void on_message(const Message& message) override {
    payloads.emplace_back(message.publish.payload);
    if (react) react(message);
  }
  void on_event(const Event& event) override {
    if (std::holds_alternative<Connected>(event)) ++connections;
    if (const auto* published = std::get_if<Published>(&event)) reasons.push_back(published->reason);
    if (std::holds_alternative<Subscribed>(event)) ++subscriptions;
    if (react) react(event);
  }
  void on_quiet() override { ++quiets; }
  void on_written() override { ++writes; }
  void on_held_back() override {
    if (hold_back) hold_back();
  }
  void on_retry(const Error& why, Duration pause, const Endpoint& /*next*/) override {
    retries.push_back(why);
    pauses.push_back(pause);
  }
  void on_end(const std::optional<Error>& why) override {
    ended = true;
    error = why;
    loop.stop();
  }

  // Runs the loop until on_end() or stop().
  void run() {
    Timer guard(loop);
    guard.set(loop.now() + std::chrono::seconds(20), [this] {
      timed_out = true;
      loop.stop();
    });
    loop.run();
    REQUIRE_FALSE(timed_out);
  }

  Loop& loop;
  std::function<void(const Event&)> react;
  std::function<void()> hold_back;
  std::vector<std::string> payloads;
  std::vector<ReasonCode> reasons;
  std::vector<Error> retries;
  std::vector<Duration> pauses;
  int connections = 0, subscriptions = 0, quiets = 0, writes = 0;
  bool ended = false, timed_out = false;
  std::optional<Error> error;
};

inline ClientConfig config_for(std::uint16_t port) {
  ClientConfig config;
  config.endpoints = {Endpoint{"127.0.0.1", port, {}}};
  config.session.client_id = "test";
  config.retry.least = std::chrono::milliseconds(10);
  config.retry.most = std::chrono::milliseconds(40);
  return config;
}

}  // namespace mq
