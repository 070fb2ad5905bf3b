// The bridges that a message has come over, in user properties of MQTT 5.0: one for each, "mqttkit-via" with
// the mark of the server that it came from and the bridge that took it there. By it loops are found.
#pragma once

#include <string_view>

#include "wire/property.hpp"

namespace mq {

inline constexpr std::string_view via_name = "mqttkit-via";

struct Way {
  unsigned hops = 0;
  bool was_there = false;  // at the server asked for
  bool called_so = false;  // at one whose mark has the same name, on whatever machine
  bool was_here = false;   // this bridge took it from that server before
};

// Whether a message of these properties, which `bridge` has from `from`, has been at `to`.
Way way_of(Properties properties, std::string_view bridge, std::string_view from, std::string_view to);

// What a message takes along: all that is the publisher's, and its way; not what belongs to a connection
// (topic alias, subscription identifiers).
void pass_on(Properties properties, std::string_view bridge, std::string_view from, PropertyList& made);

}  // namespace mq
