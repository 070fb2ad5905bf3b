// Looks into messages: decodes them, holds them to their schemas, runs a jq program over them, and lays out
// what is shown. Payloads are decoded once, here. Writes only to the buffer that it is given, and tells on
// standard error what is wrong with a message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "payload/ink.hpp"
#include "payload/jq.hpp"
#include "payload/payload_reader.hpp"
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

class Inspector {
 public:
  // Whether messages are to be looked into at all.
  static bool wanted(const OutputSettings& settings, const Screen& screen);
  // `settings` and `log` outlive it. Kind usage or io when a schema, a map or the program is wrong.
  static Result<std::unique_ptr<Inspector>> make(const OutputSettings& settings, const Log& log,
                                                 const Screen& screen);

  enum class Outcome : std::uint8_t { shown, hidden, stop };
  // Appends what is shown of the message. `format` is what it is laid out by unless a jq program does that.
  Outcome show(const Publish& publish, LocalTime::Moment received, const Format& format, Buffer& out);

  // What the messages so far owe: failures of the jq program, or that some were invalid.
  std::optional<Error> owed() const;
  // How many were valid, said when they were held to schemas.
  void say_summary() const;

 private:
  Inspector(const OutputSettings& settings, const Log& log, const Screen& screen);

  Outcome show_message(const Publish& publish, LocalTime::Moment received, const Format& format, Buffer& out);
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
  std::unique_ptr<PayloadReader> reader_;
  std::unique_ptr<Jq> jq_;
  std::vector<Value> results_;
  LocalTime time_;
  Buffer text_;
  std::string topic_;  // as a terminal may have it
  std::uint64_t valid_ = 0, invalid_ = 0, unchecked_ = 0;
  std::uint64_t jq_failures_ = 0;
};

}  // namespace mq
