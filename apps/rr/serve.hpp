// The command mqtt-rr serve.
#pragma once

namespace mq {

// `argv` begins with "serve". Returns the exit code.
int run_serve(int argc, char** argv);

}  // namespace mq
