#include "wire/property.hpp"

#include <fmt/core.h>

#include "wire/cursor.hpp"
#include "wire/frame.hpp"
#include "wire/reason_code.hpp"
#include "wire/strings.hpp"

namespace mq {
namespace {

constexpr std::uint64_t bit_of(PropertyId id) { return std::uint64_t{1} << static_cast<unsigned>(id); }

// The value that stands at the cursor, behind the id.
Property read_value(Cursor& cursor, const PropertyRow& row) {
  Property property{.id = row.id, .number = 0, .name = {}, .value = {}};
  switch (row.type) {
    case PropertyType::byte:
      property.number = cursor.byte();
      break;
    case PropertyType::two_byte:
      property.number = cursor.two_bytes();
      break;
    case PropertyType::four_byte:
      property.number = cursor.four_bytes();
      break;
    case PropertyType::variable:
      property.number = cursor.variable();
      break;
    case PropertyType::utf8:
    case PropertyType::binary:
      property.value = cursor.prefixed();
      break;
    case PropertyType::pair:
      property.name = cursor.prefixed();
      property.value = cursor.prefixed();
      break;
  }
  return property;
}

void append_big_endian(std::uint32_t value, unsigned bytes, Buffer& out) {
  for (unsigned shift = bytes * 8; shift > 0; shift -= 8) {
    out += static_cast<char>(value >> (shift - 8) & 0xFFU);
  }
}

void append_prefixed(Bytes value, Buffer& out) {
  append_big_endian(static_cast<std::uint32_t>(value.size()), 2, out);
  out += value;
}

std::unexpected<Error> unfit(const PropertyRow& row, std::string_view what) {
  return fail(ErrorKind::usage, fmt::format("property {} {}", row.name, what));
}

// Whether `value` is what a string property may hold.
Result<void> check_string(const PropertyRow& row, std::string_view value) {
  if (value.size() > max_string_bytes) return unfit(row, "is longer than 65535 bytes");
  if (const std::string_view fault = string_fault(value); !fault.empty()) return unfit(row, fault);
  return {};
}

std::string_view value_fault(const PropertyRow& row, const Property& property) {
  if (row.type == PropertyType::utf8) return string_fault(property.value);
  if (row.type != PropertyType::pair) return {};
  const std::string_view fault = string_fault(property.name);  // [MQTT-1.5.7-1]
  return fault.empty() ? string_fault(property.value) : fault;
}

bool is_number(PropertyType type) { return type < PropertyType::utf8; }

}  // namespace

Properties::Iterator& Properties::Iterator::operator++() {
  Cursor cursor(rest_);
  const PropertyRow* row = rest_.empty() ? nullptr : find_property(cursor.byte());
  if (row != nullptr) property_ = read_value(cursor, *row);
  at_end_ = row == nullptr || cursor.state() != Cursor::State::good;
  rest_ = cursor.take_rest();
  return *this;
}

std::optional<std::uint32_t> Properties::find_number(PropertyId id) const {
  for (const Property& property : *this) {
    if (property.id == id) return property.number;
  }
  return std::nullopt;
}

std::optional<Bytes> Properties::find_bytes(PropertyId id) const {
  for (const Property& property : *this) {
    if (property.id == id) return property.value;
  }
  return std::nullopt;
}

Result<void> PropertyList::add(PropertyId id, std::uint32_t number) {
  const PropertyRow* row = find_property(static_cast<std::uint8_t>(id));
  if (row == nullptr) return fail(ErrorKind::usage, "no such property");
  if (!is_number(row->type)) return unfit(*row, "takes no number");
  if (number < row->least || number > row->most) {
    return unfit(*row, fmt::format("must be from {} to {}, not {}", row->least, row->most, number));
  }
  add(Property{.id = id, .number = number, .name = {}, .value = {}});
  return {};
}

Result<void> PropertyList::add(PropertyId id, Bytes value) {
  const PropertyRow* row = find_property(static_cast<std::uint8_t>(id));
  if (row == nullptr) return fail(ErrorKind::usage, "no such property");
  if (row->type == PropertyType::utf8) {
    if (auto checked = check_string(*row, value); !checked) return checked;
  } else if (row->type != PropertyType::binary) {
    return unfit(*row, is_number(row->type) ? "takes a number" : "takes a name and a value");
  } else if (value.size() > max_string_bytes) {
    return unfit(*row, "is longer than 65535 bytes");
  }
  // [MQTT-3.3.2-14]
  if (id == PropertyId::response_topic && (marks_of(value) & mark_wildcard) != 0) {
    return unfit(*row, "holds a wildcard");
  }
  add(Property{.id = id, .number = 0, .name = {}, .value = value});
  return {};
}

Result<void> PropertyList::add_user(std::string_view name, std::string_view value) {
  const PropertyRow& row = *find_property(static_cast<std::uint8_t>(PropertyId::user_property));
  if (auto checked = check_string(row, name); !checked) return checked;
  if (auto checked = check_string(row, value); !checked) return checked;
  add(Property{.id = PropertyId::user_property, .number = 0, .name = name, .value = value});
  return {};
}

void PropertyList::add(const Property& property) {
  const PropertyRow* row = find_property(static_cast<std::uint8_t>(property.id));
  if (row == nullptr) return;
  block_ += static_cast<char>(property.id);
  switch (row->type) {
    case PropertyType::byte:
      append_big_endian(property.number, 1, block_);
      break;
    case PropertyType::two_byte:
      append_big_endian(property.number, 2, block_);
      break;
    case PropertyType::four_byte:
      append_big_endian(property.number, 4, block_);
      break;
    case PropertyType::variable:
      append_variable_integer(property.number, block_);
      break;
    case PropertyType::utf8:
    case PropertyType::binary:
      append_prefixed(property.value, block_);
      break;
    case PropertyType::pair:
      append_prefixed(property.name, block_);
      append_prefixed(property.value, block_);
      break;
  }
}

void PropertyList::remove(PropertyId id) {
  PropertyList kept;
  for (const Property& property : view()) {
    if (property.id != id) kept.add(property);
  }
  *this = std::move(kept);
}

Result<void> check_properties(Bytes block, PacketSet in, Sender sender) {
  const auto malformed = [](std::string text) {
    return fail(ErrorKind::malformed, std::move(text), value_of(ReasonCode::malformed_packet));
  };
  const auto breach = [](std::string text, ReasonCode reason = ReasonCode::protocol_error) {
    return fail(ErrorKind::protocol, std::move(text), value_of(reason));
  };

  // Servers pass on what another client wrote there, and some do not look at it: for these values alone, a
  // stranger must not be able to end our connection. Whoever uses them checks them.
  const bool passed_on = sender == Sender::server && in == bit_of(PacketType::publish);
  std::uint64_t seen = 0;
  Cursor cursor(block);
  while (!cursor.empty()) {
    const std::uint8_t id = cursor.byte();
    const PropertyRow* row = find_property(id);
    if (row == nullptr) return malformed(fmt::format("property 0x{:02X} is unknown", id));
    const PacketSet ours = sender == Sender::client ? row->by_client : row->by_server;
    const PacketSet theirs = sender == Sender::client ? row->by_server : row->by_client;
    if ((ours & in) == 0) {
      // What the other side alone may put there is not unreadable, but forbidden. [MQTT-3.14.2-2]
      // [MQTT-3.3.4-6]
      if ((theirs & in) != 0) {
        return breach(fmt::format("property {} may only come from the {}", row->name,
                                  sender == Sender::client ? "server" : "client"));
      }
      return malformed(fmt::format("property {} does not belong here", row->name));
    }
    // A subscription identifier repeats in a PUBLISH, which lists all that matched, but not in a SUBSCRIBE.
    const bool repeats =
        row->repeats && (row->id != PropertyId::subscription_identifier || sender == Sender::server);
    if (!repeats && (seen & bit_of(row->id)) != 0) {
      return breach(fmt::format("property {} stands there twice", row->name));
    }
    seen |= bit_of(row->id);

    const Property property = read_value(cursor, *row);
    if (cursor.state() != Cursor::State::good) {
      return malformed(fmt::format("property {} is cut short", row->name));
    }
    if (const std::string_view fault = value_fault(*row, property); !fault.empty()) {
      return malformed(fmt::format("property {} {}", row->name, fault));
    }
    if (passed_on &&
        (row->id == PropertyId::payload_format_indicator || row->id == PropertyId::response_topic))
      continue;
    if (is_number(row->type) && (property.number < row->least || property.number > row->most)) {
      // [MQTT-3.3.2-8]
      return breach(
          fmt::format("property {} must be from {} to {}, not {}", row->name, row->least, row->most,
                      property.number),
          row->id == PropertyId::topic_alias ? ReasonCode::topic_alias_invalid : ReasonCode::protocol_error);
    }
    // [MQTT-3.3.2-14]
    if (row->id == PropertyId::response_topic && (marks_of(property.value) & mark_wildcard) != 0) {
      return breach(fmt::format("property {} holds a wildcard", row->name));
    }
  }
  return {};
}

}  // namespace mq
