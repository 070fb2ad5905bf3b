// A short text that stands for others, the same in every run. Not against those who look for two that are
// alike.
#pragma once

#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/bytes.hpp"

namespace mq {

// FNV-1a.
class Digest {
 public:
  void add(std::string_view text) {
    for (const char c : text) value_ = (value_ ^ octet(c)) * 0x100000001B3U;
    value_ = (value_ ^ 0x100U) * 0x100000001B3U;  // what no byte is: the end
  }
  void add_host_name() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) == 0) add(host.data());
  }
  std::string text() const {
    return fmt::format("{:08x}", static_cast<std::uint32_t>(value_ ^ value_ >> 32U));
  }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

}  // namespace mq
