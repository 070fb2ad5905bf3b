// Every payload and line of the benchmark starts with its number, from 0, in eight decimal digits, so that
// each receiver can tell what was lost, doubled or put out of order. bench_source starts again from 0 after
// source_cycle messages, because it sends the same prepared bytes over and over.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace mq::bench {

inline constexpr std::size_t digits = 8;
inline constexpr std::uint64_t all_numbers = 100'000'000;
inline constexpr std::uint64_t source_cycle = 60'000;

// The number that the payload starts with; all_numbers when it starts with none.
inline std::uint64_t read_number(std::string_view payload) {
  if (payload.size() < digits) return all_numbers;
  // Eight digits at once: neighbours are joined to numbers below 100, then 10,000, then 100,000,000.
  std::uint64_t text = 0;
  std::memcpy(&text, payload.data(), digits);
  const std::uint64_t values = text ^ 0x3030'3030'3030'3030;
  if (((values + 0x7676'7676'7676'7676) | values) & 0x8080'8080'8080'8080) return all_numbers;
  const std::uint64_t pairs = (values * 10 + (values >> 8)) & 0x00ff'00ff'00ff'00ff;
  const std::uint64_t fours = (pairs * 100 + (pairs >> 16)) & 0x0000'ffff'0000'ffff;
  return (fours & 0xffff) * 10'000 + (fours >> 32);
}

class Arrivals {
 public:
  // Numbers start again from 0 after `cycle` messages.
  explicit Arrivals(std::uint64_t cycle) : cycle_(cycle) {}

  void add(std::string_view payload) {
    ++received_;
    const std::uint64_t number = read_number(payload);
    if (number == next_ - lap_) {
      if (++next_ == lap_ + cycle_) lap_ = next_;
    } else {
      add_unexpected(number);
    }
  }

  std::uint64_t received() const { return received_; }
  std::uint64_t distinct() const { return next_ - lost_; }
  // Messages whose number was not one more than the highest one before.
  std::uint64_t out_of_order() const { return out_of_order_; }

 private:
  void add_unexpected(std::uint64_t number) {
    ++out_of_order_;
    if (number >= cycle_) return;
    number += lap_;
    const std::uint64_t half = cycle_ / 2;  // of the messages that it may be, the nearest
    if (number + half < next_) {
      number += cycle_;
    } else if (number > next_ + half && number >= cycle_) {
      number -= cycle_;
    }
    missing_.resize(std::max<std::size_t>(missing_.size(), number + 1));
    if (number < next_) {
      lost_ -= missing_[number];
      missing_[number] = false;
      return;
    }
    for (; next_ < number; ++next_, ++lost_) missing_[next_] = true;
    ++next_;
    lap_ = next_ / cycle_ * cycle_;
  }

  std::uint64_t cycle_;
  std::uint64_t next_ = 0;  // one more than the highest so far, counted through all laps
  std::uint64_t lap_ = 0;   // the last multiple of cycle_ up to next_
  std::uint64_t received_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::uint64_t lost_ = 0;
  std::vector<bool> missing_;
};

}  // namespace mq::bench
