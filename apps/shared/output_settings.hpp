// What the options of the group "Output" amount to, in programs that show messages: how each is laid out, and
// what is done to its payload before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/format.hpp"
#include "shared/option.hpp"
#include "shared/payload_settings.hpp"

namespace mq {

struct OutputSettings {
  bool verbose = false;               // -v
  bool no_newline = false;            // -N
  char delimiter = '\n';              // -0, --delimiter: what follows a message
  std::optional<std::string> format;  // -F
  bool pretty = false;                // --pretty: JSON over several lines

  PayloadSettings payload;
  enum class OnInvalid : std::uint8_t { show, only, hide, stop };
  std::optional<OnInvalid> on_invalid;  // --on-invalid
  enum class Show : std::uint8_t { automatic, json, native };
  Show show = Show::automatic;  // --show
  enum class Colour : std::uint8_t { automatic, always, never };
  Colour colour = Colour::automatic;  // --color
  std::string jq;                     // --jq; empty: none
  enum class Output : std::uint8_t { text, json };
  Output output = Output::text;  // --output

  std::vector<std::string> expectations;  // --expect: jq programs
  bool expect_any = false;                // --expect-any: one of them is enough
};

// -v, -F, -N and --pretty; then how decoded payloads look, --output and --jq.
void layout_options(OptionRows& rows, OutputSettings& settings);
void decoding_options(OptionRows& rows, OutputSettings& settings);

// Combinations that make no sense. Kind usage.
Result<void> finish_output(const OutputSettings& settings);

// How messages are laid out where no jq program does that. Kind usage.
// Messages are answers where that is said.
Result<Format> format_of(const OutputSettings& settings, bool answers = false);

}  // namespace mq
