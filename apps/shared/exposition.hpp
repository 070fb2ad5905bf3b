// OpenMetrics 1.0 text, which Prometheus and others read: families one after the other, each with its
// samples. Which there are, and in which order, is the caller's affair.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace mq {

inline constexpr std::string_view open_metrics_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

// A label's value: UTF-8 with three escapes, at most 300 bytes of what it is made of; what is not UTF-8
// becomes U+FFFD.
std::string label_text(std::string_view text);

class Exposition {
 public:
  // All names begin with `prefix`. `out` is appended to, and outlives the exposition.
  Exposition(std::string_view prefix, Buffer& out) : prefix_(prefix), out_(out) {}

  // A family; its samples follow at once. `name` may be empty: the prefix alone. `help` without its full
  // stop; where there is a `unit`, the name ends with it.
  void begin(std::string_view name, std::string_view type, std::string_view help, std::string_view unit = {});

  // `suffix`: "_total" of a counter, "_info" of an info. `labels` without braces, their values by
  // label_text().
  void sample(std::string_view suffix, std::string_view labels, std::string_view value);
  void sample(std::string_view suffix, std::string_view labels, std::uint64_t value);
  void sample(std::string_view suffix, std::string_view labels, double value);  // 0 for what is not finite

  void end();

 private:
  std::string prefix_;
  Buffer& out_;
  std::string name_;
};

}  // namespace mq
