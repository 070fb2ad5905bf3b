// mqtt-sub at work: subscribes, chooses which messages to show, prints them without ever being held up by its
// reader, or has a command run for each, and knows when it has seen enough.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "net/loop.hpp"
#include "shared/format.hpp"
#include "shared/inspector.hpp"
#include "shared/printing_program.hpp"
#include "sub/jobs.hpp"
#include "sub/message_rate.hpp"
#include "sub/settings.hpp"
#include "sub/topic_lines.hpp"

namespace mq {

class Subscriber : public PrintingProgram {
 public:
  // `settings` outlives it. Without an inspector payloads are shown as they came.
  Subscriber(const SubSettings& settings, Format format, std::unique_ptr<Inspector> inspector);

  // --junit for a run that ends before it has begun, or by force: stands in the file until on_result().
  static Result<void> write_unfinished(const SubSettings& settings);

 private:
  void on_message(const Message& message) override;
  void handle(const Event& event) override;
  void on_quiet() override { flush(); }
  void on_interrupt() override;
  void on_finish() override;
  int on_result(int code) override;
  void on_retry(const Error& why, Duration pause, const Endpoint& next) override;
  std::optional<Error> time_up(Error timed_out) override;
  std::string missing() const override;

  void on_connected(const Connected& connected);
  void subscribe();
  void on_subscribed(const Suback& suback);
  void on_unsubscribed(const Unsuback& unsuback);
  void answered();
  bool only_shows() const;
  bool chosen(const Publish& publish);
  bool filtered_out(const Publish& publish) const;
  bool to_be_shown(const Publish& publish);
  void remove_retained(const Publish& publish);
  bool show(const Publish& publish);
  void judge(const Publish& publish, bool shown);
  bool unmet();
  void wait_for_quiet();
  void rest_while_full();
  void job_ended();
  void finish_jobs();
  void show_as_it_came(const Publish& publish, LocalTime::Moment received);
  void end_when_enough();

  const SubSettings& settings_;
  bool choosy_;  // a message may be treated otherwise than shown
  Format format_;
  bool judging_;  // messages count for more than what is shown of them
  std::unique_ptr<Inspector> inspector_;
  std::unique_ptr<Jobs> jobs_;
  bool resting_ = false;       // the commands can't keep up
  bool finishing_ = false;     // nothing but commands is waited for
  std::optional<Timer> idle_;  // --idle
  Time begun_;
  LocalTime::Moment begun_at_{};
  std::optional<TopicLines> topic_lines_;
  std::optional<MessageRate> rate_;
  bool was_away_ = false;         // a connection was lost
  bool subscribed_ = false;       // the server has answered for every filter
  std::size_t answers_left_ = 0;  // SUBACK and UNSUBACK
  std::uint64_t shown_ = 0;
  bool enough_ = false;
  std::minstd_rand random_;
};

}  // namespace mq
