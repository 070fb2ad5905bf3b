// -D COMMAND NAME VALUE: one property of MQTT 5.0 for one kind of packet. Names, types, ranges and places
// come from the table in wire/property.hpp.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "shared/option.hpp"
#include "wire/property.hpp"

namespace mq {

// A packet (or the will) whose properties a program lets be set. `list` is called when one arrives.
struct PropertyTarget {
  std::string_view command;  // "publish"
  PacketSet packet = 0;      // its one bit
  std::function<PropertyList&()> list;
};

// A later property replaces an earlier one of its kind; user properties and other repeatable ones add up.
// Binary values may be given as "hex:..", "base64:.." or "text:..", everything else is taken as it stands.
OptionSetter store_property(std::vector<PropertyTarget> targets);

// Whether a property of that name has two values, NAME and VALUE.
bool takes_pair(std::string_view property);

// Whether an argument is a command of -D, alone or behind the option ("-Dpublish", "--property=publish").
bool ends_in_property_command(std::string_view argument);

// The packet of a command, 0 for no command; and what a client may put there, in the table's order.
PacketSet property_packet(std::string_view command);
std::vector<std::string_view> property_names(PacketSet packet);

}  // namespace mq
