// Source of messages that are written as JSON objects, one a line: lines of standard input (--input json), or
// a recording of mqtt-sub's that is played again with the pauses it had (--replay). Holds one line at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "input/line_source.hpp"
#include "shared/message_record.hpp"

namespace mq {

class RecordSource final : public LinesOfInput {
 public:
  // Closes `descriptor` in the end unless it is standard input.
  RecordSource(const InputSettings& settings, int descriptor);
  ~RecordSource() override;

  Supply next(Draft& draft) override;
  std::optional<double> share() const override;

 private:
  Supply make(Bytes line, Draft& draft);
  Supply begin_again();
  void add_properties();
  Duration pause();

  const InputSettings& settings_;
  int descriptor_;
  std::uint64_t left_;  // how often the recording is still to be played, this time included
  MessageRecord record_;
  std::optional<LocalTime::Moment> last_;  // time of the message before
  std::uint64_t given_ = 0;                // bytes, this time
  std::uint64_t made_ = 0;                 // messages, this time
  std::uint64_t size_ = 0;                 // of a regular file, else 0
};

}  // namespace mq
