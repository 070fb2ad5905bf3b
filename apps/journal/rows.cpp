#include "journal/rows.hpp"

#include <fmt/core.h>

#include <bit>
#include <cstring>

namespace mq {
namespace {

constexpr std::uint64_t retain_flag = 4;
constexpr std::uint64_t qos_mask = 3;
// Digits of e, and odd.
constexpr std::uint64_t factor = 0xADF85458A2BB4A9B;

std::uint64_t stirred(std::uint64_t state, std::uint64_t word) {
  constexpr int turn = 29;
  return std::rotl((state ^ word) * factor, turn);
}

std::uint64_t stirred(std::uint64_t state, Bytes bytes) {
  state = stirred(state, bytes.size());
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t part = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), part);
    if (std::endian::native != std::endian::little) word = __builtin_bswap64(word);
    state = stirred(state, word);
    bytes.remove_prefix(part);
  }
  return state;
}

}  // namespace

std::string table_of(PartyId destination) { return fmt::format("record_{}", destination); }

std::string create_table(PartyId destination) {
  return fmt::format(
      "CREATE TABLE {}(id INTEGER PRIMARY KEY, arrived INTEGER NOT NULL, "
      "flags INTEGER NOT NULL, size INTEGER NOT NULL, checked INTEGER NOT NULL, topic TEXT NOT NULL, "
      "properties BLOB NOT NULL, payload BLOB NOT NULL) STRICT",
      table_of(destination));
}

std::uint64_t flags_of(const Record& record) {
  return static_cast<std::uint64_t>(record.qos) | (record.retain ? retain_flag : 0);
}

void set_flags(Record& record, std::uint64_t flags) {
  record.qos = static_cast<QoS>(flags & qos_mask);
  record.retain = (flags & retain_flag) != 0;
}

std::uint32_t check_of(const Record& record) {
  constexpr unsigned half = 32;
  std::uint64_t state = stirred(factor, record.id);
  state = stirred(state, static_cast<std::uint64_t>(record.arrived));
  state = stirred(state, flags_of(record));
  state = stirred(stirred(stirred(state, record.topic), record.properties), record.payload);
  return static_cast<std::uint32_t>(stirred(state, 0) >> half);
}

}  // namespace mq
