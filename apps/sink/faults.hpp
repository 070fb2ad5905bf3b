// What a sink does wrong, for tests: all off by default. Called in the sink's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/time.hpp"
#include "wire/packet.hpp"

namespace mq {

// What becomes of one message on its way to one subscriber.
struct Fate {
  enum class Kind : std::uint8_t {
    deliver,
    drop,
    twice,
    hold,    // until `after` further messages have gone to that subscriber
    delay,   // by `time`
    corrupt  // the payload's byte number `at` (modulo its size) is changed
  };
  Kind kind = Kind::deliver;
  std::uint32_t after = 1;
  Duration time{};
  std::size_t at = 0;
};

struct SinkFaults {
  // For each message routed to each subscriber, in the order of their arrival at the sink. What is retained
  // or queued gets its fate when it goes to the subscriber's queue. Messages that are held back or delayed
  // when their subscriber's session ends are gone.
  std::function<Fate(std::string_view client_id, const Publish& packet)> fate;
  // A failure refuses a PUBLISH: in the PUBACK or PUBREC of 5.0; at 3.x and QoS 0 it is dropped without a
  // word.
  std::function<ReasonCode(std::string_view client_id, const Publish& packet)> refuse_publish;
  std::function<ReasonCode(const Connect& packet)> refuse_connect;
  // After how many packets (CONNECT is the first) the connection is closed without a word; 0: never.
  std::function<std::uint64_t(const Connect& packet)> close_after;
};

}  // namespace mq
