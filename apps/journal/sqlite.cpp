#include "journal/sqlite.hpp"

#include <fmt/core.h>
#include <sqlite3.h>
#include <sys/statvfs.h>

#include <cstdint>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {
namespace {

// Only somebody's own look into the file can hold it up, and only for moments.
constexpr int busy_ms = 5000;

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteStatement& SqliteStatement::number(std::uint64_t value) {
  sqlite3_bind_int64(statement_.get(), ++bound_, static_cast<sqlite3_int64>(value));
  return *this;
}

SqliteStatement& SqliteStatement::text(std::string_view value) {
  sqlite3_bind_text64(statement_.get(), ++bound_, value.empty() ? "" : value.data(), value.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

SqliteStatement& SqliteStatement::blob(Bytes value) {
  sqlite3_bind_blob64(statement_.get(), ++bound_, value.empty() ? "" : value.data(), value.size(),
                      SQLITE_STATIC);
  return *this;
}

SqliteStatement::Step SqliteStatement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return Step::row;
  reset();
  return result == SQLITE_DONE ? Step::done : Step::failed;
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_.get());
  bound_ = 0;
}

std::int64_t SqliteStatement::number_at(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

Bytes SqliteStatement::bytes_at(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(bytes), bytes == nullptr ? 0 : static_cast<std::size_t>(size)};
}

void SqliteDatabase::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path, const char* vfs) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs);
  SqliteDatabase database;
  database.database_.reset(opened);
  database.path_ = path;
  if (result != SQLITE_OK) return database.failure("open");
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, busy_ms);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  database.leave_as_it_is(true);
  return database;
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK)
    return failure("read");
  return SqliteStatement(statement);
}

bool SqliteDatabase::run(const char* sql) {
  return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

Result<std::int64_t> SqliteDatabase::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  if (statement->step() != SqliteStatement::Step::row) return failure("read");
  return statement->number_at(0);
}

Result<std::string> SqliteDatabase::text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  if (statement->step() != SqliteStatement::Step::row) return failure("read");
  return std::string(statement->bytes_at(0));
}

std::int64_t SqliteDatabase::changed() const { return sqlite3_changes64(database_.get()); }

Error SqliteDatabase::error(std::string_view verb) const {
  constexpr int kind_of_result = 0xff;  // above it the details
  if (!database_) return {.kind = ErrorKind::io, .text = "out of memory"};
  const int result = sqlite3_extended_errcode(database_.get());
  std::string why = sqlite3_errmsg(database_.get());
  switch (result & kind_of_result) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged(path_, {});
    case SQLITE_FULL:
      why = "no space left on device";
      break;
    case SQLITE_READONLY:
      why = "it may not be written";
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      if (const int number = sqlite3_system_errno(database_.get()); number != 0) why = system_error(number);
      break;
    default:
      break;
  }
  return {.kind = ErrorKind::io,
          .text = fmt::format("cannot {} the journal {}: {}", verb, quoted(path_), why)};
}

bool SqliteDatabase::writable() const { return sqlite3_db_readonly(database_.get(), "main") == 0; }

void SqliteDatabase::leave_as_it_is(bool yes) {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, yes ? 1 : 0, nullptr);
}

void SqliteDatabase::limit_log(unsigned pages) {
  log_ = std::make_unique<Log>(Log{.limit = pages});
  sqlite3_wal_hook(
      database_.get(),
      [](void* log, sqlite3*, const char*, int pages_in_log) {
        static_cast<Log*>(log)->pages = static_cast<unsigned>(pages_in_log);
        return SQLITE_OK;
      },
      log_.get());
}

bool SqliteDatabase::log_outgrown() const { return log_->pages >= log_->limit; }

bool SqliteDatabase::short_of_room() const {
  constexpr std::uint64_t page = 4096;
  constexpr std::uint64_t reserve = 256;  // pages
  struct statvfs disk{};
  if (::statvfs(path_.c_str(), &disk) != 0) return false;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize < (2 * std::uint64_t{log_->pages} + reserve) * page;
}

bool SqliteDatabase::check_point() {
  int in_log = 0;
  int moved = 0;
  return sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved) ==
             SQLITE_OK &&
         moved == in_log;
}

Error damaged(const std::string& path, std::string_view how) {
  return {.kind = ErrorKind::malformed,
          .text = fmt::format("the journal {} is damaged{}{}", quoted(path), how.empty() ? "" : ": ", how),
          .hint =
              "keep a copy; 'sqlite3 FILE .recover' may show what waits in it, and without the file a new "
              "one is begun",
          .permanent = true};
}

}  // namespace mq
