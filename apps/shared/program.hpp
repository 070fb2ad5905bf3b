// What help, man page and completions say about a program beside its options. All text is static.
#pragma once

#include <string_view>

namespace mq {

struct Program {
  std::string_view name;      // "mqtt-pub"
  std::string_view summary;   // "publish messages to an MQTT server"
  std::string_view synopsis;  // what can stand behind the name, one form a line
  std::string_view prose;     // the man page with its marks @OPTIONS@, @EXIT_CODES@, @ENVIRONMENT@, @VERSION@
};

// "0.1.0"
std::string_view toolkit_version();

}  // namespace mq
