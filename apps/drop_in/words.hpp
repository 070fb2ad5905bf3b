// Mosquitto's words and codes for what can happen, as scripts match them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/reason_code.hpp"
#include "wire/version.hpp"

namespace mq {

// Libmosquitto's error numbers: exit codes of its clients.
enum DropInCode : int {
  drop_in_done = 0,
  drop_in_failure = 1,
  drop_in_protocol = 2,
  drop_in_refused = 5,
  drop_in_lost = 7,
  drop_in_tls = 8,
  drop_in_not_supported = 10,
  drop_in_credentials = 11,
  drop_in_proxy = 16,
  drop_in_malformed = 21,
  drop_in_qos_not_supported = 24,
  drop_in_too_large = 25,
  drop_in_timeout = 27,
};

// "The connection was lost"
std::string_view words_of(DropInCode code);

// "Not authorized"
std::string words_of(ReasonCode reason);

// Of a CONNACK that refuses: what is said, and the code that scripts see (below 5.0 the return code, 1 to 5).
std::string refusal_words(ReasonCode reason, Version version);
int refusal_code(ReasonCode reason, Version version);

}  // namespace mq
