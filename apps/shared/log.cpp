#include "shared/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "base/bytes.hpp"
#include "base/utf8.hpp"
#include "payload/json_text.hpp"
#include "shared/exit_code.hpp"
#include "shared/local_time.hpp"
#include "shared/manner.hpp"

namespace mq {
namespace {

void write_text(std::string_view text) { (void)!::write(STDERR_FILENO, text.data(), text.size()); }

void write_line(std::string line) { write_text(line.append("\n")); }

void add_field(std::string& object, std::string_view name, std::string_view text) {
  object.append(object.size() == 1 ? "\"" : ",\"").append(name).append("\":");
  if (is_utf8(text)) return append_json_string(text, object);
  std::string readable(text);  // a file's name may be anything
  std::ranges::replace_if(readable, [](char c) { return octet(c) >= 0x80; }, '?');
  append_json_string(readable, object);
}

// {"time":...,"level":...
std::string object_of(std::string_view level, LocalTime::Moment when = std::chrono::system_clock::now()) {
  LocalTime time;
  time.set(when);
  std::string object = "{";
  add_field(object, "time", time.rfc3339());
  add_field(object, "level", level);
  return object;
}

}  // namespace

int Log::report(const Error& error) const {
  if (manner != nullptr) return manner->report(error);
  if (!quiet) write_text(text_of(error, std::chrono::system_clock::now()));
  return exit_code(error.kind);
}

std::string Log::text_of(const Error& error, std::chrono::system_clock::time_point when) const {
  if (quiet) return {};
  if (json) {
    std::string object = object_of("error", when);
    add_field(object, "text", error.text);
    if (!error.hint.empty()) add_field(object, "hint", error.hint);
    return object.append(",\"exit_code\":").append(std::to_string(exit_code(error.kind))).append("}\n");
  }
  std::string text = std::string("error: ").append(error.text);
  if (!error.hint.empty()) text.append("\nhint: ").append(error.hint);
  return text.append("\n");
}

void Log::warn(std::string_view text) const {
  if (quiet || manner != nullptr) return;
  if (!json) return write_line(std::string("warning: ").append(text));
  std::string object = object_of("warning");
  add_field(object, "text", text);
  write_line(object.append("}"));
}

void Log::notice(std::string_view event, std::string_view text,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> fields) const {
  if (quiet || manner != nullptr) return;
  if (!json) return write_line(std::string(text));
  std::string object = object_of("notice");
  add_field(object, "event", event);
  add_field(object, "text", text);
  for (const auto& [name, value] : fields) add_field(object, name, value);
  write_line(object.append("}"));
}

void Log::trace(std::string_view line) const {
  if (manner != nullptr) return manner->trace(line);
  if (!json) return write_line(std::string(line));
  std::string object = object_of("debug");
  add_field(object, "text", line);
  write_line(object.append("}"));
}

}  // namespace mq
