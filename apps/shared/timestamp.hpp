// Times as text in, the other way round than local_time.hpp.
#pragma once

#include <optional>
#include <string_view>

#include "shared/local_time.hpp"

namespace mq {

// RFC 3339 with a zone ("2026-11-22T06:47:58.597706+01:00", "...Z"); any number of decimals, of which nine
// count. nullopt on anything else, and before 1970.
std::optional<LocalTime::Moment> parse_timestamp(std::string_view text);

}  // namespace mq
