// The journal's file: taken for this process, made or checked, and opened twice, for the thread that writes
// and for the loop's thread, which reads. For apps/journal alone.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "journal/journal.hpp"
#include "journal/sqlite.hpp"

namespace mq {

// PATH-lock, which holds the number of the process that has it.
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path);
  static std::optional<std::string> owner(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();  // lets go; the file stays, because another process may be waiting for it

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

struct JournalFile {
  FileLock lock;
  SqliteDatabase writing;
  SqliteDatabase reading;
};

std::optional<std::string> journal_owner(const std::string& given);
Result<JournalFile> open_journal_file(const std::string& given, const JournalTuning& tuning);

}  // namespace mq
