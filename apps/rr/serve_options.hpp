// mqtt-rr serve's command line.
#pragma once

#include "base/error.hpp"
#include "rr/serve_settings.hpp"
#include "shared/command_line.hpp"
#include "shared/program.hpp"

namespace mq {

// As parse_rr() does.
Result<ServeSettings> parse_serve(int argc, const char* const* argv, const Environment& environment);

const Program& serve_program();

}  // namespace mq
