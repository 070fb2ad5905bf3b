// What the journal is asked for, read from the file as it was committed last. For apps/journal alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "journal/changes.hpp"
#include "journal/sqlite.hpp"

namespace mq {

class Reads {
 public:
  Reads(SqliteDatabase database, std::string path) : database_(std::move(database)), path_(std::move(path)) {}

  Result<std::vector<std::pair<std::string, PartyId>>> parties();
  Result<std::uint64_t> last_number();  // of a record
  Result<std::uint64_t> last_turn();

  Result<std::string> note(PartyId party);
  Result<PartyState> state(PartyId party);
  Result<Backlog> backlog(PartyId destination);
  Result<std::vector<Record>> records(PartyId destination, RecordId after, std::size_t bytes);

 private:
  // Calls `row` for each; false ends it.
  template <class Row>
  Result<void> each(SqliteStatement& statement, Row row);
  Result<Record> record(const SqliteStatement& row, PartyId destination) const;

  SqliteDatabase database_;
  std::string path_;
};

}  // namespace mq
