#include "sub/topic_lines.hpp"

#include <fmt/core.h>

#include <iterator>

namespace mq {

TopicLines::TopicLines(std::string_view server, Buffer& out) {
  fmt::format_to(std::back_inserter(out), "\x1B[2J\x1B[1;1HBroker: {}\n", server);
}

void TopicLines::begin(std::string_view topic, Buffer& out) {
  constexpr std::size_t heading = 1;
  go_to(lines_.try_emplace(std::string(topic), lines_.size() + heading + 1).first->second, out);
}

void TopicLines::end(Buffer& out) const {
  go_to(lines_.size() + 1, out);
  out += '\n';
}

void TopicLines::go_to(std::size_t line, Buffer& out) const {
  fmt::format_to(std::back_inserter(out), "\x1B[{};1H", line);
}

}  // namespace mq
