// One row per option: the single source of parsing, --help, man pages, shell completions, options files and
// environment variables. A program's rows are put together from functions (connection_options and the like)
// that append rows whose setters refer to that program's settings; rows live no longer than those. All text
// is static.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mq {

enum class OptionGroup : std::uint8_t {
  load,
  bridge,
  connection,
  tls,
  session,
  will,
  publish,
  subscribe,
  payload,
  output,
  general
};

// What a shell offers for the first value.
enum class Completion : std::uint8_t { none, file, directory, host, topic, property, profile };

// The values of one occurrence, byte for byte: none for a flag.
using OptionValues = std::span<const std::string_view>;

// Checks and stores; touches neither network nor files nor terminal. The text of an error is a fragment that
// can follow the option's name: "'70000' is no port number".
using OptionSetter = std::function<Result<void>(OptionValues)>;

struct OptionRow {
  char letter = '\0';             // without its dash; '\0' = none
  std::string_view name;          // without its dashes
  std::string_view aliases = {};  // further long names, in words
  std::string_view value =
      {};  // names of its values, in words ("HOST", "COMMAND NAME VALUE"); empty = a flag
  OptionGroup group = OptionGroup::general;
  std::string_view default_text = {};
  std::string_view environment = {};  // variables that set it, in words, the first that is set; empty = none
  std::string_view choices = {};      // words that the first value must be one of (the setter checks)
  Completion completion = Completion::none;
  std::string_view suffix = {};    // of the files that are offered first, ".json"; empty: of all alike
  bool repeats = false;            // every occurrence counts; otherwise the last one does
  bool v5_only = false;            // only MQTT 5.0 has what it asks for
  bool needs_tls = false;          // means nothing without TLS
  bool secret = false;             // its value, or a part of it, must not be seen by others
  bool command_line_only = false;  // not in an options file; set before everything else
  std::string_view summary;        // one line for --help
  std::string_view detail;         // a paragraph for the man page
  OptionSetter set = {};
};

using OptionRows = std::vector<OptionRow>;

inline bool is_flag(const OptionRow& row) { return row.value.empty(); }

// The words of a text of words separated by single spaces.
std::vector<std::string_view> words(std::string_view text);
bool has_word(std::string_view text, std::string_view word);

std::size_t value_count(const OptionRow& row);

// By long name or alias ("host"), by letter; nullptr when there is none.
const OptionRow* find_option(const OptionRows& rows, std::string_view name);
const OptionRow* find_option(const OptionRows& rows, char letter);

// "-h/--host": how messages call it.
std::string shown(const OptionRow& row);

// In the order in which help and man page have them.
std::span<const OptionGroup> option_groups();
std::string_view title_of(OptionGroup group);

}  // namespace mq
