#include "shared/local_time.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <utility>

namespace mq {
namespace {

std::string formatted(const std::string& pattern, const std::tm& time) {
  std::array<char, 256> text{};
  return {text.data(), std::strftime(text.data(), text.size(), pattern.c_str(), &time)};
}

}  // namespace

void append_digits(std::uint64_t number, std::size_t digits, std::string& out) {
  std::array<char, 20> text{};
  const char* end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  const auto size = static_cast<std::size_t>(end - text.data());
  if (size < digits) out.append(digits - size, '0');
  out.append(text.data(), size);
}

std::size_t LocalTime::add(std::string pattern) {
  patterns_.push_back(std::move(pattern));
  texts_.emplace_back();
  seconds_ = std::numeric_limits<std::int64_t>::min();
  return patterns_.size() - 1;
}

void LocalTime::set(Moment moment) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(moment);
  nanoseconds_ = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(moment - whole).count());
  const std::int64_t seconds = whole.time_since_epoch().count();
  if (seconds != seconds_) {
    seconds_ = seconds;
    renew();
  }
  std::uint32_t microseconds = nanoseconds_ / 1000;
  for (std::size_t i = 6; i-- > 0; microseconds /= 10) {
    rfc3339_[microseconds_at_ + i] = static_cast<char>('0' + microseconds % 10);
  }
}

void LocalTime::renew() {
  const auto seconds = static_cast<std::time_t>(seconds_);
  std::tm time{};
  localtime_r(&seconds, &time);
  for (std::size_t i = 0; i < patterns_.size(); ++i) texts_[i] = formatted(patterns_[i], time);

  rfc3339_ = formatted("%FT%T.", time);
  microseconds_at_ = rfc3339_.size();
  rfc3339_ += "000000";
  std::string zone = formatted("%z", time);
  zone.insert(3, 1, ':');
  rfc3339_ += zone;
}

std::int64_t wall_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace mq
