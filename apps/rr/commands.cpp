#include "rr/commands.hpp"

#include <array>

#include "rr/ping_options.hpp"
#include "rr/serve_options.hpp"

namespace mq {

std::span<const Program* const> rr_commands() {
  static const std::array commands{&ping_program(), &serve_program()};
  return commands;
}

}  // namespace mq
