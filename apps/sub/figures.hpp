// mqtt-sub --sys at work: subscribes to $SYS/#, and shows what the server tells of itself, once or again and
// again.
#pragma once

#include <optional>
#include <string>

#include "net/loop.hpp"
#include "shared/client_program.hpp"
#include "shared/output.hpp"
#include "sub/figure_table.hpp"
#include "sub/settings.hpp"

namespace mq {

class Figures : public ClientProgram {
 public:
  explicit Figures(const SubSettings& settings);  // which outlive it

 private:
  void on_message(const Message& message) override;
  void handle(const Event& event) override;
  void on_interrupt() override { end(); }
  void on_retry(const Error& why, Duration pause, const Endpoint& next) override;
  void on_finish() override;
  std::string missing() const override;
  std::optional<Error> time_up(Error timed_out) override;

  void subscribe();
  void on_subscribed(const Suback& suback);
  bool has_figures() const { return table_.has_figures(settings_.verbose); }
  void show_what_there_is();
  void wait_for_more();
  void wait_for_interval();
  void on_all_there();
  void show();

  const SubSettings& settings_;
  bool terminal_;
  FigureTable table_;
  Output output_;
  Timer timer_;
  bool subscribed_ = false;  // on this connection
  bool all_there_ = false;   // the burst is over
  bool shown_ = false;       // figures, at least once
};

}  // namespace mq
