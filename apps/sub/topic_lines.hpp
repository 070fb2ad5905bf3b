// One line of the terminal for each topic (mosquitto_sub's -w): every message is written over the last one of
// its topic. Topics keep the line that they get first, the first below the heading.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.hpp"

namespace mq {

class TopicLines {
 public:
  // Clears the screen and writes the heading.
  TopicLines(std::string_view server, Buffer& out);

  // What is appended to `out` between these stands on the topic's line; then the cursor waits below all.
  void begin(std::string_view topic, Buffer& out);
  void end(Buffer& out) const;

 private:
  void go_to(std::size_t line, Buffer& out) const;

  std::unordered_map<std::string, std::size_t> lines_;
};

}  // namespace mq
