// Looks into messages: decodes them, holds them to their schemas, shows them to the expectations, runs a jq
// program over them, and lays out what is shown or hands it to a taker. Payloads are decoded once, here.
// Writes only to the buffer that it is given, and tells on standard error what is wrong with a message.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "payload/ink.hpp"
#include "payload/jq.hpp"
#include "payload/payload_reader.hpp"
#include "shared/expectations.hpp"
#include "shared/format.hpp"
#include "shared/log.hpp"
#include "shared/output_settings.hpp"

namespace mq {

// What the place that output goes to asks for.
struct Screen {
  bool terminal = false;
  bool colour = false;
};
Screen screen_of(int descriptor, OutputSettings::Colour colour);

// Gets messages instead of the output.
class MessageTaker {
 public:
  virtual ~MessageTaker() = default;
  virtual void take(const Publish& publish, const Reading& reading, LocalTime::Moment received) = 0;
};

class Inspector {
 public:
  // Whether messages are to be looked into for what is shown of them.
  static bool wanted(const OutputSettings& settings, const Screen& screen);
  // `settings` and `log` outlive it. Kind usage or io when a schema, a map or the program is wrong.
  static Result<std::unique_ptr<Inspector>> make(const OutputSettings& settings, const Log& log,
                                                 const Screen& screen);

  enum class Outcome : std::uint8_t { shown, hidden, stop };
  // Appends what is shown of the message. `format` is what it is laid out by unless a jq program does that.
  Outcome show(const Publish& publish, LocalTime::Moment received, const Format& format, Buffer& out);

  // What the next messages answer, for programs that ask.
  void set_answer(const AnswerFacts& answer) { answer_ = answer; }
  // From now on messages go there.
  void hand_to(MessageTaker& taker) { taker_ = &taker; }
  // nullptr: none. They have seen what was not hidden for its validity.
  Expectations* expectations() { return expectations_ ? &*expectations_ : nullptr; }
  // For how long the run has gone on, in seconds: expectations keep it.
  void set_clock(std::function<double()> clock) { clock_ = std::move(clock); }
  // A message in short, for a sentence.
  std::string in_short(const Publish& publish);

  // What the messages so far owe: failures of the jq program, or that some were invalid.
  std::optional<Error> owed() const;
  std::uint64_t invalid() const { return invalid_; }
  // The topic of the message on which a jq program was stopped, because the time was up or a signal came.
  const std::optional<std::string>& halted_on() const { return halted_on_; }
  // How many were valid, said when they were held to schemas.
  void say_summary() const;

 private:
  Inspector(const OutputSettings& settings, const Log& log, const Screen& screen);

  std::optional<Outcome> show_decoded(const Publish& publish, LocalTime::Moment received,
                                      const Format& format, Buffer& out);
  Outcome show_reading(const Publish& publish, const Reading& reading, LocalTime::Moment received,
                       const Format& format, Buffer& out);
  Value value_of(const Publish& publish, const Reading& reading, LocalTime::Moment received);
  bool write(const Publish& publish, const Reading& reading, LocalTime::Moment received, const Format& format,
             Buffer& out);
  Publish on_screen(const Publish& publish);
  void judge(const Publish& publish, const Reading& reading);
  Bytes text_of(const Publish& publish, const Reading& reading);
  void write_decoded(const Publish& publish, const Reading& reading, Ink& ink);
  bool show_results(const Publish& publish, const Reading& reading, LocalTime::Moment received, Buffer& out);

  const OutputSettings& settings_;
  const Log& log_;
  Layout layout_;
  bool native_;  // in the format's own notation, not as JSON
  bool terminal_;
  bool as_it_came_;  // decoded for others, not for what is shown
  std::unique_ptr<PayloadReader> reader_;
  std::optional<Expectations> expectations_;
  std::function<double()> clock_ = [] { return 0.0; };
  MessageTaker* taker_ = nullptr;
  std::optional<AnswerFacts> answer_;
  std::unique_ptr<Jq> jq_;
  std::vector<Value> results_;
  LocalTime time_;
  Buffer text_;
  std::string topic_;  // as a terminal may have it
  std::uint64_t valid_ = 0, invalid_ = 0, unchecked_ = 0;
  std::uint64_t jq_failures_ = 0;
  std::optional<std::string> halted_on_;
};

}  // namespace mq
