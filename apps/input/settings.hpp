// Which messages a program is given to publish: the source that they come from, how it is read, and what they
// have that do not bring it along.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "payload/compression.hpp"
#include "shared/line_format.hpp"
#include "shared/option.hpp"
#include "wire/property.hpp"

namespace mq {

struct InputSettings {
  // Each message that has no topic of its own goes to every one of them, in this order.
  std::vector<std::string> topics;

  enum class Source : std::uint8_t { none, message, file, whole_stdin, lines, null, random, replay };
  Source source = Source::none;  // -m, -f, -s, -l, -n, --size, --replay
  Buffer message;                // -m
  bool line_in_message = false;  // -m and -l: each line goes into the one template
  std::string file;              // -f
  std::uint64_t size = 0;        // --size: bytes of a random payload
  std::string replay;            // --replay: a file, "-" for standard input

  char delimiter = '\n';                  // --delimiter, -0: what ends a line of input
  std::optional<LineFormat> line_format;  // --line-format
  bool json_input = false;                // --input json
  std::optional<double> speed;            // --speed: a factor, 0 for as fast as can be

  QoS qos = QoS::at_most_once;
  bool qos_given = false;
  bool retain = false;
  PropertyList properties;            // -D publish
  std::uint64_t repeat = 1;           // --repeat: times that each message is sent
  std::optional<std::uint64_t> seed;  // --seed

  // Messages bring their topics with them, or can.
  bool own_topics() const {
    return source == Source::replay || json_input || (line_format && line_format->gives_topic());
  }
};

// --line-format and --input.
void line_options(OptionRows& rows, InputSettings& settings);
// --compress, and with --on-invalid: about payloads that a Composer makes.
void compress_option(OptionRows& rows, std::optional<Compression>& compress);
void composing_options(OptionRows& rows, std::optional<Compression>& compress, bool& skip_invalid);
// --line-format and --input where no lines are read, or both. Kind usage.
Result<void> finish_lines(const InputSettings& settings);

// Setters of the options that choose the source: -m, -f, and those without a value. One source at most; the
// same one again replaces what it said before. `others` says in an error which ones there are.
OptionSetter store_message(InputSettings& settings, std::string_view others);
OptionSetter store_message_file(InputSettings& settings, std::string_view others);
OptionSetter store_source(InputSettings& settings, InputSettings::Source source, std::string_view others);
// Kind usage.
Result<void> choose_source(InputSettings& settings, InputSettings::Source source, std::string_view others);

// The bytes of the one message of -m, -f, -s or -n; of -m with -l the template for each line. Waits for a
// pipe. Kind usage or io.
Result<Buffer> read_message(InputSettings& settings);

}  // namespace mq
