// Where a sink's thread shows its counts to the others. Each figure is whole; figures read together may be
// from two turns.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "sink/counts.hpp"

namespace mq::sink {

class Board {
 public:
  void show(const SinkCounts& counts) {
    const auto values = std::bit_cast<Values>(counts);
    for (std::size_t at = 0; at < size; ++at) shown_[at].store(values[at], std::memory_order_relaxed);
  }
  SinkCounts read() const {
    Values values{};
    for (std::size_t at = 0; at < size; ++at) values[at] = shown_[at].load(std::memory_order_relaxed);
    return std::bit_cast<SinkCounts>(values);
  }

 private:
  static constexpr std::size_t size = sizeof(SinkCounts) / sizeof(std::uint64_t);
  using Values = std::array<std::uint64_t, size>;
  static_assert(std::is_trivially_copyable_v<SinkCounts> && sizeof(SinkCounts) == sizeof(Values));

  std::array<std::atomic<std::uint64_t>, size> shown_{};
};

}  // namespace mq::sink
