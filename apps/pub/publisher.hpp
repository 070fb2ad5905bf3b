// mqtt-pub at work: takes messages from where they come from, no faster than the session takes them,
// publishes them, and ends when all are written and, at QoS 1 and 2, acknowledged.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/loop.hpp"
#include "pub/composer.hpp"
#include "pub/settings.hpp"
#include "shared/client_program.hpp"
#include "shared/line_reader.hpp"

namespace mq {

class Publisher : public ClientProgram {
 public:
  // `settings` outlives it. `payload` is the one message of all sources but lines. Without a composer
  // payloads go as they are.
  Publisher(const PubSettings& settings, Buffer payload, std::unique_ptr<Composer> composer);

 private:
  void on_message(const Message& /*message*/) override {}  // it subscribes to nothing
  void handle(const Event& event) override;
  void on_quiet() override {}
  void on_written() override { go_on(); }
  void on_interrupt() override;
  std::string missing() const override;

  void go_on();
  bool publish_next();
  bool publish_line();
  bool publish_repeated();
  void read_lines();
  bool publish_to_topics(Bytes payload);
  void publish_to(const std::string& topic, Bytes payload);
  void invalid(const std::string& topic, const Error& error);
  void refused(const Error& error);
  void end_when_done();

  const PubSettings& settings_;
  Buffer payload_;
  std::unique_ptr<Composer> composer_;
  std::uint64_t repeats_left_;
  std::size_t next_topic_ = 0;  // of the current message
  std::optional<Bytes> line_;   // the current message, when some topics are still to get it
  std::uint64_t line_number_ = 0;
  LineReader lines_;
  std::optional<Watch> input_;  // of lines
  bool input_asked_ = false;
  bool input_ended_ = false;
  Timer repeat_timer_;
  bool resting_ = false;  // between two repeats
  bool source_ended_ = false;
  std::uint64_t refusals_ = 0;
  std::uint64_t invalid_ = 0;       // lines that were not sent
  std::uint64_t invalid_line_ = 0;  // the last of them
};

}  // namespace mq
