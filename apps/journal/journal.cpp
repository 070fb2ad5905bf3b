#include "journal/journal.hpp"

#include <fmt/core.h>

#include <functional>
#include <map>
#include <utility>

#include "journal/changes.hpp"
#include "journal/journal_file.hpp"
#include "journal/reads.hpp"
#include "journal/writer.hpp"
#include "net/loop.hpp"

namespace mq {
namespace {

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(Loop& loop, FileLock lock, std::unique_ptr<Writer> writer, Reads reads)
      : lock_(std::move(lock)),
        writer_(std::move(writer)),
        reads_(std::move(reads)),
        watch_(loop, writer_->descriptor()) {}

  Result<void> begin() {
    const auto parties = reads_.parties();
    if (!parties) return std::unexpected(parties.error());
    for (const auto& [name, id] : *parties) parties_.emplace(name, id);
    const auto number = reads_.last_number();
    if (!number) return std::unexpected(number.error());
    const auto turn = reads_.last_turn();
    if (!turn) return std::unexpected(turn.error());
    last_number_ = *number;
    turn_ = *turn;
    return {};
  }

  Result<PartyId> party(std::string_view name) override {
    if (const auto known = parties_.find(name); known != parties_.end()) return known->second;
    auto given = writer_->add_party(name);
    if (given) parties_.emplace(name, *given);
    return given;
  }

  std::vector<std::string> parties() const override {
    std::vector<std::string> names;
    for (const auto& [name, id] : parties_) names.push_back(name);
    return names;
  }

  Result<std::string> note(PartyId party) const override { return reads_.note(party); }
  Result<void> set_note(PartyId party, std::string_view text) override {
    return writer_->set_note(party, text);
  }

  RecordId add(Record record) override {
    const RecordId id = record_id(++last_number_, record.destination);
    record.id = id;
    changes_.add(std::move(record));
    return id;
  }
  void sent(RecordId id, PacketId packet_id) override {
    if (given(id)) changes_.sent(id, packet_id, ++turn_);
  }
  void received(RecordId id) override {
    if (given(id)) changes_.received(id, ++turn_);
  }
  void remove(RecordId id) override {
    if (given(id)) changes_.remove(id);
  }
  void hold(PartyId source, PacketId packet_id) override { changes_.hold(source, packet_id); }
  void release(PartyId source, PacketId packet_id) override { changes_.release(source, packet_id); }
  void release_all(PartyId source) override { changes_.release_all(source); }

  void commit(std::function<void(Result<void>)> done) override {
    writer_->commit(std::exchange(changes_, Changes{}), std::move(done));
    if (under_way_++ == 0) wait();
  }
  // What has failed is tried by each commit() that is under way.
  bool dirty() const override { return !changes_.empty() || (failed_ && under_way_ == 0); }

  Result<PartyState> state(PartyId party) const override {
    if (!known(party)) return PartyState{};
    return reads_.state(party);
  }
  Result<Backlog> backlog(PartyId destination) const override {
    if (!known(destination)) return Backlog{};
    return reads_.backlog(destination);
  }
  Result<std::vector<Record>> read(PartyId destination, RecordId after, std::size_t bytes) const override {
    if (!known(destination)) return std::vector<Record>{};
    return reads_.records(destination, after, bytes);
  }

 private:
  // Numbers of parties have no gaps.
  bool known(PartyId party) const { return party != 0 && party <= parties_.size(); }
  bool given(RecordId id) const { return known(destination_of(id)) && number_of(id) <= last_number_; }

  void wait() {
    watch_.readable([this] { tell(); });
  }

  void tell() {
    auto told = writer_->take_told();
    const std::weak_ptr<int> alive = alive_;
    for (Writer::Told& each : told) {
      --under_way_;
      failed_ = !each.result;
      if (each.done) each.done(std::move(each.result));
      if (alive.expired()) return;
    }
    if (under_way_ > 0) wait();
  }

  FileLock lock_;  // first: what follows closes before it lets go
  std::unique_ptr<Writer> writer_;
  mutable Reads reads_;  // closes before the writer, which then moves the log into the file
  Watch watch_;
  std::map<std::string, PartyId, std::less<>> parties_;
  std::uint64_t last_number_ = 0;
  std::uint64_t turn_ = 0;
  Changes changes_;
  std::size_t under_way_ = 0;  // commits
  bool failed_ = false;        // the last that was told
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace

std::optional<std::string> Journal::owner(const std::string& path) { return journal_owner(path); }

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, Loop& loop,
                                               const JournalTuning& tuning) {
  auto file = open_journal_file(path, tuning);
  if (!file) return std::unexpected(std::move(file.error()));
  auto writer = Writer::start(std::move(file->writing), tuning);
  if (!writer) return std::unexpected(std::move(writer.error()));
  auto journal = std::make_unique<SqliteJournal>(loop, std::move(file->lock), std::move(*writer),
                                                 Reads(std::move(file->reading), path));
  if (auto begun = journal->begin(); !begun) {
    begun.error().kind = ErrorKind::io;
    return std::unexpected(std::move(begun.error()));
  }
  return journal;
}

}  // namespace mq
