// Numbers and texts as people read them in reports: times in the unit that fits, large numbers in groups,
// foreign text fit for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mq {

// Three digits that count: "7 us", "870 us", "12.3 ms", "1.20 s", "75.0 s", "1,830 s".
std::string time_text(double microseconds);

std::string grouped(std::uint64_t number);  // "1,234,567"

// "123", "12.3 k", "1.23 M": three digits that count, powers of 1000. The unit can follow.
std::string scaled(double number);

std::string seconds_text(double seconds);  // "0.25", "10.0", "3,600"

// Without quotes, control characters and invalid UTF-8 as \xNN; cut at `limit` bytes.
std::string shown(std::string_view text, std::size_t limit = 200);

// "1 client", "2 clients"
std::string so_many(std::uint64_t count, std::string_view thing);

}  // namespace mq
