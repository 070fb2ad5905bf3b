#include "wire/vectors.hpp"

#include <fmt/core.h>

#include <initializer_list>

#include "base/text.hpp"
#include "wire/property.hpp"
#include "wire/reason_code.hpp"

namespace mq::testing {
namespace {

Buffer bytes_of(std::string_view hex) { return from_hex(hex).value(); }

Buffer joined(std::initializer_list<Bytes> parts) {
  Buffer out;
  for (const Bytes part : parts) out.append(part);
  return out;
}

Buffer prefixed(Bytes bytes) {
  const char length[] = {static_cast<char>(bytes.size() >> 8U), static_cast<char>(bytes.size() & 0xFFU)};
  return joined({Bytes(length, 2), bytes});
}

// Short enough for one byte of length.
Buffer measured(Bytes bytes) { return joined({Buffer(1, static_cast<char>(bytes.size())), bytes}); }

// A packet with room for a reason and a property block: its bytes around them, and how it reads without them.
struct Frame5 {
  PacketSet in;
  std::string_view first, before, after;  // hexadecimal; `before` ends where the property length stands
  std::string_view meaning, tail;         // the properties read between the two
};

constexpr Frame5 frames[] = {
    {will_bit, "10", "00044d515454 05 06 003c 00 000161", "000174 000170",
     "CONNECT v5 'a' c1 k60 will (q0 r0 't' 1 bytes", ")"},
    {bit_of(PacketType::connect), "10", "00044d515454 05 02 003c", "000161", "CONNECT v5 'a' c1 k60", ""},
    {bit_of(PacketType::connack), "20", "00 00", "", "CONNACK s0 0x00 success", ""},
    {bit_of(PacketType::publish), "30", "000174", "ff", "PUBLISH q0 m0 r0 d0 't' 1 bytes", ""},
    {bit_of(PacketType::puback), "40", "0001 00", "", "PUBACK m1 0x00 success", ""},
    {bit_of(PacketType::pubrec), "50", "0001 00", "", "PUBREC m1 0x00 success", ""},
    {bit_of(PacketType::pubrel), "62", "0001 00", "", "PUBREL m1 0x00 success", ""},
    {bit_of(PacketType::pubcomp), "70", "0001 00", "", "PUBCOMP m1 0x00 success", ""},
    {bit_of(PacketType::subscribe), "82", "0001", "000161 00", "SUBSCRIBE m1 'a' q0", ""},
    {bit_of(PacketType::suback), "90", "0001", "00", "SUBACK m1 0x00 granted QoS 0", ""},
    {bit_of(PacketType::unsubscribe), "a2", "0001", "000161", "UNSUBSCRIBE m1 'a'", ""},
    {bit_of(PacketType::unsuback), "b0", "0001", "00", "UNSUBACK m1 0x00 success", ""},
    {bit_of(PacketType::disconnect), "e0", "00", "", "DISCONNECT 0x00 normal disconnection", ""},
    {bit_of(PacketType::auth), "f0", "18", "", "AUTH 0x18 continue authentication", ""},
};

struct Sample {
  Buffer bytes;  // id and value
  std::string meaning;
};

Buffer big_endian(std::uint32_t value, unsigned size) {
  Buffer out;
  for (unsigned i = size; i > 0; --i) out += static_cast<char>(value >> 8 * (i - 1) & 0xFFU);
  return out;
}

// The values at both ends of the range.
std::vector<Sample> samples_of(const PropertyRow& row) {
  const Buffer id(1, static_cast<char>(row.id));
  const auto numbers = [&](unsigned size) {
    return std::vector<Sample>{
        {joined({id, big_endian(row.least, size)}), fmt::format("{} {}", row.name, row.least)},
        {joined({id, big_endian(row.most, size)}), fmt::format("{} {}", row.name, row.most)},
    };
  };
  switch (row.type) {
    case PropertyType::byte:
      return numbers(1);
    case PropertyType::two_byte:
      return numbers(2);
    case PropertyType::four_byte:
      return numbers(4);
    case PropertyType::variable:
      return {{joined({id, bytes_of("01")}), fmt::format("{} 1", row.name)},
              {joined({id, bytes_of("ffffff7f")}), fmt::format("{} 268435455", row.name)}};
    case PropertyType::utf8:
      return {{joined({id, prefixed("")}), fmt::format("{} ''", row.name)},
              {joined({id, prefixed("grüß")}), fmt::format("{} 'grüß'", row.name)}};
    case PropertyType::binary: {
      const bool secret = row.id == PropertyId::authentication_data;
      return {{joined({id, prefixed("")}), fmt::format("{} {}", row.name, secret ? "of 0 bytes" : "''")},
              {joined({id, prefixed("\xff")}),
               fmt::format("{} {}", row.name, secret ? "of 1 bytes" : "'\\xff'")}};
    }
    case PropertyType::pair:
      return {{joined({id, prefixed(""), prefixed("")}), fmt::format("{} '' ''", row.name)},
              {joined({id, prefixed("k"), prefixed("v"), id, prefixed("k"), prefixed("v")}),
               fmt::format("{0} 'k' 'v', {0} 'k' 'v'", row.name)}};
  }
  return {};
}

// Authentication data stands only beside its method, and AUTH always names one.
Sample with_method(Sample sample, const PropertyRow& row, PacketSet in) {
  if (row.id == PropertyId::authentication_method) return sample;
  if (row.id != PropertyId::authentication_data && in != bit_of(PacketType::auth)) return sample;
  return {joined({sample.bytes, bytes_of("15"), prefixed("m")}),
          fmt::format("{}, authentication-method 'm'", sample.meaning)};
}

void add_properties(std::vector<OwnVector>& out) {
  for (const PropertyRow& row : property_rows()) {
    for (const Frame5& frame : frames) {
      for (const Sender sender : {Sender::client, Sender::server}) {
        if (((sender == Sender::client ? row.by_client : row.by_server) & frame.in) == 0) continue;
        for (const Sample& plain : samples_of(row)) {
          const Sample sample = with_method(plain, row, frame.in);
          const Buffer body = joined({bytes_of(frame.before), measured(sample.bytes), bytes_of(frame.after)});
          out.push_back({fmt::format("property {} in {}", row.name, frame.meaning), Version::v5, sender,
                         joined({bytes_of(frame.first), measured(body)}),
                         fmt::format("{} {{{}}}{}", frame.meaning, sample.meaning, frame.tail), true});
        }
      }
    }
  }
}

// Where a reason code stands. The forms with code 0 are longer than they need be, where `shrinks`.
struct ReasonFrame {
  PacketType type;
  std::string_view first, before, after;
  std::string_view meaning, tail;
  bool shrinks;
};

constexpr std::string_view method = "04 15 0001 6d";
constexpr std::string_view method_meaning = " {authentication-method 'm'}";

constexpr ReasonFrame reason_frames[] = {
    {PacketType::connack, "20", "00", "00", "CONNACK s0", "", false},
    {PacketType::puback, "40", "0001", "", "PUBACK m1", "", true},
    {PacketType::pubrec, "50", "0001", "", "PUBREC m1", "", true},
    {PacketType::pubrel, "62", "0001", "", "PUBREL m1", "", true},
    {PacketType::pubcomp, "70", "0001", "", "PUBCOMP m1", "", true},
    {PacketType::suback, "90", "0001 00", "", "SUBACK m1", "", false},
    {PacketType::unsuback, "b0", "0001 00", "", "UNSUBACK m1", "", false},
    {PacketType::disconnect, "e0", "", "", "DISCONNECT", "", true},
    {PacketType::auth, "f0", "", method, "AUTH", method_meaning, false},
};

void add_reasons(std::vector<OwnVector>& out) {
  for (const ReasonRow& row : reason_rows()) {
    for (const ReasonFrame& frame : reason_frames) {
      for (const Sender sender : {Sender::client, Sender::server}) {
        if (!reason_allowed(row.code, frame.type, sender)) continue;
        const Buffer body = joined({bytes_of(frame.before), Buffer(1, static_cast<char>(value_of(row.code))),
                                    bytes_of(frame.after)});
        const std::string meaning = fmt::format("{} 0x{:02X} {}{}", frame.meaning, value_of(row.code),
                                                name_of(row.code, frame.type), frame.tail);
        out.push_back({fmt::format("reason {}", meaning), Version::v5, sender,
                       joined({bytes_of(frame.first), measured(body)}), meaning,
                       !(frame.shrinks && row.code == ReasonCode::success)});
      }
    }
  }
}

}  // namespace

std::vector<OwnVector> all_valid_vectors() {
  std::vector<OwnVector> all;
  for (const Vector& vector : valid_vectors()) {
    all.push_back({std::string(vector.name), vector.version, vector.sender, bytes_of(vector.hex),
                   std::string(vector.meaning), vector.canonical});
  }
  add_properties(all);
  add_reasons(all);
  return all;
}

}  // namespace mq::testing
