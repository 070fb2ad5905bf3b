// mqtt-pub at work: takes messages from their source, no faster than the session takes them and not before
// they are due, publishes them, and ends when all are written and, at QoS 1 and 2, acknowledged.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "input/composer.hpp"
#include "input/source.hpp"
#include "net/loop.hpp"
#include "pub/preparation.hpp"
#include "pub/progress.hpp"
#include "pub/settings.hpp"
#include "shared/client_program.hpp"

namespace mq {

class Publisher : public ClientProgram {
 public:
  struct Parts {
    std::unique_ptr<Source> source;
    std::unique_ptr<Preparation> preparation;  // nullptr: messages go as their source gives them
    std::unique_ptr<Composer> composer;        // nullptr: payloads do
  };

  // `settings` outlives it.
  Publisher(const PubSettings& settings, Parts parts);

 private:
  void handle(const Event& event) override;
  void on_written() override { go_on(); }
  void on_retry(const Error& why, Duration pause, const Endpoint& next) override;
  void on_end(const std::optional<Error>& why) override;
  void on_interrupt() override;
  std::string missing() const override;

  void go_on();
  bool take();
  void put_off();
  void publish_to_next_topic();
  void publish_prepared();
  bool prepare();
  void publish_to(std::string_view topic, Bytes payload);
  void invalid(std::string_view topic, const Error& error);
  void refused(const Error& error);
  void end_when_done();
  void clear_progress();

  const PubSettings& settings_;
  Parts parts_;
  Draft draft_;
  bool pending_ = false;        // the draft is still to go to some of its topics
  std::size_t next_topic_ = 0;  // of the draft
  std::size_t topics_;          // that it goes to
  std::optional<Time> due_;     // when the last message was due
  Timer pause_;
  bool resting_ = false;  // the draft is not due yet
  bool source_ended_ = false;
  bool properties_dropped_ = false;
  std::uint64_t taken_ = 0;  // messages
  std::uint64_t refusals_ = 0;
  std::uint64_t invalid_ = 0;       // messages that were not sent
  std::uint64_t invalid_line_ = 0;  // the last of them
  std::uint64_t invalid_taken_ = 0;
  std::unique_ptr<Progress> progress_;
};

}  // namespace mq
