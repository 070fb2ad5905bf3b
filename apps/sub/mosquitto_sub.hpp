// mqtt-sub called as mosquitto_sub: the same subscriber with mosquitto's options, texts and exit codes.
#pragma once

#include <string_view>

namespace mq {

constexpr std::string_view mosquitto_sub_name = "mosquitto_sub";

// Returns the exit code.
int run_mosquitto_sub(int argc, char** argv);

}  // namespace mq
