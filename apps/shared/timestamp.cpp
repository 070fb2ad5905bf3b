#include "shared/timestamp.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>

namespace mq {
namespace {

// Takes digits and marks off the front of a text; `ok` falls at the first that is missing.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  int digits(std::size_t count, int least, int most) {
    int number = 0;
    if (rest.size() < count) return fault();
    for (std::size_t i = 0; i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return fault();
      number = number * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return number < least || number > most ? fault() : number;
  }

  char mark(std::string_view any_of) {
    if (rest.empty() || !any_of.contains(rest.front())) return static_cast<char>(fault());
    const char found = rest.front();
    rest.remove_prefix(1);
    return found;
  }

  int fault() {
    ok = false;
    return 0;
  }
};

std::chrono::nanoseconds fraction(Scanner& text) {
  std::int64_t number = 0;
  std::int64_t unit = 1'000'000'000;
  std::size_t count = 0;
  for (; count < text.rest.size() && text.rest[count] >= '0' && text.rest[count] <= '9'; ++count) {
    unit /= 10;
    number += (text.rest[count] - '0') * unit;
  }
  if (count == 0) text.fault();
  text.rest.remove_prefix(count);
  return std::chrono::nanoseconds(number);
}

}  // namespace

std::optional<LocalTime::Moment> parse_timestamp(std::string_view text) {
  using namespace std::chrono;
  Scanner scan{text};
  const int years = scan.digits(4, 1970, 2261);  // what nanoseconds in 64 bits reach
  scan.mark("-");
  const int months = scan.digits(2, 1, 12);
  scan.mark("-");
  const int days = scan.digits(2, 1, 31);
  scan.mark("Tt ");
  const int hour = scan.digits(2, 0, 23);
  scan.mark(":");
  const int minute = scan.digits(2, 0, 59);
  scan.mark(":");
  const int second = scan.digits(2, 0, 60);  // a leap second
  nanoseconds decimals{};
  if (scan.rest.starts_with('.')) {
    scan.rest.remove_prefix(1);
    decimals = fraction(scan);
  }
  minutes offset{};
  if (const char zone = scan.mark("Zz+-"); zone == '+' || zone == '-') {
    offset = hours(scan.digits(2, 0, 23));
    scan.mark(":");
    offset += minutes(scan.digits(2, 0, 59));
    if (zone == '-') offset = -offset;
  }
  const year_month_day date{year(years), month(static_cast<unsigned>(months)),
                            day(static_cast<unsigned>(days))};
  if (!scan.ok || !scan.rest.empty() || !date.ok()) return std::nullopt;
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - offset + decimals;
}

}  // namespace mq
