#include <fmt/core.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

#include "base/text.hpp"
#include "payload/message_pack.hpp"

namespace mq {
namespace {

using Done = Result<void>;

void put_big_endian(std::uint64_t number, std::size_t width, Buffer& out) {
  for (std::size_t i = width; i > 0; --i) out += static_cast<char>(number >> (8 * (i - 1)));
}

void put_first(unsigned byte, Buffer& out) { out += static_cast<char>(byte); }

// The forms that a length has: within the first byte, then with 1, 2 or 4 bytes behind it. 0 where there is
// none.
struct Forms {
  unsigned fixed;
  std::size_t fixed_sizes;
  unsigned one_byte;
  unsigned two_bytes;
  unsigned four_bytes;
};

constexpr Forms text_forms{0xA0, 32, 0xD9, 0xDA, 0xDB};
constexpr Forms bytes_forms{0, 0, 0xC4, 0xC5, 0xC6};
constexpr Forms array_forms{0x90, 16, 0, 0xDC, 0xDD};
constexpr Forms map_forms{0x80, 16, 0, 0xDE, 0xDF};

Done put_size(const Forms& forms, std::size_t size, Buffer& out) {
  if (size > UINT32_MAX)
    return fail(ErrorKind::payload, fmt::format("MessagePack has no form for a text of {} bytes", size));
  if (size < forms.fixed_sizes) {
    put_first(forms.fixed | static_cast<unsigned>(size), out);
  } else if (forms.one_byte != 0 && size <= UINT8_MAX) {
    put_first(forms.one_byte, out);
    put_big_endian(size, 1, out);
  } else if (size <= UINT16_MAX) {
    put_first(forms.two_bytes, out);
    put_big_endian(size, 2, out);
  } else {
    put_first(forms.four_bytes, out);
    put_big_endian(size, 4, out);
  }
  return {};
}

void put_positive(std::uint64_t number, Buffer& out) {
  if (number < 0x80) return put_first(static_cast<unsigned>(number), out);
  const unsigned power = number <= UINT8_MAX ? 0 : number <= UINT16_MAX ? 1 : number <= UINT32_MAX ? 2 : 3;
  put_first(0xCC + power, out);
  put_big_endian(number, std::size_t{1} << power, out);
}

void put_negative(std::int64_t number, Buffer& out) {
  if (number >= -32) return put_first(static_cast<std::uint8_t>(number), out);
  const unsigned power = number >= INT8_MIN ? 0 : number >= INT16_MIN ? 1 : number >= INT32_MIN ? 2 : 3;
  put_first(0xD0 + power, out);
  put_big_endian(static_cast<std::uint64_t>(number), std::size_t{1} << power, out);
}

void put_double(double number, Buffer& out) {
  put_first(0xCB, out);
  put_big_endian(std::bit_cast<std::uint64_t>(number), sizeof number, out);
}

bool is_integer(std::string_view spelling) {
  return spelling.find_first_of(".eEN") == std::string_view::npos;
}

Done put_number(const std::string& spelling, Buffer& out) {
  if (const auto positive = parse_number<std::uint64_t>(spelling)) {
    put_positive(*positive, out);
    return {};
  }
  if (const auto number = parse_number<std::int64_t>(spelling)) {
    if (*number == 0) put_positive(0, out);  // "-0"
    if (*number != 0) put_negative(*number, out);
    return {};
  }
  // Takes the words NaN and Infinity as well.
  double number = 0;
  const char* end = spelling.data() + spelling.size();
  const auto read = std::from_chars(spelling.data(), end, number);
  const bool whole = read.ec == std::errc{} && read.ptr == end;
  const bool exact =
      !std::isfinite(number) || !is_integer(spelling) || fmt::format("{:.0f}", number) == spelling;
  if (!whole || !exact)
    return fail(ErrorKind::payload, fmt::format("MessagePack has no number like {}", quoted(spelling)), 0,
                "its integers have 64 bits and its floats are doubles; publish such a number as a text");
  put_double(number, out);
  return {};
}

// Recursion ends at deepest_value, which no codec exceeds.
Done put(const Value& value, Buffer& out);

Done put_items(const Value& value, Buffer& out) {
  const bool members = value.kind == Value::Kind::object;
  if (auto done = put_size(members ? map_forms : array_forms, value.items.size(), out); !done) return done;
  for (const Value& item : value.items) {
    if (members) {
      if (auto done = put_size(text_forms, item.name.size(), out); !done) return done;
      out += item.name;
    }
    if (auto done = put(item, out); !done) return done;
  }
  return {};
}

Done put(const Value& value, Buffer& out) {
  switch (value.kind) {
    case Value::Kind::null:
      put_first(0xC0, out);
      return {};
    case Value::Kind::boolean:
      put_first(value.truth ? 0xC3 : 0xC2, out);
      return {};
    case Value::Kind::number:
      return put_number(value.text, out);
    case Value::Kind::text:
    case Value::Kind::bytes: {
      const bool text = value.kind == Value::Kind::text;
      auto done = put_size(text ? text_forms : bytes_forms, value.text.size(), out);
      if (done) out += value.text;
      return done;
    }
    case Value::Kind::array:
    case Value::Kind::object:
      return put_items(value, out);
  }
  return {};
}

}  // namespace

Result<void> write_message_pack(const Value& value, Buffer& out) {
  const std::size_t before = out.size();
  auto done = put(value, out);
  if (!done) out.resize(before);
  return done;
}

}  // namespace mq
