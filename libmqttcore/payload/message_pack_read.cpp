#include <fmt/core.h>

#include <bit>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/utf8.hpp"
#include "payload/json.hpp"
#include "payload/message_pack.hpp"

namespace mq {
namespace {

constexpr std::int8_t timestamp_type = -1;

// RFC 3339 with as many digits of a second as it has; nothing for years that it can't name.
std::optional<std::string> date_and_time(std::int64_t seconds, std::uint32_t nanoseconds) {
  constexpr std::int64_t year_0 = -62'167'219'200;
  constexpr std::int64_t year_10000 = 253'402'300'800;
  constexpr std::uint32_t second = 1'000'000'000;
  if (seconds < year_0 || seconds >= year_10000 || nanoseconds >= second) return std::nullopt;
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (nanoseconds > 0) {
    text += fmt::format(".{:09}", nanoseconds);
    text.resize(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

template <std::unsigned_integral Number>
Number number_of(Bytes big_endian) {
  std::uint64_t number = 0;
  for (const char byte : big_endian) number = (number << 8) | octet(byte);
  return static_cast<Number>(number);
}

// The three forms of the specification's timestamp extension.
std::optional<std::string> timestamp(Bytes data) {
  constexpr unsigned seconds_bits = 34;
  if (data.size() == 4) return date_and_time(number_of<std::uint32_t>(data), 0);
  if (data.size() == 8) {
    const auto both = number_of<std::uint64_t>(data);
    return date_and_time(static_cast<std::int64_t>(both & ((1ULL << seconds_bits) - 1)),
                         static_cast<std::uint32_t>(both >> seconds_bits));
  }
  if (data.size() == 12)
    return date_and_time(static_cast<std::int64_t>(number_of<std::uint64_t>(data.substr(4))),
                         number_of<std::uint32_t>(data.substr(0, 4)));
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(Bytes data) : data_(data) {}

  // Recursion ends at deepest_value.
  Result<Value> item(std::size_t depth) {
    begin_ = at_;
    if (left() == 0) return wrong("the data ends where an object should be");
    if (++parts_ > most_parts) return wrong(fmt::format("it has more than {} parts", most_parts));
    const std::uint8_t first = octet(data_[at_++]);
    if (first < 0x80) return Value::number(std::uint64_t{first});
    if (first < 0x90) return map(first & 0xFU, depth);
    if (first < 0xA0) return array(first & 0xFU, depth);
    if (first < 0xC0) return text(first & 0x1FU);
    if (first >= 0xE0) return Value::number(std::int64_t{static_cast<std::int8_t>(first)});
    return named(first, depth);
  }

  std::size_t at() const { return at_; }
  std::size_t left() const { return data_.size() - at_; }

 private:
  // 0xC0 to 0xDF.
  Result<Value> named(std::uint8_t first, std::size_t depth) {
    const auto width = [first](std::uint8_t base) { return std::size_t{1} << (first - base); };
    switch (first) {
      case 0xC0:
        return Value::null();
      case 0xC1:
        return wrong("the byte c1, which means nothing");
      case 0xC2:
      case 0xC3:
        return Value::boolean(first == 0xC3);
      case 0xC4:
      case 0xC5:
      case 0xC6:
        return sized(width(0xC4), [this](std::size_t size) { return bytes(size); });
      case 0xC7:
      case 0xC8:
      case 0xC9:
        return sized(width(0xC7), [this, depth](std::size_t size) { return extension(size, depth); });
      case 0xCA:
      case 0xCB:
        return floating(first == 0xCA ? 4 : 8);
      case 0xCC:
      case 0xCD:
      case 0xCE:
      case 0xCF:
        return sized(width(0xCC), [](std::uint64_t n) -> Result<Value> { return Value::number(n); });
      case 0xD0:
      case 0xD1:
      case 0xD2:
      case 0xD3:
        return negative(width(0xD0));
      case 0xD4:
      case 0xD5:
      case 0xD6:
      case 0xD7:
      case 0xD8:
        return extension(width(0xD4), depth);
      case 0xD9:
      case 0xDA:
      case 0xDB:
        return sized(width(0xD9), [this](std::size_t size) { return text(size); });
      case 0xDC:
      case 0xDD:
        return sized(2 * width(0xDC), [this, depth](std::size_t count) { return array(count, depth); });
      default:
        return sized(2 * width(0xDE), [this, depth](std::size_t count) { return map(count, depth); });
    }
  }

  // What `make` makes of the number in the next `width` bytes.
  template <class Make>
  Result<Value> sized(std::size_t width, Make make) {
    const auto taken = take(width);
    if (!taken) return std::unexpected(taken.error());
    return make(number_of<std::uint64_t>(*taken));
  }

  Result<Value> negative(std::size_t width) {
    return sized(width, [width](std::uint64_t number) -> Result<Value> {
      const auto unused = static_cast<unsigned>(64 - 8 * width);
      return Value::number(static_cast<std::int64_t>(number << unused) >> unused);
    });
  }

  Result<Value> floating(std::size_t width) {
    return sized(width, [width](std::uint64_t bits) -> Result<Value> {
      if (width == 4) return Value::number(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      return Value::number(std::bit_cast<double>(bits));
    });
  }

  Result<Value> bytes(std::size_t size) {
    const auto taken = take(size);
    if (!taken) return std::unexpected(taken.error());
    return Value::of_bytes(std::string(*taken));
  }

  // Strings of the old specification were any bytes.
  Result<Value> text(std::size_t size) {
    auto value = bytes(size);
    if (value && is_utf8(value->text)) value->kind = Value::Kind::text;
    return value;
  }

  Result<Value> extension(std::size_t size, std::size_t depth) {
    if (auto fine = enter(depth); !fine) return std::unexpected(fine.error());
    const auto taken = take(size + 1);  // behind the type
    if (!taken) return std::unexpected(taken.error());
    const auto type = static_cast<std::int8_t>(octet(taken->front()));
    const Bytes data = taken->substr(1);
    if (type == timestamp_type)
      if (auto time = timestamp(data)) return Value::of_text(std::move(*time));
    Value value = Value::object();
    value.add("ext", Value::number(std::int64_t{type}));
    value.add("data", Value::of_bytes(std::string(data)));
    parts_ += value.items.size();
    return value;
  }

  Result<Value> array(std::size_t count, std::size_t depth) {
    if (auto fine = enter(depth, count, 1); !fine) return std::unexpected(fine.error());
    Value value = Value::array();
    for (std::size_t i = 0; i < count; ++i) {
      auto element = item(depth + 1);
      if (!element) return element;
      value.add(std::move(*element));
    }
    return value;
  }

  Result<Value> map(std::size_t count, std::size_t depth) {
    if (auto fine = enter(depth, count, 2); !fine) return std::unexpected(fine.error());
    Value value = Value::object();
    for (std::size_t i = 0; i < count; ++i) {
      const auto name = key(depth + 1);
      if (!name) return std::unexpected(name.error());
      auto member = item(depth + 1);
      if (!member) return member;
      value.add(*name, std::move(*member));
    }
    return value;
  }

  Result<std::string> key(std::size_t depth) {
    ++keys_;
    auto value = item(depth);
    --keys_;
    if (!value) return std::unexpected(value.error());
    if (value->kind == Value::Kind::text) return std::move(value->text);
    Buffer name;
    append_json(*value, name);
    return name;
  }

  // Into an array, a map or an extension of so many objects, each of a byte at least.
  Result<void> enter(std::size_t depth, std::size_t count = 0, std::size_t each = 1) {
    // JSON doubles the quotes and backslashes of a name, and does so again for the key around it.
    constexpr std::size_t deepest_key = 4;
    if (depth == deepest_value)
      return wrong(fmt::format("it is nested deeper than {} levels", deepest_value));
    if (keys_ > deepest_key)
      return wrong(fmt::format("keys within keys, more than {} levels of them", deepest_key));
    if (count > left() / each)
      return wrong(fmt::format("it says that {} {} follow, but bytes left are {}", count,
                               each == 2 ? "pairs" : "elements", left()));
    return {};
  }

  // A view of the next bytes, if there are so many.
  Result<Bytes> take(std::size_t size) {
    if (size > left()) return wrong("the data ends within this object");
    at_ += size;
    return data_.substr(at_ - size, size);
  }

  std::unexpected<Error> wrong(std::string_view why) const {
    return fail(ErrorKind::payload, fmt::format("this is not MessagePack: at byte {}: {}", begin_, why));
  }

  Bytes data_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  // of the object that is being read
  std::size_t parts_ = 0;
  std::size_t keys_ = 0;  // how many keys we are within
};

class MessagePackCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override { return read_message_pack(data); }
  Result<void> encode(std::string_view text, Buffer& out) override {
    const auto value = parse_json(text);
    if (!value) return std::unexpected(value.error());
    return write_message_pack(*value, out);
  }
};

}  // namespace

Result<Value> read_message_pack(Bytes data) {
  if (data.empty()) return fail(ErrorKind::payload, "this is not MessagePack: it is empty");
  Reader reader(data);
  auto value = reader.item(0);
  if (!value || reader.left() == 0) return value;
  return fail(ErrorKind::payload,
              fmt::format("this is not one MessagePack object: {} byte{} at byte {}", reader.left(),
                          reader.left() == 1 ? " follows it" : "s follow it", reader.at()));
}

MadeCodec make_message_pack_codec(const CodecOptions&) { return std::make_unique<MessagePackCodec>(); }

}  // namespace mq
