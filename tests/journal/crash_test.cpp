#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "journal/model.hpp"
#include "journal/recording_vfs.hpp"
#include "journal/testing.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

const std::vector<std::string> names{"one", "two"};

// A commit, by the size of the record when it was asked for and when it was told to be done.
struct Promise {
  std::size_t asked = 0;
  std::size_t done = ~std::size_t{0};
  std::string contents;
};

struct History {
  std::vector<FileChange> changes;
  std::vector<Promise> promises;
};

// A run of a bridge that opens its journal, changes it, and at times closes and opens it again.
History live(unsigned seed, RecordingVfs& vfs, unsigned commits) {
  const MemoryFolder folder;
  vfs.record(true);
  History history;
  Changer changer(seed);
  Model model;
  Stand stand(folder.file("journal"), {.vfs = vfs.name(), .checkpoint_pages = 12, .shrink_pages = 2});
  for (std::size_t count = 1; count <= names.size(); ++count) {
    const std::size_t asked = vfs.size();
    stand.party(names[count - 1]);
    history.promises.push_back(
        {asked, vfs.size(),
         Model{}.contents({names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count)})});
  }
  std::size_t under_way = 0;
  for (unsigned i = 0; i < commits; ++i) {
    for (unsigned changes = changer.below(i % 5 == 0 ? 60 : 8); changes > 0; --changes)
      changer.change(*stand.journal, model, static_cast<PartyId>(names.size()));
    history.promises.push_back({.asked = vfs.size(), .contents = model.contents(names)});
    ++under_way;
    stand.journal->commit([&, at = history.promises.size() - 1](const Result<void>& done) {
      CHECK(done);
      history.promises[at].done = vfs.size();
      if (--under_way == 0) stand.loop.stop();
    });
    if (changer.below(3) == 0) continue;
    stand.loop.run();
    if (changer.below(6) == 0) stand.reopen();
  }
  if (under_way > 0) stand.loop.run();
  stand.close();
  vfs.record(false);
  history.changes = vfs.take_record();
  return history;
}

// Whether the file has become smaller while it was open: that too may be cut short.
bool has_shrunk(const History& history) {
  std::int64_t size = 0;
  for (const FileChange& change : history.changes) {
    if (change.file != "journal") continue;
    if (change.kind == FileChange::Kind::truncate && change.offset < size) return true;
    size = std::max(size, change.offset + static_cast<std::int64_t>(change.bytes.size()));
  }
  return false;
}

// Opens a journal on the files that a crash has left. It must hold what was promised before `at`, and nothing
// that was not whole.
void check(const Crash::Files& files, const History& history, std::size_t at, bool go_on, RecordingVfs& vfs) {
  const MemoryFolder folder;
  for (const auto& [name, content] : files) write_bytes(folder.file(name), content);
  Stand stand(folder.file("journal"), {.vfs = vfs.name()});
  std::size_t first = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < history.promises.size(); ++i) {
    if (history.promises[i].done <= at) first = i;
    if (history.promises[i].asked <= at) last = i;
  }
  // Before all names had their numbers nothing else was there.
  const std::string found = contents(*stand.journal, last < names.size() ? std::vector{names[0]} : names);
  bool promised = last < names.size() && found == history.promises[0].contents;
  for (std::size_t i = first; i <= last && !promised; ++i) promised = found == history.promises[i].contents;
  if (!promised) {
    CHECK(found == history.promises[first].contents);
    return;
  }
  if (!go_on) return;
  const RecordId id = stand.journal->add(record(stand.party(names[0]), "after the crash"));
  stand.commit();
  stand.reopen();
  const auto records = stand.read(stand.party(names[0]));
  REQUIRE_FALSE(records.empty());
  CHECK(records.back().id == id);
}

}  // namespace

TEST_CASE(
    "after a crash at any write, and with any of the writes since a sync lost, what was promised is there") {
  RecordingVfs vfs;
  std::size_t points = 0;
  std::size_t images = 0;
  int shrunk = 0;
  for (const unsigned seed : {1U, 2U, 8U}) {
    CAPTURE(seed);
    const History history = live(seed, vfs, 14);
    shrunk += has_shrunk(history) ? 1 : 0;
    std::mt19937 random(seed);
    Crash crash;
    for (std::size_t at = 0; at <= history.changes.size(); ++at) {
      CAPTURE(at);
      if (at > 0) crash.go_on(history.changes[at - 1]);
      ++points;
      check(crash.everything(), history, at, at % 16 == 0, vfs);
      ++images;
      if (!crash.anything_unsynced()) continue;
      check(crash.what_was_synced(), history, at, at % 16 == 1, vfs);
      check(crash.a_part(random), history, at, at % 16 == 2, vfs);
      images += 2;
    }
  }
  CHECK(shrunk > 0);
  MESSAGE(points << " points of a crash, " << images << " images of what it leaves");
}
