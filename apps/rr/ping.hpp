// mqtt-rr ping: how long a message takes to the server and back, measured like ping(8): one message after the
// other to a topic that this client itself has subscribed to, a line for each, and statistics at the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/histogram.hpp"
#include "rr/ping_options.hpp"
#include "shared/client_program.hpp"
#include "shared/output.hpp"

namespace mq {

class Pinger : public ClientProgram {
 public:
  // `settings` outlives it.
  explicit Pinger(const PingSettings& settings);

 private:
  void on_message(const Message& message) override;
  void handle(const Event& event) override;
  void on_quiet() override;
  void on_written() override {}
  void on_interrupt() override { finish_pinging(); }
  void on_finish() override;
  std::string missing() const override;

  void subscribe();
  void on_subscribed(const Suback& suback);
  void send();
  Duration patience() const;
  std::uint64_t lost() const;
  void wait_for_the_last();
  void finish_pinging() { end(); }
  void show(std::uint64_t number, std::uint64_t microseconds);
  void show_statistics();

  const PingSettings& settings_;
  Output output_;
  std::string topic_;
  Buffer run_;  // tells our messages from those of others on the same topic
  Buffer payload_;
  Timer timer_;
  Time due_{};  // of the next message
  std::map<std::uint64_t, Time> under_way_;
  std::uint64_t sent_ = 0;
  std::uint64_t doubled_ = 0;
  bool subscribed_ = false;
  bool pinging_ = false;
  Histogram times_;
};

}  // namespace mq
