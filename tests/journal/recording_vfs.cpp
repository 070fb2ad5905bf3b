#include "journal/recording_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <utility>

#include "peers/failure.hpp"

namespace mq::testing {
namespace {

// What SQLite takes for its open file: ours, and behind it the real one.
struct RecordedFile {
  sqlite3_file base;
  RecordingVfs* vfs;
  std::string* name;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
static_assert(alignof(RecordedFile) >= alignof(sqlite3_file));

RecordedFile& recorded(sqlite3_file* file) { return *reinterpret_cast<RecordedFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return recorded(file).real(); }
const sqlite3_io_methods& methods(sqlite3_file* file) { return *real(file)->pMethods; }
sqlite3_vfs* real_vfs() { return sqlite3_vfs_find(nullptr); }
RecordingVfs& owner(sqlite3_vfs* vfs) { return *static_cast<RecordingVfs*>(vfs->pAppData); }

std::string last_part(const char* path) {
  if (path == nullptr) return {};
  const std::string_view all = path;
  return std::string(all.substr(all.rfind('/') + 1));
}

int close_file(sqlite3_file* file) {
  delete recorded(file).name;
  return methods(file).xClose(real(file));
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  return methods(file).xRead(real(file), into, size, offset);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  RecordedFile& it = recorded(file);
  if (const int refused = it.vfs->may_write(size); refused != SQLITE_OK) return refused;
  const int result = methods(file).xWrite(real(file), from, size, offset);
  if (result == SQLITE_OK)
    it.vfs->note({.kind = FileChange::Kind::write,
                  .file = *it.name,
                  .offset = offset,
                  .bytes = std::string(static_cast<const char*>(from), static_cast<std::size_t>(size))});
  return result;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  RecordedFile& it = recorded(file);
  const int result = methods(file).xTruncate(real(file), size);
  if (result == SQLITE_OK)
    it.vfs->note({.kind = FileChange::Kind::truncate, .file = *it.name, .offset = size});
  return result;
}

int sync_file(sqlite3_file* file, int) {
  RecordedFile& it = recorded(file);
  if (const int refused = it.vfs->may_sync(); refused != SQLITE_OK) return refused;
  it.vfs->note({.kind = FileChange::Kind::sync, .file = *it.name});
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) { return methods(file).xFileSize(real(file), size); }
int lock(sqlite3_file* file, int level) { return methods(file).xLock(real(file), level); }
int unlock(sqlite3_file* file, int level) { return methods(file).xUnlock(real(file), level); }
int check_lock(sqlite3_file* file, int* taken) { return methods(file).xCheckReservedLock(real(file), taken); }
int control(sqlite3_file* file, int what, void* with) {
  return methods(file).xFileControl(real(file), what, with);
}
int sector_size(sqlite3_file* file) { return methods(file).xSectorSize(real(file)); }
int device(sqlite3_file* file) { return methods(file).xDeviceCharacteristics(real(file)); }
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** at) {
  return methods(file).xShmMap(real(file), page, size, extend, at);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return methods(file).xShmLock(real(file), offset, count, flags);
}
void barrier(sqlite3_file* file) { methods(file).xShmBarrier(real(file)); }
int unmap_shared(sqlite3_file* file, int remove) { return methods(file).xShmUnmap(real(file), remove); }

constexpr sqlite3_io_methods recorded_methods{.iVersion = 2,
                                              .xClose = close_file,
                                              .xRead = read_file,
                                              .xWrite = write_file,
                                              .xTruncate = truncate_file,
                                              .xSync = sync_file,
                                              .xFileSize = file_size,
                                              .xLock = lock,
                                              .xUnlock = unlock,
                                              .xCheckReservedLock = check_lock,
                                              .xFileControl = control,
                                              .xSectorSize = sector_size,
                                              .xDeviceCharacteristics = device,
                                              .xShmMap = map_shared,
                                              .xShmLock = lock_shared,
                                              .xShmBarrier = barrier,
                                              .xShmUnmap = unmap_shared,
                                              .xFetch = nullptr,
                                              .xUnfetch = nullptr};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* given) {
  auto* const it = new (file) RecordedFile{.base = {}, .vfs = &owner(vfs), .name = nullptr};
  const int result = real_vfs()->xOpen(real_vfs(), path, it->real(), flags, given);
  if (result != SQLITE_OK) return result;
  it->name = new std::string(last_part(path));
  it->base.pMethods = &recorded_methods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  const int result = real_vfs()->xDelete(real_vfs(), path, 0);
  if (result == SQLITE_OK)
    owner(vfs).note({.kind = sync_folder != 0 ? FileChange::Kind::remove_now : FileChange::Kind::remove,
                     .file = last_part(path)});
  return result;
}

int access_file(sqlite3_vfs*, const char* path, int flags, int* result) {
  return real_vfs()->xAccess(real_vfs(), path, flags, result);
}

int full_path(sqlite3_vfs*, const char* path, int size, char* into) {
  return real_vfs()->xFullPathname(real_vfs(), path, size, into);
}

void play(std::string& content, const FileChange& change) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (change.kind == FileChange::Kind::truncate) {
    content.resize(offset);
  } else {
    if (content.size() < offset + change.bytes.size()) content.resize(offset + change.bytes.size());
    content.replace(offset, change.bytes.size(), change.bytes);
  }
}

void play(Crash::Files& files, const std::vector<FileChange>& changes) {
  for (const FileChange& change : changes) {
    if (change.kind == FileChange::Kind::remove) {
      files.erase(change.file);
    } else {
      play(files[change.file], change);
    }
  }
}

// The parts of a write that reach the disk or don't: it comes apart where sectors of the file do.
std::vector<FileChange> sectors_of(const FileChange& write) {
  constexpr std::size_t sector = 512;
  std::vector<FileChange> parts;
  for (std::size_t at = 0; at < write.bytes.size();) {
    const std::size_t position = static_cast<std::size_t>(write.offset) + at;
    const std::size_t size = std::min(write.bytes.size() - at, sector - position % sector);
    parts.push_back({.kind = write.kind,
                     .file = write.file,
                     .offset = static_cast<std::int64_t>(position),
                     .bytes = write.bytes.substr(at, size)});
    at += size;
  }
  return parts;
}

}  // namespace

RecordingVfs::RecordingVfs() {
  static std::atomic<int> count = 0;
  name_ = "recording-" + std::to_string(++count);
  sqlite3_vfs* const below = real_vfs();
  vfs_ = std::make_unique<sqlite3_vfs>(*below);
  vfs_->iVersion = 1;
  vfs_->szOsFile = static_cast<int>(sizeof(RecordedFile)) + below->szOsFile;
  vfs_->pNext = nullptr;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = open_file;
  vfs_->xDelete = delete_file;
  vfs_->xAccess = access_file;
  vfs_->xFullPathname = full_path;
  if (sqlite3_vfs_register(vfs_.get(), 0) != SQLITE_OK) throw PeerFailure("SQLite takes no file system");
}

RecordingVfs::~RecordingVfs() { sqlite3_vfs_unregister(vfs_.get()); }

std::size_t RecordingVfs::size() const {
  const std::lock_guard lock(mutex_);
  return changes_.size();
}

std::vector<FileChange> RecordingVfs::take_record() {
  const std::lock_guard lock(mutex_);
  return std::exchange(changes_, {});
}

void RecordingVfs::set_room(std::optional<std::int64_t> bytes) {
  const std::lock_guard lock(mutex_);
  room_ = bytes;
}

void RecordingVfs::fail_syncs(bool yes) {
  const std::lock_guard lock(mutex_);
  syncs_fail_ = yes;
}

int RecordingVfs::may_write(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!room_) return SQLITE_OK;
  if (*room_ < bytes) return SQLITE_FULL;
  *room_ -= bytes;
  return SQLITE_OK;
}

int RecordingVfs::may_sync() {
  const std::lock_guard lock(mutex_);
  return syncs_fail_ ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

void RecordingVfs::note(FileChange change) {
  const std::lock_guard lock(mutex_);
  if (recording_) changes_.push_back(std::move(change));
}

void Crash::go_on(const FileChange& change) {
  auto& pending = pending_[change.file];
  if (change.kind == FileChange::Kind::sync) {
    play(synced_, pending);
    pending.clear();
  } else if (change.kind == FileChange::Kind::remove_now) {
    synced_.erase(change.file);
    pending.clear();
  } else {
    pending.push_back(change);
  }
}

bool Crash::anything_unsynced() const {
  return std::ranges::any_of(pending_, [](const auto& file) { return !file.second.empty(); });
}

Crash::Files Crash::everything() const {
  Files files = synced_;
  for (const auto& [name, changes] : pending_) play(files, changes);
  return files;
}

Crash::Files Crash::a_part(std::mt19937& random) const {
  Files files = synced_;
  for (const auto& [name, changes] : pending_) {
    std::vector<FileChange> kept;
    // From nearly none to nearly all of them.
    const auto of_eight = random() % 9;
    for (const FileChange& change : changes) {
      if (change.kind == FileChange::Kind::write) {
        for (FileChange& part : sectors_of(change))
          if (random() % 8 < of_eight) kept.push_back(std::move(part));
      } else if (random() % 2 == 0) {
        kept.push_back(change);
      } else if (change.kind == FileChange::Kind::remove) {
        break;  // what is written later goes to a file that has no name then
      }
    }
    play(files, kept);
  }
  return files;
}

}  // namespace mq::testing
