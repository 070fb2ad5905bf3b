// The one way in which a program tells on standard error what happens: errors, warnings, and notices of the
// connection; as text, or as JSON for machines. Each is one write, so that lines of several programs don't
// mix.
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace mq {

class Manner;

// What a machine would else have to take out of a text: names and values.
using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// `event` is what has happened by its name, in JSON alone, as are the fields.
struct Log {
  bool quiet = false;        // nothing at all is written but what --debug asks for
  bool json = false;         // objects, one a line, with time and level
  Manner* manner = nullptr;  // of a program that goes by another's name; tells instead

  // "error: TEXT" and, if there is one, "hint: HINT". Returns the exit code.
  int report(const Error& error, std::string_view event = {}, LogFields fields = {}) const;
  // What report() writes at that time; nothing when quiet.
  std::string text_of(const Error& error, std::chrono::system_clock::time_point when,
                      std::string_view event = {}, LogFields fields = {}) const;

  // "warning: TEXT"
  void warn(std::string_view text) const { warn({}, text); }
  void warn(std::string_view event, std::string_view text, LogFields fields = {}) const;

  // TEXT alone, for what is neither wrong nor asked for: lost, trying again, connected again.
  void notice(std::string_view event, std::string_view text, LogFields fields = {}) const;

  // One line of --debug.
  void trace(std::string_view line) const;
};

}  // namespace mq
