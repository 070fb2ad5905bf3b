#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "drop_in/given.hpp"
#include "wire/property.hpp"

namespace mq {
namespace {

// Commands by their names, and whether a client's options may set properties there.
struct Command {
  std::string_view name;
  PacketSet packet;
  bool settable;
};
constexpr std::array<Command, 14> commands{{
    {"connect", bit_of(PacketType::connect), true},
    {"connack", bit_of(PacketType::connack), false},
    {"publish", bit_of(PacketType::publish), true},
    {"puback", bit_of(PacketType::puback), false},
    {"pubrec", bit_of(PacketType::pubrec), false},
    {"pubrel", bit_of(PacketType::pubrel), false},
    {"pubcomp", bit_of(PacketType::pubcomp), false},
    {"subscribe", bit_of(PacketType::subscribe), true},
    {"suback", bit_of(PacketType::suback), false},
    {"unsubscribe", bit_of(PacketType::unsubscribe), true},
    {"unsuback", bit_of(PacketType::unsuback), false},
    {"disconnect", bit_of(PacketType::disconnect), true},
    {"auth", bit_of(PacketType::auth), false},
    {"will", will_bit, true},
}};

std::unexpected<Error> too_few() {
  return complaint("Error: --property argument given but not enough arguments specified.\n");
}

Result<void> in_range(long long number, long long most, std::string_view name) {
  if (number >= 0 && number <= most) return {};
  return complaint(fmt::format("Error: Property value ({}) out of range for property {}.\n", number, name));
}

Result<std::uint32_t> number_of(const PropertyRow& row, std::string_view text) {
  const std::string value(text);
  const bool small = row.type == PropertyType::byte || row.type == PropertyType::two_byte;
  char* end = nullptr;
  errno = 0;
  const long long number = std::strtoll(value.c_str(), &end, small ? 10 : 0);
  if (!small && (end == value.c_str() || *end != '\0'))
    return complaint(fmt::format("Error: Property value '{}' not a number.\n", value));
  const long long most = row.type == PropertyType::byte ? 0xFF : small ? 0xFFFF : 0xFFFF'FFFF;
  if (auto right = in_range(number, most, row.name); !right) return std::unexpected(std::move(right.error()));
  return static_cast<std::uint32_t>(number);
}

Result<void> add(PropertyList& list, const PropertyRow& row, DropInWords values) {
  Result<void> added;
  switch (row.type) {
    case PropertyType::pair:
      added = list.add_user(values[0], values[1]);
      break;
    case PropertyType::utf8:
    case PropertyType::binary:
      if (values[0].size() > 0xFFFF)
        return complaint(fmt::format("Error: Property value too long for property {}.\n", row.name));
      added = list.add(row.id, Bytes(values[0]));
      break;
    default: {
      const auto number = number_of(row, values[0]);
      if (!number) return std::unexpected(number.error());
      added = list.add(row.id, *number);
    }
  }
  return added ? added : complaint(fmt::format("Error adding property {}", row.name));
}

}  // namespace

Result<std::size_t> read_drop_in_property(std::span<const DropInPlace> places, DropInWords rest) {
  if (rest.size() < 3) return too_few();
  const std::string_view name = rest[1];
  const auto command = std::ranges::find(commands, rest[0], &Command::name);
  if (command == commands.end())
    return complaint(fmt::format("Error: Invalid command {} given in --property argument.\n", rest[0]));
  const PropertyRow* row = find_property(name);
  if (row == nullptr)
    return complaint(fmt::format("Error: Invalid property name {} given in --property argument.\n", name));
  if (((row->by_client | row->by_server) & command->packet) == 0)
    return complaint(
        fmt::format("Error: {} property not allowed for {} in --property argument.\n", name, rest[0]));
  const std::size_t count = row->type == PropertyType::pair ? 4 : 3;
  if (rest.size() < count) return too_few();
  const auto place = std::ranges::find(places, command->name, &DropInPlace::command);
  if (!command->settable || (row->by_client & command->packet) == 0)
    return complaint(
        fmt::format("Error: {} property not supported for {} in --property argument.\n", name, rest[0]));
  // A command that is not the program's own is taken and comes to nothing.
  PropertyList nowhere;
  PropertyList& list = place == places.end() ? nowhere : place->list;
  if (auto added = add(list, *row, rest.subspan(2, count - 2)); !added)
    return std::unexpected(std::move(added.error()));
  return count;
}

}  // namespace mq
