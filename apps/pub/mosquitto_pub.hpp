// mqtt-pub called as mosquitto_pub: the same publisher with mosquitto's options, texts and exit codes.
#pragma once

#include <string_view>

namespace mq {

constexpr std::string_view mosquitto_pub_name = "mosquitto_pub";

// Returns the exit code.
int run_mosquitto_pub(int argc, char** argv);

}  // namespace mq
