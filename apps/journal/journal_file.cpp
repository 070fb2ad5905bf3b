#include "journal/journal_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {
namespace {

constexpr std::uint32_t application_id = 0x6D716A6C;  // "mqjl"
constexpr std::uint32_t version = 1;

// A table for each destination (see Transaction) begins where its records do and ends where they end: what
// was delivered leaves nothing behind that a later read would step over, and no index has to be kept.
constexpr const char* schema = R"(
  PRAGMA auto_vacuum=NONE;
  BEGIN IMMEDIATE;
  CREATE TABLE party(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, records INTEGER NOT NULL,
                     bytes INTEGER NOT NULL, last_number INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
  CREATE TABLE flight(id INTEGER PRIMARY KEY, packet_id INTEGER NOT NULL, turn INTEGER NOT NULL,
                      received INTEGER NOT NULL) STRICT;
  CREATE TABLE held(party INTEGER NOT NULL, packet_id INTEGER NOT NULL, PRIMARY KEY(party, packet_id))
    STRICT, WITHOUT ROWID;
)";

constexpr std::string_view move_away = "name another file, or move this one away";

std::unexpected<Error> cannot(std::string_view verb, const std::string& path, int number) {
  return fail(ErrorKind::io,
              fmt::format("cannot {} the journal {}: {}", verb, quoted(path), system_error(number)));
}

std::unexpected<Error> not_ours(const std::string& path) {
  Error error{.kind = ErrorKind::io,
              .text = fmt::format("{} is not a journal of mqtt-bridge", quoted(path)),
              .hint = std::string(move_away),
              .permanent = true};
  return std::unexpected(std::move(error));
}

std::unexpected<Error> newer(const std::string& path) {
  Error error{.kind = ErrorKind::io,
              .text = fmt::format("the journal {} was written by a newer mqtt-bridge", quoted(path)),
              .hint = "use that one, or name another file",
              .permanent = true};
  return std::unexpected(std::move(error));
}

// While it is opened a damaged file is kind io as everything else: what is told is that there is no journal.
std::unexpected<Error> while_opening(Error error) {
  error.kind = ErrorKind::io;
  return std::unexpected(std::move(error));
}

std::uint32_t number_in(const std::array<char, 100>& header, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | octet(header[at + i]);
  return number;
}

// All of it, unless the file ends before; the size is what was read, negative: errno says why not.
ssize_t read_begin(int descriptor, std::span<char> bytes) {
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count =
        ::pread(descriptor, bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(size);
}

bool write_begin(int descriptor, std::string_view bytes) {
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count =
        ::pwrite(descriptor, bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) size += static_cast<std::size_t>(count);
  }
  return true;
}

// SQLite's header of the file tells whose it is before SQLite has a chance to change anything there.
Result<void> check_header(int descriptor, const std::string& path) {
  struct stat file{};
  if (::fstat(descriptor, &file) != 0) return cannot("read", path, errno);
  if (!S_ISREG(file.st_mode)) return not_ours(path);
  if (file.st_size == 0) return {};
  // A creation that was cut short: SQLite undoes it.
  struct stat cut_short{};
  if (::stat((path + "-journal").c_str(), &cut_short) == 0 && cut_short.st_size > 0) return {};
  constexpr std::size_t version_at = 60;
  constexpr std::size_t application_id_at = 68;
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  std::array<char, 100> header{};
  const ssize_t size = read_begin(descriptor, header);
  if (size < 0) return cannot("read", path, errno);
  if (static_cast<std::size_t>(size) < header.size() ||
      !std::string_view(header.data(), header.size()).starts_with(magic) ||
      number_in(header, application_id_at) != application_id)
    return not_ours(path);
  if (number_in(header, version_at) > version) return newer(path);
  return {};
}

// Makes the file with its mode, or finds that it may be read and written. SQLite opens it afterwards: to
// close a descriptor would undo the locks that it has on the file.
Result<void> prepare_file(const std::string& path) {
  constexpr mode_t mode = S_IRUSR | S_IWUSR;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode);
  if (descriptor < 0) return cannot("open", path, errno);
  auto checked = check_header(descriptor, path);
  ::close(descriptor);
  return checked;
}

Result<void> make_schema(SqliteDatabase& database) {
  const std::string numbers =
      fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT", application_id, version);
  if (!database.run(schema) || !database.run(numbers.c_str())) return database.failure("write");
  return {};
}

Result<void> check_contents(SqliteDatabase& database, const std::string& path) {
  const auto application = database.number("PRAGMA application_id");
  if (!application) return while_opening(application.error());
  const auto found = database.number("PRAGMA user_version");
  if (!found) return while_opening(found.error());
  const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return while_opening(tables.error());
  if (*application == 0 && *found == 0 && *tables == 0) return make_schema(database);
  if (*application != application_id || *found == 0) return not_ours(path);
  if (*found > version) return newer(path);
  const auto report = database.text("PRAGMA quick_check(1)");
  if (!report) return while_opening(report.error());
  if (*report != "ok") return while_opening(damaged(path, quoted(*report)));
  return {};
}

Result<SqliteDatabase> connect(const std::string& path, const char* vfs, const char* settings) {
  auto database = SqliteDatabase::open(path, vfs);
  if (!database) return while_opening(std::move(database.error()));
  if (!database->run(settings)) return while_opening(database->error("open"));
  return database;
}

std::string owner_of(int lock) {
  std::array<char, 24> text{};
  const ssize_t size = read_begin(lock, text);
  const auto owner = parse_number<pid_t>({text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))});
  return owner ? fmt::format("process {}", *owner) : "another process";
}

// A file that has a second name has one lock.
std::string resolved(const std::string& given) {
  const std::unique_ptr<char, decltype(&std::free)> path(::realpath(given.c_str(), nullptr), &std::free);
  return path ? path.get() : given;
}

}  // namespace

std::optional<std::string> FileLock::owner(const std::string& path) {
  const FileLock lock(::open((path + "-lock").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (lock.descriptor_ < 0 || ::flock(lock.descriptor_, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return std::nullopt;
  return owner_of(lock.descriptor_);
}

Result<FileLock> FileLock::take(const std::string& path) {
  constexpr mode_t mode = S_IRUSR | S_IWUSR;
  const std::string name = path + "-lock";
  FileLock lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode));
  if (lock.descriptor_ < 0) return cannot("lock", path, errno);
  // Who only asks, as owner() does, has it for a moment.
  constexpr timespec moment{.tv_sec = 0, .tv_nsec = 10'000'000};
  bool taken = false;
  for (int tries = 0; tries < 5 && !taken; ++tries) {
    if (tries > 0) ::nanosleep(&moment, nullptr);
    taken = ::flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0;
    if (!taken && errno != EWOULDBLOCK) return cannot("lock", path, errno);
  }
  if (!taken)
    return fail(ErrorKind::io,
                fmt::format("the journal {} is in use by {}", quoted(path), owner_of(lock.descriptor_)), 0,
                "end that one first, or name another file");
  // For people, and for the sentence above.
  const std::string self = std::to_string(::getpid());
  if (::ftruncate(lock.descriptor_, 0) != 0 || !write_begin(lock.descriptor_, self))
    return cannot("lock", path, errno);
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::string> journal_owner(const std::string& given) {
  return FileLock::owner(resolved(given));
}

Result<JournalFile> open_journal_file(const std::string& given, const JournalTuning& tuning) {
  // SQLite's memory-mapped reads would turn a failing disk into a signal, its freed pages need no zeros, and
  // the log is moved by the writer between commits, not within one. EXTRA is FULL, and while the file is made
  // also waits until the rollback journal is gone for good: it would undo what the log has by then.
  constexpr const char* both =
      "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; PRAGMA secure_delete=OFF;"
      "PRAGMA synchronous=EXTRA; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;";
  const std::string path = resolved(given);
  auto lock = FileLock::take(path);
  if (!lock) return std::unexpected(std::move(lock.error()));
  if (auto prepared = prepare_file(path); !prepared) return std::unexpected(std::move(prepared.error()));

  auto writing = connect(path, tuning.vfs, both);
  if (!writing) return std::unexpected(std::move(writing.error()));
  if (!writing->writable()) return cannot("write", path, EROFS);
  if (auto checked = check_contents(*writing, path); !checked)
    return std::unexpected(std::move(checked.error()));
  const auto mode = writing->text("PRAGMA journal_mode=WAL");
  if (!mode) return while_opening(mode.error());
  if (*mode != "wal")
    return fail(
        ErrorKind::io,
        fmt::format("cannot keep a journal at {}: its file system has no shared memory", quoted(path)), 0,
        "name a file on a local disk");
  if (!writing->run(fmt::format("PRAGMA cache_size=-{}", tuning.cache_kib).c_str()))
    return while_opening(writing->error("open"));
  writing->leave_as_it_is(false);
  writing->limit_log(tuning.checkpoint_pages);

  auto reading = connect(path, tuning.vfs, both);
  if (!reading) return std::unexpected(std::move(reading.error()));
  if (!reading->run("PRAGMA cache_size=-4096; PRAGMA query_only=ON"))
    return while_opening(reading->error("open"));
  return JournalFile{
      .lock = std::move(*lock), .writing = std::move(*writing), .reading = std::move(*reading)};
}

}  // namespace mq
