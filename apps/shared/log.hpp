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

struct Log {
  bool quiet = false;        // nothing at all is written but what --debug asks for
  bool json = false;         // objects, one a line, with time and level
  Manner* manner = nullptr;  // of a program that goes by another's name; tells instead

  // "error: TEXT" and, if there is one, "hint: HINT". Returns the exit code.
  int report(const Error& error) const;
  // What report() writes at that time; nothing when quiet.
  std::string text_of(const Error& error, std::chrono::system_clock::time_point when) const;

  // "warning: TEXT"
  void warn(std::string_view text) const;

  // TEXT alone, for what is neither wrong nor asked for: lost, trying again, connected again. `event` is its
  // name in JSON, `fields` what a machine would else have to take out of the text.
  void notice(std::string_view event, std::string_view text,
              std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {}) const;

  // One line of --debug.
  void trace(std::string_view line) const;
};

}  // namespace mq
