// A moment on the wall clock as local time in text, for output formats. The moment is an argument; what only
// changes with the second (strftime's work) is done once a second, so that a burst of messages pays for
// digits alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace mq {

class LocalTime {
 public:
  using Moment = std::chrono::system_clock::time_point;

  // Adds a strftime pattern; the number is for text(), which holds what was current at the last set().
  std::size_t add(std::string pattern);
  void set(Moment moment);

  std::string_view text(std::size_t number) const { return texts_[number]; }
  std::string_view rfc3339() const { return rfc3339_; }  // 2026-11-22T06:47:58.597706+01:00
  std::int64_t seconds() const { return seconds_; }      // since 1970, UTC
  std::uint32_t nanoseconds() const { return nanoseconds_; }

 private:
  void renew();

  std::int64_t seconds_ = std::numeric_limits<std::int64_t>::min();
  std::uint32_t nanoseconds_ = 0;
  std::string rfc3339_;
  std::size_t microseconds_at_ = 0;
  std::vector<std::string> patterns_;
  std::vector<std::string> texts_;
};

// The wall clock now, since 1970.
std::int64_t wall_milliseconds();

// `number` in decimal with zeros in front up to `digits`.
void append_digits(std::uint64_t number, std::size_t digits, std::string& out);

}  // namespace mq
