#include "input/source.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "input/line_source.hpp"
#include "input/message_source.hpp"
#include "input/record_source.hpp"
#include "shared/watchdog.hpp"

namespace mq {
namespace {

Result<int> open_recording(const std::string& path, bool again) {
  if (path == "-") return STDIN_FILENO;
  Watchdog::waits_for("nobody writes to the recording");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(ErrorKind::usage, fmt::format("cannot open {}: {}", quoted(path, 300), system_error(errno)));
  struct stat status{};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(descriptor);
    return fail(ErrorKind::usage, fmt::format("cannot read {}: it is a directory", quoted(path, 300)));
  }
  if (again && ::lseek(descriptor, 0, SEEK_CUR) < 0) {
    ::close(descriptor);
    return fail(ErrorKind::usage, fmt::format("{} can be read only once", quoted(path, 300)), 0,
                "--repeat needs a recording in a file");
  }
  return descriptor;
}

}  // namespace

Result<std::unique_ptr<Source>> make_source(const InputSettings& settings, Buffer message) {
  switch (settings.source) {
    case InputSettings::Source::replay: {
      const auto descriptor = open_recording(settings.replay, settings.repeat > 1);
      if (!descriptor) return std::unexpected(descriptor.error());
      return std::make_unique<RecordSource>(settings, *descriptor);
    }
    case InputSettings::Source::lines:
      if (settings.json_input) return std::make_unique<RecordSource>(settings, STDIN_FILENO);
      if (settings.line_format) return std::make_unique<FormattedLines>(settings);
      return std::make_unique<LineSource>(settings.delimiter);
    case InputSettings::Source::random:
      return std::make_unique<RandomSource>(settings);
    default:
      return std::make_unique<MessageSource>(std::move(message), settings.repeat);
  }
}

}  // namespace mq
