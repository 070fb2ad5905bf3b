// A file system for SQLite between it and the real one: writes down what is done to files, in order, and
// fails on command. It never waits for the disk: what a crash would leave of the files is made from the
// record (see Crash), which knows what was synced.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mq::testing {

struct FileChange {
  enum class Kind : std::uint8_t { write, truncate, sync, remove, remove_now };
  Kind kind;
  std::string file;         // its name without the folder
  std::int64_t offset = 0;  // of what is written; the size left by a truncation
  std::string bytes = {};
};

class RecordingVfs {
 public:
  RecordingVfs();
  ~RecordingVfs();
  RecordingVfs(const RecordingVfs&) = delete;
  RecordingVfs& operator=(const RecordingVfs&) = delete;

  const char* name() const { return name_.c_str(); }

  void record(bool yes) { recording_ = yes; }
  std::size_t size() const;  // of the record
  std::vector<FileChange> take_record();

  // From now on writes that go beyond so many bytes more find the disk full; nullopt: there is room again.
  void set_room(std::optional<std::int64_t> bytes);
  // From now on each sync fails.
  void fail_syncs(bool yes);

  // For SQLite's side of it; what they give is a result code of SQLite.
  int may_write(std::int64_t bytes);
  int may_sync();
  void note(FileChange change);

 private:
  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex mutex_;
  std::vector<FileChange> changes_;
  bool recording_ = false;
  std::optional<std::int64_t> room_;
  bool syncs_fail_ = false;
};

// The files as far as the record has been gone through, and what a crash there may leave of them.
class Crash {
 public:
  using Files = std::map<std::string, std::string>;

  void go_on(const FileChange& change);
  bool anything_unsynced() const;

  Files everything() const;  // nothing is lost
  Files what_was_synced() const { return synced_; }
  // Of what was not synced a random part, each write to the sector.
  Files a_part(std::mt19937& random) const;

 private:
  Files synced_;
  std::map<std::string, std::vector<FileChange>> pending_;  // by file
};

}  // namespace mq::testing
