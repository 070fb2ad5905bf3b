#include "journal/transaction.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "journal/rows.hpp"

namespace mq {

struct Transaction::Statements {
  SqliteStatement insert, fly, size, remove, look, blank;
};

Transaction::Transaction(SqliteDatabase database, const JournalTuning& tuning)
    : database_(std::move(database)), shrink_pages_(tuning.shrink_pages) {}

Transaction::~Transaction() = default;

// What a run does not need is not prepared.
bool Transaction::prepare(SqliteStatement& statement, const std::string& sql) {
  if (statement) return true;
  auto prepared = database_.prepare(sql);
  if (!prepared) return false;
  statement = std::move(*prepared);
  return true;
}

Transaction::Statements* Transaction::statements_for(PartyId destination) {
  if (destinations_.size() <= destination) destinations_.resize(destination + 1);
  auto& statements = destinations_[destination];
  if (statements) return statements.get();
  const std::string table = table_of(destination);
  auto made = std::make_unique<Statements>();
  if (!prepare(made->insert, "INSERT INTO " + table + " VALUES(?,?,?,?,?,?,?,?)") ||
      !prepare(made->fly, "INSERT INTO flight SELECT ?1,?2,?3,0 FROM " + table +
                              " WHERE id=?1 ON CONFLICT(id) DO UPDATE SET packet_id=excluded.packet_id, "
                              "turn=excluded.turn WHERE NOT received") ||
      !prepare(made->size, "SELECT size FROM " + table + " WHERE id=?") ||
      !prepare(made->remove, "DELETE FROM " + table + " WHERE id=?") ||
      !prepare(made->look, "SELECT arrived,flags,size FROM " + table + " WHERE id=?") ||
      !prepare(made->blank,
               "UPDATE " + table + " SET size=0,checked=?,topic='',properties=x'',payload=x'' WHERE id=?"))
    return nullptr;
  statements = std::move(made);
  return statements.get();
}

Transaction::Tally& Transaction::tally(PartyId destination) {
  if (tallies_.size() <= destination) tallies_.resize(destination + 1);
  Tally& tally = tallies_[destination];
  if (!tally.touched) {
    tally = {.touched = true};
    touched_.push_back(destination);
  }
  return tally;
}

Result<void> Transaction::write(const Changes& changes) {
  if (damage_) return std::unexpected(*damage_);
  if (changes.empty()) return {};
  refused_ = {};
  if (!prepare(begin_, "BEGIN IMMEDIATE") || !prepare(commit_, "COMMIT") || !begin_.run())
    return std::unexpected(roll_back("write"));
  const bool written = apply(changes) && write_tallies() && commit_.run();
  for (const PartyId destination : touched_) tallies_[destination].touched = false;
  touched_.clear();
  if (!written) return std::unexpected(roll_back("write"));
  return {};
}

// The error is taken before: to roll back may succeed.
Error Transaction::roll_back(std::string_view verb) {
  Error error = refused_.text.empty() ? database_.error(verb) : std::exchange(refused_, {});
  database_.run("ROLLBACK");
  if (error.kind == ErrorKind::malformed) {
    damage_ = std::make_unique<Error>(error);
    database_.leave_as_it_is(true);
  }
  return error;
}

bool Transaction::apply(const Changes& changes) {
  for (const Changes::Added& added : changes.added())
    if (!added.removed && !add(added)) return false;
  for (const Changes::Step& step : changes.steps())
    if (!apply(step)) return false;
  return true;
}

bool Transaction::add(const Changes::Added& added) {
  const Record& record = added.record;
  Statements* const to = statements_for(record.destination);
  if (to == nullptr) return false;
  const std::uint64_t size = size_of(record);
  to->insert.number(record.id).number(static_cast<std::uint64_t>(record.arrived));
  to->insert.number(flags_of(record)).number(size).number(check_of(record));
  to->insert.text(record.topic).blob(record.properties).blob(record.payload);
  if (!to->insert.run()) return false;
  Tally& counted = tally(record.destination);
  ++counted.records;
  counted.bytes += static_cast<std::int64_t>(size);
  counted.last_number = number_of(record.id);
  if (added.packet_id == 0) return true;
  if (!prepare(fly_, "INSERT INTO flight VALUES(?,?,?,?)")) return false;
  return fly_.number(record.id)
      .number(added.packet_id)
      .number(added.turn)
      .number(added.received ? 1 : 0)
      .run();
}

bool Transaction::apply(const Changes::Step& step) {
  switch (step.kind) {
    case Changes::Kind::sent: {
      Statements* const of = statements_for(destination_of(step.id));
      return of != nullptr && of->fly.number(step.id).number(step.packet_id).number(step.turn).run();
    }
    case Changes::Kind::received:
      return receive(step);
    case Changes::Kind::remove:
      return remove(step.id);
    case Changes::Kind::hold:
      return prepare(hold_, "INSERT OR IGNORE INTO held VALUES(?,?)") &&
             hold_.number(step.party).number(step.packet_id).run();
    case Changes::Kind::release:
      return prepare(release_, "DELETE FROM held WHERE party=? AND packet_id=?") &&
             release_.number(step.party).number(step.packet_id).run();
    case Changes::Kind::release_all:
      return prepare(release_all_, "DELETE FROM held WHERE party=?") && release_all_.number(step.party).run();
  }
  std::unreachable();
}

bool Transaction::receive(const Changes::Step& step) {
  if (!prepare(receive_, "UPDATE flight SET received=1,turn=? WHERE id=? AND NOT received") ||
      !receive_.number(step.turn).number(step.id).run())
    return false;
  if (database_.changed() == 0) return true;
  Statements* const of = statements_for(destination_of(step.id));
  if (of == nullptr) return false;
  const auto found = of->look.number(step.id).step();
  if (found != SqliteStatement::Step::row) return found == SqliteStatement::Step::done;
  Record record;
  record.id = step.id;
  record.destination = destination_of(step.id);
  record.arrived = of->look.number_at(0);
  set_flags(record, static_cast<std::uint64_t>(of->look.number_at(1)));
  tally(record.destination).bytes -= of->look.number_at(2);
  of->look.reset();
  return of->blank.number(check_of(record)).number(step.id).run();
}

bool Transaction::remove(RecordId id) {
  Statements* const of = statements_for(destination_of(id));
  if (of == nullptr) return false;
  const auto found = of->size.number(id).step();
  if (found != SqliteStatement::Step::row) return found == SqliteStatement::Step::done;
  Tally& counted = tally(destination_of(id));
  --counted.records;
  counted.bytes -= of->size.number_at(0);
  of->size.reset();
  return of->remove.number(id).run() && prepare(land_, "DELETE FROM flight WHERE id=?") &&
         land_.number(id).run();
}

bool Transaction::write_tallies() {
  if (touched_.empty()) return true;
  if (!prepare(count_,
               "UPDATE party SET records=records+?,bytes=bytes+?,last_number=max(last_number,?) WHERE id=?"))
    return false;
  for (const PartyId destination : touched_) {
    const Tally& counted = tallies_[destination];
    count_.number(static_cast<std::uint64_t>(counted.records))
        .number(static_cast<std::uint64_t>(counted.bytes));
    if (!count_.number(counted.last_number).number(destination).run()) return false;
  }
  return true;
}

// A transaction of its own.
Result<PartyId> Transaction::at_once(const std::function<Result<PartyId>()>& write) {
  if (damage_) return std::unexpected(*damage_);
  if (!database_.run("BEGIN IMMEDIATE")) return std::unexpected(roll_back("write"));
  auto done = write();
  if (done && !database_.run("COMMIT")) done = database_.failure("write");
  if (!done) {
    refused_ = std::move(done.error());
    return std::unexpected(roll_back("write"));
  }
  return done;
}

Result<PartyId> Transaction::add_party(std::string_view name) {
  return at_once([this, name] { return insert_party(name); });
}

Result<PartyId> Transaction::set_note(PartyId party, std::string_view text) {
  return at_once([this, party, text]() -> Result<PartyId> {
    auto update = database_.prepare("UPDATE party SET note=? WHERE id=?");
    if (!update) return std::unexpected(std::move(update.error()));
    if (!update->text(text).number(party).run()) return database_.failure("write");
    return party;
  });
}

Result<PartyId> Transaction::insert_party(std::string_view name) {
  const auto last = database_.number("SELECT ifnull(max(id),0) FROM party");
  if (!last) return std::unexpected(last.error());
  const auto id = static_cast<PartyId>(*last + 1);
  if (id > last_party)
    return fail(ErrorKind::io,
                fmt::format("a journal has room for {} sessions and queues, no more", last_party));
  auto insert = database_.prepare("INSERT INTO party VALUES(?,?,0,0,0,'')");
  if (!insert) return std::unexpected(std::move(insert.error()));
  if (!insert->number(id).text(name).run() || !database_.run(create_table(id).c_str()))
    return database_.failure("write");
  return id;
}

// What fails here is tried again later, and leaves what is committed as safe as it was.
void Transaction::tidy() {
  if (damage_ || !(database_.log_outgrown() || database_.short_of_room()) || !database_.check_point()) return;
  shrink();
}

// Room that records leave is used for others, but after a long queue has gone the file may be large for
// nothing. While a few records are left in it, to write those anew is cheap.
void Transaction::shrink() {
  constexpr std::int64_t share = 64;
  constexpr std::int64_t few = 256;
  const auto unused = database_.number("PRAGMA freelist_count");
  const auto pages = database_.number("PRAGMA page_count");
  if (!unused || !pages || static_cast<std::uint64_t>(*unused) < shrink_pages_) return;
  if (*pages - *unused > std::max(few, *unused / share)) return;
  if (database_.run("VACUUM")) {
    database_.check_point();
  } else {
    shrink_pages_ *= 2;
  }
}

}  // namespace mq
