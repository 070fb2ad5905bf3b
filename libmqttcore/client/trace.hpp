// Names every packet of a connection, for -d: fed with the bytes of one direction, it calls back with one
// line a packet. Bytes that are no packet end it with a line that says so. Keeps an unfinished packet, no
// more.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/packet.hpp"
#include "wire/version.hpp"

namespace mq {

using TraceLine = std::function<void(std::string_view line)>;  // the line lives until the return

// Words for a packet other than ours; empty text: nothing is said of it.
using TraceWords = std::function<std::string(Sender sender, const Packet& packet)>;

class Trace {
 public:
  // `line` may be empty: then nothing is done. Without `words` lines are ours (wire/describe.hpp).
  Trace(Sender sender, Version version, TraceLine line, TraceWords words = {})
      : sender_(sender), version_(version), line_(std::move(line)), words_(std::move(words)) {}

  void feed(Bytes bytes);

 private:
  Sender sender_;
  Version version_;
  TraceLine line_;
  TraceWords words_;
  Buffer rest_;
  bool ended_ = false;
};

}  // namespace mq
