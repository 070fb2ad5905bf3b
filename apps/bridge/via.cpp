#include "bridge/via.hpp"

#include <fmt/core.h>

namespace mq {

namespace {

std::string_view name_in(std::string_view mark) { return mark.substr(0, mark.find('@')); }

}  // namespace

// "MARK BRIDGE": neither holds a space.
Way way_of(Properties properties, std::string_view bridge, std::string_view from, std::string_view to) {
  Way way;
  for (const Property& property : properties) {
    if (property.id != PropertyId::user_property || property.name != via_name) continue;
    ++way.hops;
    const std::size_t space = property.value.find(' ');
    const std::string_view endpoint = property.value.substr(0, space);
    if (endpoint == to) way.was_there = true;
    if (name_in(endpoint) == name_in(to)) way.called_so = true;
    if (endpoint == from && space != property.value.npos && property.value.substr(space + 1) == bridge)
      way.was_here = true;
  }
  return way;
}

void pass_on(Properties properties, std::string_view bridge, std::string_view from, PropertyList& made) {
  made.clear();
  for (const Property& property : properties)
    if (property.id != PropertyId::topic_alias && property.id != PropertyId::subscription_identifier)
      made.add(property);
  (void)made.add_user(via_name, fmt::format("{} {}", from, bridge));
}

}  // namespace mq
