// The scenarios that are commands: for each its option rows, with defaults that suit any server, and what
// makes a Scenario of them.
#pragma once

#include <span>
#include <string_view>

#include "bench/load_settings.hpp"
#include "shared/option.hpp"

namespace mq {

struct LoadCommand {
  std::string_view name;     // "pubsub"
  std::string_view summary;  // "publish to subscribers one to one and measure end to end"
  std::string_view prose;    // the manual page
  bool publishes = false, subscribes = false;
  void (*rows)(OptionRows& rows, LoadSettings& settings);  // the load's own
  // Adds the populations. Kind usage.
  Result<void> (*build)(const LoadSettings& settings, Scenario& scenario);
};

std::span<const LoadCommand> load_commands();
// nullptr: there is none of that name.
const LoadCommand* find_load_command(std::string_view name);

}  // namespace mq
