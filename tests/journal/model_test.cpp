#include "journal/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journal/recording_vfs.hpp"
#include "journal/testing.hpp"

using namespace mq;
using namespace mq::testing;

TEST_CASE("whatever is changed, committed and opened again, the journal holds what the plain model does") {
  const std::vector<std::string> names{"one", "two", "three"};
  RecordingVfs vfs;  // which does not wait for the disk
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const MemoryFolder folder;
    // Small limits in half of the runs, so that the log moves into the file all the time, and that shrinks.
    JournalTuning tuning{.vfs = vfs.name()};
    if (seed % 2 == 0) {
      tuning.checkpoint_pages = 20;
      tuning.shrink_pages = 4;
      tuning.most_steps = 10;
    }
    vfs.set_room(std::nullopt);
    Stand stand(folder.file("journal"), tuning);
    for (const std::string& name : names) stand.party(name);
    Changer changer(seed);
    Model model;
    for (unsigned commits = 0; commits < 40; ++commits) {
      for (unsigned changes = changer.below(60); changes > 0; --changes)
        changer.change(*stand.journal, model, static_cast<PartyId>(names.size()));
      // At times the disk is full for a while.
      vfs.set_room(changer.below(3) == 0 ? std::optional<std::int64_t>(changer.below(40'000)) : std::nullopt);
      if (changer.below(2) == 0) {
        const auto done = mq::testing::commit(stand.loop, *stand.journal);
        CHECK(stand.journal->dirty() == !done);
        continue;
      }
      vfs.set_room(std::nullopt);
      // Some of them while the one before is under way.
      if (changer.below(3) == 0) {
        stand.journal->commit({});
        continue;
      }
      stand.commit();
      CHECK_FALSE(stand.journal->dirty());
      REQUIRE(contents(*stand.journal, names) == model.contents(names));
      if (changer.below(5) == 0) {
        stand.reopen();
        REQUIRE(contents(*stand.journal, names) == model.contents(names));
      }
    }
  }
}
