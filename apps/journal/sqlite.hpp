// The few things that the journal asks of SQLite: a connection, a statement, and what went wrong as one of
// our errors. For apps/journal alone. Views that a statement gives live until its next step or reset; what is
// bound to it must live until then.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace mq {

class SqliteStatement {
 public:
  SqliteStatement() = default;
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  explicit operator bool() const { return statement_ != nullptr; }

  // Parameters in the order of their numbers, from the first again after a reset.
  SqliteStatement& number(std::uint64_t value);
  SqliteStatement& text(std::string_view value);
  SqliteStatement& blob(Bytes value);

  enum class Step { row, done, failed };
  Step step();  // after done and failed it is reset
  bool run() { return step() == Step::done; }
  void reset();
  // Columns of the row, from 0.
  std::int64_t number_at(int column) const;
  Bytes bytes_at(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

class SqliteDatabase {
 public:
  // An existing file, to read and write, to be left as it is; all sentences are about "the journal 'PATH'".
  static Result<SqliteDatabase> open(const std::string& path, const char* vfs);

  Result<SqliteStatement> prepare(std::string_view sql);
  bool run(const char* sql);  // any number of statements, rows are passed over
  // The first column of the first row of what gives one.
  Result<std::int64_t> number(std::string_view sql);
  Result<std::string> text(std::string_view sql);
  std::int64_t changed() const;  // rows, by the statement that ran last

  // What the call that failed last says: kind malformed for a damaged file, io for all else. `verb`: "read".
  Error error(std::string_view verb) const;
  std::unexpected<Error> failure(std::string_view verb) const { return std::unexpected(error(verb)); }

  bool writable() const;
  void leave_as_it_is(bool yes);   // nothing moves from the write-ahead log into the file when this closes
  void limit_log(unsigned pages);  // of the write-ahead log, which from now on grows until check_point()
  bool log_outgrown() const;       // the last commit has brought it to the limit
  bool short_of_room() const;      // the disk has hardly more than moving the log takes
  bool check_point();              // from the log into the file; false: not all of it, or an error

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Log {
    unsigned limit = 0;
    unsigned pages = 0;
  };
  std::unique_ptr<Log> log_;
  std::unique_ptr<sqlite3, Close> database_;
  std::string path_;
};

// "the journal 'PATH' is damaged", and what can be done about it.
Error damaged(const std::string& path, std::string_view how);

}  // namespace mq
