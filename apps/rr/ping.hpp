// mqtt-rr ping: how long a message takes to the server and back, measured like ping(8): one message after the
// other, on a fixed schedule, to a topic that this client itself has subscribed to, a line for each that
// comes back, and statistics at the end.
#pragma once

#include <cstdint>
#include <string>

#include "rr/ping_options.hpp"
#include "rr/round_trips.hpp"
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
  void on_written() override;
  void on_retry(const Error& why, Duration pause, const Endpoint& next) override;
  void on_interrupt() override;
  std::optional<Error> time_up(Error timed_out) override;
  void on_finish() override;
  int on_result(int code) override;
  std::string missing() const override;

  void subscribe();
  void on_subscribed(const Suback& suback);
  void go_on();
  bool take_turn();
  void stop_sending();
  void wait_for_the_rest();
  Duration patience() const;
  void show(std::uint64_t number, const RoundTrips::Back& back);
  void show_statistics(std::uint64_t lost);

  const PingSettings& settings_;
  Output output_;
  std::string topic_;
  Buffer run_;  // tells our messages from those of others on the same topic
  Buffer payload_;
  Timer timer_;
  Time due_{};             // the turn of the next message
  Time stopped_{};         // when the last one had left
  bool pinging_ = false;   // has begun
  bool ready_ = false;     // there is a connection, and the subscription stands
  bool held_ = false;      // a message waits after its turn, since the connection or the window is full
  bool stopping_ = false;  // no further message is sent
  bool unread_ = false;    // nobody reads what we print
  RoundTrips trips_;
  std::uint64_t not_shown_ = 0;
};

}  // namespace mq
