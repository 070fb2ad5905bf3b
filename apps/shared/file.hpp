// Whole files and streams in and out of memory, with errors fit for a user: a file that is missing,
// unreadable, a directory or too large is a wrong value (kind usage), a failure on the way is kind io.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

// At most `limit` bytes, or an error that names both sizes. A pipe or device is read to its end.
Result<Buffer> read_file(const std::string& path, std::uint64_t limit);

// To the end of a descriptor that blocks or not, which stays open; `name` is for the error ("standard
// input").
Result<Buffer> read_all(int descriptor, const std::string& name, std::uint64_t limit);

// Readers find the old content or the new, never a part, also after a crash.
Result<void> write_file_atomically(const std::string& path, Bytes content, mode_t mode = 0600);

}  // namespace mq
