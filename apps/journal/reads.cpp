#include "journal/reads.hpp"

#include <fmt/core.h>

#include "journal/rows.hpp"

namespace mq {
namespace {

constexpr std::string_view columns = "r.id,r.arrived,r.flags,r.checked,r.topic,r.properties,r.payload";
constexpr int column_count = 7;

}  // namespace

template <class Row>
Result<void> Reads::each(SqliteStatement& statement, Row row) {
  while (true) {
    switch (statement.step()) {
      case SqliteStatement::Step::row: {
        Result<bool> more = row();
        if (!more) return std::unexpected(std::move(more.error()));
        if (!*more) return {};
        break;
      }
      case SqliteStatement::Step::done:
        return {};
      case SqliteStatement::Step::failed:
        return database_.failure("read");
    }
  }
}

Result<Record> Reads::record(const SqliteStatement& row, PartyId destination) const {
  enum Column { id, arrived, flags, checked, topic, properties, payload };
  Record record;
  record.id = static_cast<RecordId>(row.number_at(id));
  record.destination = destination;
  record.arrived = row.number_at(arrived);
  set_flags(record, static_cast<std::uint64_t>(row.number_at(flags)));
  record.topic = row.bytes_at(topic);
  record.properties = row.bytes_at(properties);
  record.payload = row.bytes_at(payload);
  if (row.number_at(checked) != check_of(record) || destination_of(record.id) != destination)
    return std::unexpected(damaged(path_, fmt::format("record {} is not what was written", record.id)));
  return record;
}

Result<std::vector<std::pair<std::string, PartyId>>> Reads::parties() {
  auto rows = database_.prepare("SELECT id,name FROM party");
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<std::pair<std::string, PartyId>> parties;
  auto read = each(*rows, [&]() -> Result<bool> {
    parties.emplace_back(rows->bytes_at(1), static_cast<PartyId>(rows->number_at(0)));
    return true;
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return parties;
}

Result<std::uint64_t> Reads::last_number() {
  return database_.number("SELECT ifnull(max(last_number),0) FROM party");
}

Result<std::uint64_t> Reads::last_turn() {
  return database_.number("SELECT ifnull(max(turn),0) FROM flight");
}

Result<std::string> Reads::note(PartyId party) {
  auto row = database_.prepare("SELECT note FROM party WHERE id=?");
  if (!row) return std::unexpected(std::move(row.error()));
  row->number(party);
  std::string note;
  auto read = each(*row, [&]() -> Result<bool> {
    note = row->bytes_at(0);
    return true;
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return note;
}

Result<PartyState> Reads::state(PartyId party) {
  PartyState state;
  // Both reads are of the same moment.
  if (!database_.run("BEGIN")) return database_.failure("read");
  const auto read = [&]() -> Result<void> {
    auto held = database_.prepare("SELECT packet_id FROM held WHERE party=? ORDER BY packet_id");
    if (!held) return std::unexpected(std::move(held.error()));
    held->number(party);
    auto listed = each(*held, [&]() -> Result<bool> {
      state.held.push_back(static_cast<PacketId>(held->number_at(0)));
      return true;
    });
    if (!listed) return listed;
    auto flight = database_.prepare(
        fmt::format("SELECT {},f.packet_id,f.received,f.turn FROM flight f CROSS JOIN {} r USING(id) "
                    "WHERE f.id & {} = {} ORDER BY f.turn",
                    columns, table_of(party), last_party, party));
    if (!flight) return std::unexpected(std::move(flight.error()));
    return each(*flight, [&]() -> Result<bool> {
      auto found = record(*flight, party);
      if (!found) return std::unexpected(std::move(found.error()));
      state.in_flight.push_back({.record = std::move(*found),
                                 .packet_id = static_cast<PacketId>(flight->number_at(column_count)),
                                 .received = flight->number_at(column_count + 1) != 0,
                                 .turn = static_cast<std::uint64_t>(flight->number_at(column_count + 2))});
      return true;
    });
  }();
  database_.run("ROLLBACK");
  if (!read) return std::unexpected(read.error());
  return state;
}

Result<Backlog> Reads::backlog(PartyId destination) {
  auto counted = database_.prepare(
      fmt::format("SELECT records,bytes,(SELECT arrived FROM {} ORDER BY id LIMIT 1) FROM party WHERE id={}",
                  table_of(destination), destination));
  if (!counted) return std::unexpected(std::move(counted.error()));
  Backlog backlog;
  auto read = each(*counted, [&]() -> Result<bool> {
    backlog = {.records = static_cast<std::uint64_t>(counted->number_at(0)),
               .bytes = static_cast<std::uint64_t>(counted->number_at(1)),
               .oldest = counted->number_at(2)};
    return true;
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return backlog;
}

Result<std::vector<Record>> Reads::records(PartyId destination, RecordId after, std::size_t bytes) {
  auto rows = database_.prepare(
      fmt::format("SELECT {} FROM {} r WHERE r.id>? AND NOT EXISTS(SELECT 1 FROM flight f WHERE f.id=r.id) "
                  "ORDER BY r.id",
                  columns, table_of(destination)));
  if (!rows) return std::unexpected(std::move(rows.error()));
  rows->number(after);
  std::vector<Record> records;
  std::size_t total = 0;
  auto read = each(*rows, [&]() -> Result<bool> {
    auto found = record(*rows, destination);
    // What is good before a damaged one is not lost by it.
    if (!found && !records.empty()) return false;
    if (!found) return std::unexpected(std::move(found.error()));
    total += size_of(*found);
    if (!records.empty() && total > bytes) return false;
    records.push_back(std::move(*found));
    return true;
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return records;
}

}  // namespace mq
