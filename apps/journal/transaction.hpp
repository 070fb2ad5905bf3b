// Writes changes into the file, all of them or none, and keeps its tallies and its size. For the journal's
// thread alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "journal/changes.hpp"
#include "journal/sqlite.hpp"

namespace mq {

class Transaction {
 public:
  Transaction(SqliteDatabase database, const JournalTuning& tuning);
  ~Transaction();

  // Once the file has shown itself damaged nothing is written any more, and the error stays.
  Result<void> write(const Changes& changes);
  Result<PartyId> add_party(std::string_view name);
  Result<PartyId> set_note(PartyId party, std::string_view text);  // gives the party back
  // What can wait until those who were waiting have been told: moves the log into the file when it has grown,
  // and gives unused room back.
  void tidy();

 private:
  struct Statements;
  struct Tally {
    std::int64_t records = 0;
    std::int64_t bytes = 0;
    std::uint64_t last_number = 0;
    bool touched = false;
  };

  bool prepare(SqliteStatement& statement, const std::string& sql);
  Statements* statements_for(PartyId destination);
  Tally& tally(PartyId destination);
  bool apply(const Changes& changes);
  bool add(const Changes::Added& added);
  bool apply(const Changes::Step& step);
  bool receive(const Changes::Step& step);
  bool remove(RecordId id);
  bool write_tallies();
  Result<PartyId> at_once(const std::function<Result<PartyId>()>& write);
  Result<PartyId> insert_party(std::string_view name);
  Error roll_back(std::string_view verb);
  void shrink();

  SqliteDatabase database_;
  std::uint64_t shrink_pages_;
  SqliteStatement begin_, commit_, fly_, land_, receive_, hold_, release_, release_all_, count_;
  std::vector<std::unique_ptr<Statements>> destinations_;  // by PartyId
  std::vector<Tally> tallies_;                             // by PartyId
  std::vector<PartyId> touched_;
  std::unique_ptr<Error> damage_;
  Error refused_;  // what SQLite has no words for
};

}  // namespace mq
