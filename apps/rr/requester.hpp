// mqtt-rr at work: subscribes to where the answer is to come, publishes the request once the server has
// acknowledged that, and shows the message that answers it: the one with the request's correlation data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "rr/settings.hpp"
#include "shared/client_program.hpp"
#include "shared/inspector.hpp"
#include "shared/output.hpp"

namespace mq {

class Requester : public ClientProgram {
 public:
  // `settings` outlives it. Without an inspector the answer's payload is shown as it came.
  Requester(const RrSettings& settings, Buffer request, Format format, std::unique_ptr<Inspector> inspector);

 private:
  void on_message(const Message& message) override;
  void handle(const Event& event) override;
  void on_quiet() override {}
  void on_written() override {}
  void on_interrupt() override { end(); }
  void on_finish() override;
  std::string missing() const override;

  void on_connected(const Connected& connected);
  Result<void> choose_response_topic(const Connack& connack);
  void subscribe();
  void on_subscribed(const Suback& suback);
  void send();
  void on_published(const Published& published);
  bool answers(const Publish& publish) const;
  void show(const Publish& publish);
  void show_latency();

  const RrSettings& settings_;
  Buffer request_;
  Format format_;
  std::unique_ptr<Inspector> inspector_;
  Output output_;
  std::string response_topic_;
  Buffer correlation_;  // of the request; empty below 5.0, which has none
  PropertyList properties_;
  bool subscribed_ = false, sent_ = false, answered_ = false;
  Time sent_at_{};
  std::uint64_t others_ = 0;  // messages that were not the answer
};

}  // namespace mq
