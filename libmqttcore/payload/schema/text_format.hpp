// The formats of draft-07 (RFC draft-handrews-json-schema-validation-01, 7.3) that are checked. What a check
// can't be sure of passes.
#pragma once

#include <string_view>

namespace mq {

using TextFormat = bool (*)(std::string_view text);

// nullptr for a format that isn't checked: unknown, or of international names.
TextFormat text_format(std::string_view name);

}  // namespace mq
