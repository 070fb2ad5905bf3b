#include "load/stamp.hpp"

#include <doctest/doctest.h>

#include <string>

#include "shared/random.hpp"

namespace mq {
namespace {

constexpr Stamp sample{.run = 0xCAFE1234,
                       .stream = 99'999,
                       .number = 0x0000'8765'4321'0FED,
                       .due = 1'795'326'478'597'706'123,
                       .late = 1'234'567};

Buffer noise(std::size_t size, std::uint64_t seed = 5) {
  Buffer bytes(size, '\0');
  Random(seed).fill(bytes);
  return bytes;
}

Buffer stamped(std::size_t size, const Stamp& stamp = sample) {
  Buffer payload = noise(size);
  write_stamp(stamp, payload);
  return payload;
}

// Properties that carry the stamp behind another one.
PropertyList stamped_properties(Bytes payload, const Stamp& stamp = sample) {
  Buffer text(stamp_text_size, '\0');
  write_stamp_text(stamp, check_of(payload), std::span<char, stamp_text_size>(text));
  PropertyList properties;
  REQUIRE(properties.add_user("other", "value"));
  REQUIRE(properties.add_user(stamp_property, text));
  return properties;
}

std::optional<ReadStamp> read(Bytes payload, Properties properties = {}, std::uint32_t run = sample.run) {
  return read_stamp({.topic = "t", .properties = properties, .payload = payload}, run);
}

TEST_CASE("a stamp comes back, whatever the size of the payload") {
  for (const std::size_t size :
       {32U, 33U, 40U, 47U, 48U, 49U, 63U, 64U, 95U, 96U, 97U, 160U, 161U, 1000U, 65536U}) {
    CAPTURE(size);
    const auto found = read(stamped(size));
    REQUIRE(found);
    CHECK(found->stamp == sample);
    CHECK_FALSE(found->corrupted);
  }
  const Stamp extreme{.run = 0, .stream = ~0U, .number = (1ULL << 48) - 1, .due = -1, .late = ~0U};
  const auto found = read(stamped(64, extreme), {}, 0);
  REQUIRE(found);
  CHECK(found->stamp == extreme);
}

TEST_CASE("its bytes are the same on every machine") {
  Buffer payload(36, 'x');
  write_stamp({.run = 0x04030201, .stream = 0x08070605, .number = 0x060504030201, .due = 7, .late = 9},
              payload);
  CHECK(payload.substr(0, 28) ==
        Buffer("\1\2\3\4\5\6\x4B\x6D\7\0\0\0\0\0\0\0\1\2\3\4\5\6\7\x8\x9\0\0\0", 28));
  CHECK(payload.substr(32) == "xxxx");
  CHECK(check_of("") == 0x6A09E667F3BCC908);
}

TEST_CASE("every change of one byte is seen, in stamp and payload") {
  for (const std::size_t size : {32U, 41U, 64U, 150U}) {
    const Buffer whole = stamped(size);
    for (std::size_t at = 0; at < size; ++at) {
      for (int change = 1; change < 256; ++change) {
        Buffer changed = whole;
        changed[at] = static_cast<char>(octet(changed[at]) ^ change);
        const auto found = read(changed);
        if (!found || !found->corrupted) FAIL("size ", size, ", byte ", at, ", change ", change);
      }
    }
  }
}

TEST_CASE("bytes that are missing, added or exchanged are seen") {
  const Buffer whole = stamped(200);
  for (std::size_t size = 32; size < 200; ++size) CHECK(read(whole.substr(0, size))->corrupted);
  CHECK(read(whole + '\0')->corrupted);
  Buffer exchanged = whole;
  std::swap(exchanged[100], exchanged[116]);
  CHECK(read(exchanged)->corrupted);
  CHECK_FALSE(read(whole.substr(0, 31)));
}

TEST_CASE("the user property: the same, for payloads of one's own") {
  for (const std::string_view payload :
       {"", "21.5", "a payload that is longer than a stamp would be itself"}) {
    const PropertyList properties = stamped_properties(payload);
    const auto found = read(payload, properties.view());
    REQUIRE(found);
    CHECK(found->stamp == sample);
    CHECK_FALSE(found->corrupted);
    CHECK(read("something else", properties.view())->corrupted);
  }
}

TEST_CASE("every change of one byte is seen in a user property and beside it") {
  const Buffer payload = "{\"temperature\": 21.5}";
  const PropertyList properties = stamped_properties(payload);
  const Buffer block(properties.view().block());
  for (std::size_t at = block.size() - stamp_text_size; at < block.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      Buffer changed = block;
      changed[at] = static_cast<char>(octet(changed[at]) ^ change);
      const auto found = read(payload, Properties(changed));
      if (!found || !found->corrupted) FAIL("byte ", at, ", change ", change);
    }
  }
  for (std::size_t at = 0; at < payload.size(); ++at) {
    Buffer changed = payload;
    changed[at] = static_cast<char>(octet(changed[at]) ^ 1);
    CHECK(read(changed, properties.view())->corrupted);
  }
}

TEST_CASE("messages of others are not of this run") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) CHECK_FALSE(read(noise(64, seed)));
  CHECK_FALSE(read(""));
  CHECK_FALSE(read(Buffer(64, '\0'), {}, 0));
  CHECK_FALSE(read(stamped(64), {}, 0x12345678));
  CHECK_FALSE(read(stamped(64), {}, sample.run ^ 0xFF));  // intact, so that it is another run's
  PropertyList properties;
  REQUIRE(properties.add_user(stamp_property, "something else"));
  CHECK_FALSE(read("x", properties.view()));
  CHECK_FALSE(read("x", stamped_properties("x").view(), 7));
}

TEST_CASE("a million changes at random, none unseen") {
  Random random(3);
  Buffer payload = stamped(256);
  std::size_t unseen = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::size_t at = random.up_to(255), count = 1 + random.up_to(2);
    const Buffer kept = payload.substr(at, count);
    for (std::size_t j = at; j < at + kept.size(); ++j)
      payload[j] = static_cast<char>(octet(payload[j]) ^ (1 + random.up_to(254)));
    const auto found = read(payload);
    if (found && !found->corrupted) ++unseen;
    payload.replace(at, kept.size(), kept);
  }
  CHECK(unseen == 0);
  CHECK_FALSE(read(payload)->corrupted);
}

}  // namespace
}  // namespace mq
