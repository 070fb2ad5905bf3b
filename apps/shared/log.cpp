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

// {"time":...,"level":...,"event":...,"text":...
std::string object_of(std::string_view level, std::string_view event, std::string_view text,
                      LocalTime::Moment when = std::chrono::system_clock::now()) {
  LocalTime time;
  time.set(when);
  std::string object = "{";
  add_field(object, "time", time.rfc3339());
  add_field(object, "level", level);
  if (!event.empty()) add_field(object, "event", event);
  add_field(object, "text", text);
  return object;
}

void add_fields(std::string& object, LogFields fields) {
  for (const auto& [name, value] : fields) add_field(object, name, value);
}

}  // namespace

int Log::report(const Error& error, std::string_view event, LogFields fields) const {
  if (manner != nullptr) return manner->report(error);
  if (!quiet) write_text(text_of(error, std::chrono::system_clock::now(), event, fields));
  return exit_code(error.kind);
}

std::string Log::text_of(const Error& error, std::chrono::system_clock::time_point when,
                         std::string_view event, LogFields fields) const {
  if (quiet) return {};
  if (json) {
    std::string object = object_of("error", event, error.text, when);
    if (!error.hint.empty()) add_field(object, "hint", error.hint);
    add_fields(object, fields);
    return object.append(",\"exit_code\":").append(std::to_string(exit_code(error.kind))).append("}\n");
  }
  std::string text = std::string("error: ").append(error.text);
  if (!error.hint.empty()) text.append("\nhint: ").append(error.hint);
  return text.append("\n");
}

void Log::warn(std::string_view event, std::string_view text, LogFields fields) const {
  if (quiet || manner != nullptr) return;
  if (!json) return write_line(std::string("warning: ").append(text));
  std::string object = object_of("warning", event, text);
  add_fields(object, fields);
  write_line(object.append("}"));
}

void Log::notice(std::string_view event, std::string_view text, LogFields fields) const {
  if (quiet || manner != nullptr) return;
  if (!json) return write_line(std::string(text));
  std::string object = object_of("notice", event, text);
  add_fields(object, fields);
  write_line(object.append("}"));
}

void Log::trace(std::string_view line) const {
  if (manner != nullptr) return manner->trace(line);
  if (!json) return write_line(std::string(line));
  write_line(object_of("debug", {}, line).append("}"));
}

}  // namespace mq
