// mqtt-rr as mosquitto_rr: its command line, its defaults, its manner, and its idea of an answer, which is
// the first message that comes to the response topic.
#pragma once

#include <string_view>

namespace mq {

constexpr std::string_view mosquitto_rr_name = "mosquitto_rr";

// The exit code.
int run_mosquitto_rr(int argc, char** argv);

}  // namespace mq
