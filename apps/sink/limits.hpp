// What a sink announces in CONNACK and holds its clients to.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mq::sink {

inline constexpr std::uint16_t topic_alias_maximum = 1024;
inline constexpr std::uint32_t max_packet = 64U << 20U;
inline constexpr std::size_t most_sessions = 2'000'000;

}  // namespace mq::sink
