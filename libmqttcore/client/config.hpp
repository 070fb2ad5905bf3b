// Where a client connects to and how often it tries again. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "net/dial.hpp"
#include "session/config.hpp"

namespace mq {

struct RetryPolicy {
  std::uint32_t before_first = 0;  // further tries until the first connection stands
  std::optional<std::uint32_t> after_loss =
      0U;  // tries in a row after an established one was lost; nullopt = for ever
  Duration least = std::chrono::seconds(1);  // first pause; doubles, with jitter, up to `most`
  Duration most = std::chrono::seconds(60);
};

struct ClientConfig {
  Endpoint endpoint{"localhost", 1883, {}};
  DialOptions dial;
  SessionConfig session;
  RetryPolicy retry;
  bool fall_back_to_v311 = false;                    // when the server says that it doesn't speak 5.0
  Duration leave_timeout = std::chrono::seconds(5);  // from DISCONNECT to the close, at most
};

}  // namespace mq
