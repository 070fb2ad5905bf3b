// mqtt-rr ping's command line.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "shared/command_line.hpp"
#include "shared/common_options.hpp"
#include "shared/program.hpp"
#include "shared/settings.hpp"

namespace mq {

struct PingSettings {
  ConnectionSettings connection;
  std::string topic;  // -t; empty: one of its own
  QoS qos = QoS::at_most_once;
  std::uint64_t count = 0;                      // -C; 0 = until it is interrupted
  Duration interval = std::chrono::seconds(1);  // --interval
  std::size_t size = 16;                        // --size of the payload, in bytes
  bool json = false;                            // --output json
};

// As parse_rr() does.
Result<PingSettings> parse_ping(int argc, const char* const* argv, const Environment& environment);

const Program& ping_program();
int run_ping(int argc, char** argv);

}  // namespace mq
