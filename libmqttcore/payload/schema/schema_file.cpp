#include "payload/schema/schema_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {

Result<std::string> schema_text(const std::string& file) {
  const auto unreadable = [&file](int error) {
    return fail(ErrorKind::io,
                fmt::format("the schema {} cannot be read: {}", quoted(file, 200), system_error(error)));
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return unreadable(EISDIR);
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return unreadable(errno != 0 ? errno : EIO);
  std::string text;
  constexpr std::size_t piece = 65536;
  while (in && text.size() <= largest_schema) {
    const std::size_t before = text.size();
    text.resize(before + piece);
    in.read(text.data() + before, piece);
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return unreadable(errno != 0 ? errno : EIO);
  if (text.size() > largest_schema)
    return fail(ErrorKind::usage,
                fmt::format("the schema {} is larger than {} MiB", quoted(file, 200), largest_schema >> 20U));
  return text;
}

}  // namespace mq
