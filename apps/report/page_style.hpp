// The page's style and script, as they stand in it.
#pragma once

#include <string_view>

namespace mq {

extern const std::string_view page_style;
extern const std::string_view page_script;

}  // namespace mq
