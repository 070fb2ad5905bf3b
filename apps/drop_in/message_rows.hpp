// The one message that mosquitto_pub and mosquitto_rr send: where it comes from, and reading it.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "drop_in/grammar.hpp"

namespace mq {

struct DropInMessage {
  enum class Source { none, message, file, whole_stdin, lines, null };
  Source source = Source::none;
  std::string text{}, file{};
};

// -m, -f, -s and -n.
void message_rows(DropInRows& rows, DropInMessage& message);
// -l, which mosquitto_pub alone has.
void line_row(DropInRows& rows, DropInMessage& message);

// The payload of all sources but lines. The error is the lines that mosquitto prints.
Result<Buffer> load_message(DropInMessage& message);

}  // namespace mq
