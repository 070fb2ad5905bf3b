#include "payload/protobuf/proto_wire.hpp"

#include <vector>

#include "payload/value.hpp"

namespace mq {
namespace {

constexpr std::uint64_t most_tag = 0xFFFFFFFF;
constexpr std::size_t varint_bytes = 10;
constexpr std::size_t most_passed = 8 * most_parts;

}  // namespace

std::string describe(WireFault fault) {
  switch (fault) {
    case WireFault::cut:
      return "it ends inside a field";
    case WireFault::tag:
      return "there is no field of that number or wire type";
    case WireFault::varint:
      return "a number is longer than 10 bytes";
    case WireFault::length:
      return "a field claims more bytes than there are";
    case WireFault::group:
      return "a group ends that did not begin";
    case WireFault::deep:
      return "groups are nested too deep";
    case WireFault::many:
      return "there are too many fields in groups";
  }
  return {};
}

std::optional<std::uint64_t> take_varint(Bytes& data) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < data.size() && i < varint_bytes; ++i) {
    bits |= (octet(data[i]) & 0x7FULL) << (7 * i);
    if (octet(data[i]) >= 0x80) continue;
    data.remove_prefix(i + 1);
    return bits;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> take_fixed(Bytes& data, std::size_t size) {
  if (data.size() < size) return std::nullopt;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) bits |= static_cast<std::uint64_t>(octet(data[i])) << (8 * i);
  data.remove_prefix(size);
  return bits;
}

// A field's own bytes; of a group only its tag.
std::expected<WireField, WireFault> WireReader::take() {
  const auto cut_or_long = [this] {
    return std::unexpected(left_.size() < varint_bytes ? WireFault::cut : WireFault::varint);
  };
  const auto tag = take_varint(left_);
  if (!tag) return cut_or_long();
  if (*tag > most_tag || *tag >> 3U == 0 || (*tag & 7U) > 5) return std::unexpected(WireFault::tag);
  WireField field{.number = static_cast<std::uint32_t>(*tag >> 3U), .type = static_cast<WireType>(*tag & 7U)};
  std::optional<std::uint64_t> bits = 0;
  switch (field.type) {
    case WireType::varint:
    case WireType::bytes:
      bits = take_varint(left_);
      if (!bits) return cut_or_long();
      break;
    case WireType::fixed64:
    case WireType::fixed32:
      bits = take_fixed(left_, field.type == WireType::fixed64 ? 8 : 4);
      if (!bits) return std::unexpected(WireFault::cut);
      break;
    case WireType::group:
    case WireType::group_end:
      break;
  }
  field.bits = *bits;
  if (field.type == WireType::bytes) {
    if (field.bits > left_.size()) return std::unexpected(WireFault::length);
    field.bytes = left_.substr(0, field.bits);
    left_.remove_prefix(field.bits);
  }
  return field;
}

// Up to and with the group's end; without recursion, since anybody may send a million beginnings.
std::expected<Bytes, WireFault> WireReader::take_group(std::uint32_t number) {
  const Bytes inside = left_;
  std::vector<std::uint32_t> open{number};
  while (true) {
    if (open.size() > groups_) return std::unexpected(WireFault::deep);
    if (left_.empty()) return std::unexpected(WireFault::cut);
    // Readers of what is inside will pass over this field once more for each group around it.
    passed_ += open.size();
    if (passed_ > most_passed) return std::unexpected(WireFault::many);
    const std::size_t before = inside.size() - left_.size();
    const auto field = take();
    if (!field) return std::unexpected(field.error());
    if (field->type == WireType::group) open.push_back(field->number);
    if (field->type != WireType::group_end) continue;
    if (field->number != open.back()) return std::unexpected(WireFault::group);
    open.pop_back();
    if (open.empty()) return inside.substr(0, before);
  }
}

std::expected<WireField, WireFault> WireReader::next() {
  at_ = whole_.size() - left_.size();
  auto field = take();
  if (!field) return field;
  if (field->type == WireType::group_end) return std::unexpected(WireFault::group);
  if (field->type == WireType::group) {
    const auto inside = take_group(field->number);
    if (!inside) return std::unexpected(inside.error());
    field->bytes = *inside;
  }
  return field;
}

void put_varint(Buffer& out, std::uint64_t bits) {
  for (; bits >= 0x80; bits >>= 7U) out += static_cast<char>((bits & 0x7FU) | 0x80U);
  out += static_cast<char>(bits);
}

void put_fixed(Buffer& out, std::uint64_t bits, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>((bits >> (8 * i)) & 0xFFU);
}

void put_tag(Buffer& out, std::uint32_t number, WireType type) {
  put_varint(out, (static_cast<std::uint64_t>(number) << 3U) | static_cast<std::uint64_t>(type));
}

void put_field(Buffer& out, std::uint32_t number, std::uint64_t varint) {
  put_tag(out, number, WireType::varint);
  put_varint(out, varint);
}

void put_field(Buffer& out, std::uint32_t number, Bytes bytes) {
  put_tag(out, number, WireType::bytes);
  put_varint(out, bytes.size());
  out += bytes;
}

}  // namespace mq
