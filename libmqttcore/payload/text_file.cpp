#include "payload/text_file.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {

Result<std::string> read_text_file(const std::string& file, std::string_view what) {
  const auto unreadable = [&file, what](int error, ErrorKind kind = ErrorKind::usage) {
    return fail(kind, fmt::format("{} {} cannot be read: {}", what, quoted(file, 200), system_error(error)));
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return unreadable(EISDIR);
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return unreadable(errno != 0 ? errno : EIO);
  std::string text;
  constexpr std::size_t piece = 65536;
  while (in && text.size() <= largest_text_file) {
    const std::size_t before = text.size();
    text.resize(before + piece);
    in.read(text.data() + before, piece);
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return unreadable(errno != 0 ? errno : EIO, ErrorKind::io);
  if (text.size() > largest_text_file)
    return fail(ErrorKind::usage, fmt::format("{} {} is larger than {} MiB", what, quoted(file, 200),
                                              largest_text_file >> 20U));
  return text;
}

}  // namespace mq
