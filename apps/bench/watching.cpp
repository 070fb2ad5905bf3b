#include "bench/watching.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace mq {
namespace {

bool shows_unicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view text(value);
    return text.find("UTF-8") != std::string_view::npos || text.find("utf8") != std::string_view::npos;
  }
  return false;
}

bool draws() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace

Watching::Watching(const BenchSettings& settings)
    : shows_(settings.report.progress && !settings.connection.log.quiet && !settings.connection.log.json),
      view_(draws(), shows_unicode()) {}

void Watching::on_interval(const LoadOutcome& so_far, const RunState& state) {
  if (shows_) view_.show(so_far, state);
}

}  // namespace mq
