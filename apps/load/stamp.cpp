#include "load/stamp.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace mq {
namespace {

constexpr std::uint64_t magic = 0x6D4B;
constexpr unsigned number_bits = 48;
constexpr std::uint64_t number_mask = (std::uint64_t{1} << number_bits) - 1;
constexpr unsigned half = 32;

// Digits of the square roots of 2, 3, 5 and 7. The first must not begin with the magic number.
constexpr std::array<std::uint64_t, 4> keys{0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B,
                                            0xA54FF53A5F1D36F1};

std::uint64_t load(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

void store(std::uint64_t word, char* at) {
  if (std::endian::native != std::endian::little) word = __builtin_bswap64(word);
  std::memcpy(at, &word, sizeof word);
}

// Both halves of the product: each bit of either number changes about half of the result.
std::uint64_t mixed(std::uint64_t one, std::uint64_t other) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(one) * other;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t mixed_in(std::uint64_t state, const char* at, std::uint64_t key) {
  return mixed(load(at) ^ key, load(at + 8) ^ state);
}

// A stamp as it travels.
struct Words {
  std::uint64_t number = 0;  // above it the magic
  std::uint64_t due = 0;
  std::uint64_t run = 0;   // above it the stream
  std::uint64_t late = 0;  // above it the check

  static Words of(const Stamp& stamp, std::uint64_t check_of_rest) {
    Words words{(stamp.number & number_mask) | magic << number_bits, static_cast<std::uint64_t>(stamp.due),
                stamp.run | std::uint64_t{stamp.stream} << half, stamp.late};
    words.late |= std::uint64_t{words.seal(check_of_rest)} << half;
    return words;
  }

  std::uint32_t seal(std::uint64_t check_of_rest) const {
    const std::uint64_t one = mixed(number ^ keys[0], due ^ keys[1]);
    const std::uint64_t other = mixed(run ^ keys[2], (late & 0xFFFFFFFF) ^ check_of_rest);
    return static_cast<std::uint32_t>(mixed(one ^ keys[3], other ^ keys[1]) >> half);
  }
};

unsigned differing_bytes(std::uint64_t difference) {
  unsigned count = 0;
  for (; difference != 0; difference >>= 8U) count += (difference & 0xFF) != 0 ? 1 : 0;
  return count;
}

// `legible`: all of it could be read as a stamp at all.
[[gnu::always_inline]] inline std::optional<ReadStamp> read_words(const Words& words, Bytes rest,
                                                                  std::uint32_t run, bool legible) {
  const std::uint64_t difference =
      (words.number >> number_bits ^ magic) << half | ((words.run & 0xFFFFFFFF) ^ run);
  if (difference != 0 && differing_bytes(difference) > 1) return std::nullopt;
  const bool right = legible && words.seal(check_of(rest)) == words.late >> half;
  if (difference != 0 && right) return std::nullopt;  // of a run with almost the same number
  return ReadStamp{.stamp = {.run = run,
                             .stream = static_cast<std::uint32_t>(words.run >> half),
                             .number = words.number & number_mask,
                             .due = static_cast<std::int64_t>(words.due),
                             .late = static_cast<std::uint32_t>(words.late)},
                   .corrupted = !right};
}

// 16 for what is no digit; only lower case is, so that no byte can change unseen.
constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(16);
  for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}();

std::optional<ReadStamp> read_text(const Publish& message, std::uint32_t run) {
  for (const Property& property : message.properties) {
    if (property.id != PropertyId::user_property || property.name != stamp_property) continue;
    if (property.value.size() != stamp_text_size) return std::nullopt;
    std::array<std::uint64_t, 4> words{};
    unsigned seen = 0;
    for (std::size_t i = 0; i < stamp_text_size; ++i) {
      const unsigned digit = digit_values[octet(property.value[i])];
      seen |= digit;
      words[i / 16] = words[i / 16] << 4U | (digit & 15U);
    }
    return read_words({words[0], words[1], words[2], words[3]}, message.payload, run, seen < 16);
  }
  return std::nullopt;
}

}  // namespace

std::uint64_t check_of(Bytes rest) {
  constexpr std::size_t step = 16;
  const char* at = rest.data();
  std::size_t size = rest.size();
  std::uint64_t state = keys[0] ^ size * keys[1];
  if (size >= 4 * step) {
    std::uint64_t second = state ^ keys[1], third = state ^ keys[2], fourth = state ^ keys[3];
    for (; size >= 4 * step; size -= 4 * step, at += 4 * step) {
      state = mixed_in(state, at, keys[0]);
      second = mixed_in(second, at + step, keys[1]);
      third = mixed_in(third, at + 2 * step, keys[2]);
      fourth = mixed_in(fourth, at + 3 * step, keys[3]);
    }
    state = mixed(state ^ keys[2], second) ^ mixed(third ^ keys[1], fourth);
  }
  for (; size >= step; size -= step, at += step) state = mixed_in(state, at, keys[1]);
  if (size > 0) {
    std::array<char, step> last{};
    std::memcpy(last.data(), at, size);
    state = mixed_in(state, last.data(), keys[2]);
  }
  return state;
}

void write_stamp(const Stamp& stamp, std::uint64_t check_of_rest, std::span<char, stamp_size> place) {
  const Words words = Words::of(stamp, check_of_rest);
  store(words.number, place.data());
  store(words.due, place.data() + 8);
  store(words.run, place.data() + 16);
  store(words.late, place.data() + 24);
}

void write_stamp(const Stamp& stamp, std::span<char> payload) {
  const std::span<char> rest = payload.subspan(stamp_size);
  write_stamp(stamp, check_of({rest.data(), rest.size()}), payload.first<stamp_size>());
}

void write_stamp_text(const Stamp& stamp, std::uint64_t check_of_payload,
                      std::span<char, stamp_text_size> place) {
  constexpr std::string_view digits = "0123456789abcdef";
  const Words words = Words::of(stamp, check_of_payload);
  char* at = place.data();
  for (const std::uint64_t word : {words.number, words.due, words.run, words.late})
    for (unsigned shift = 64; shift > 0;) *at++ = digits[word >> (shift -= 4) & 15U];
}

std::optional<ReadStamp> read_stamp(const Publish& message, std::uint32_t run) {
  if (message.payload.size() >= stamp_size) {
    const char* at = message.payload.data();
    const Words words{load(at), load(at + 8), load(at + 16), load(at + 24)};
    const Bytes rest(at + stamp_size, message.payload.size() - stamp_size);
    if (auto read = read_words(words, rest, run, true)) return read;
  }
  return message.properties.empty() ? std::nullopt : read_text(message, run);
}

}  // namespace mq
