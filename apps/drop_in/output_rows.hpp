// How mosquitto_sub and mosquitto_rr show messages, and which of them: -F and its neighbours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "drop_in/grammar.hpp"
#include "shared/format.hpp"
#include "wire/packet.hpp"

namespace mq {

struct DropInOutput {
  std::optional<std::string> format{};
  bool verbose = false, no_newline = false, pretty = false;
  bool hide_retained = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::always;
  std::optional<Duration> timeout{};
};

// -F -v -N --pretty -R --retain-as-published --retain-handling -W
void output_rows(DropInRows& rows, DropInOutput& output);

// A format that is no format, in mosquitto's words.
Result<void> check_drop_in_format(std::string_view format);

// What is printed of a message as mosquitto prints it.
Result<Format> drop_in_format(const DropInOutput& output);

}  // namespace mq
