#include "journal/changes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace mq;

namespace {

constexpr PartyId site = 3;

Record numbered(std::uint64_t number) {
  Record record;
  record.id = record_id(number, site);
  record.destination = site;
  record.topic = "t";
  return record;
}

std::string text_of(const Changes& changes) {
  std::string text;
  for (const Changes::Added& added : changes.added())
    if (!added.removed)
      text += " +" + std::to_string(number_of(added.record.id)) +
              (added.packet_id != 0 ? "@" + std::to_string(added.packet_id) : "") +
              (added.received ? "r" : "");
  for (const Changes::Step& step : changes.steps())
    text += ' ' + std::string(1, "srx(^0"[static_cast<int>(step.kind)]) +
            std::to_string(step.id != 0 ? number_of(step.id) : step.party) +
            (step.packet_id != 0 ? "@" + std::to_string(step.packet_id) : "");
  return text;
}

}  // namespace

TEST_CASE("what is done to a record that was added here changes what is added") {
  Changes changes;
  CHECK(changes.empty());
  for (std::uint64_t i = 10; i < 15; ++i) changes.add(numbered(i));
  changes.sent(record_id(10, site), 1, 1);
  changes.sent(record_id(11, site), 2, 2);
  changes.received(record_id(11, site), 3);
  changes.sent(record_id(11, site), 9, 4);   // too late
  changes.received(record_id(12, site), 5);  // not sent
  changes.remove(record_id(13, site));
  changes.remove(record_id(13, site));
  changes.sent(record_id(9, site), 7, 6);  // the file has that one
  CHECK(text_of(changes) == " +10@1 +11@2r +12 +14 s9@7");
  CHECK(changes.added()[1].turn == 3);
  CHECK(changes.added()[1].record.topic.empty());
}

TEST_CASE("what came later is taken in as if it had been changed here") {
  Changes changes;
  for (std::uint64_t i = 1; i < 4; ++i) changes.add(numbered(i));
  changes.remove(record_id(2, site));
  Changes later;
  for (std::uint64_t i = 6; i < 9; ++i) later.add(numbered(i));  // between them others came and went
  later.sent(record_id(1, site), 5, 1);
  later.remove(record_id(3, site));
  later.remove(record_id(7, site));
  later.hold(site, 4);
  changes.absorb(later);
  CHECK(later.empty());
  CHECK(text_of(changes) == " +1@5 +6 +8 (3@4");
  changes.sent(record_id(8, site), 8, 2);
  changes.remove(record_id(7, site));
  changes.remove(record_id(4, site));
  CHECK(text_of(changes) == " +1@5 +6 +8@8 (3@4 x4");
  Changes nothing;
  nothing.absorb(changes);
  CHECK(text_of(nothing) == " +1@5 +6 +8@8 (3@4 x4");
}

TEST_CASE("records that are added and removed while nothing can be written take no room") {
  Changes kept;
  kept.add(numbered(1));
  for (std::uint64_t i = 2; i < 100'000; ++i) {
    Changes later;
    later.add(numbered(i));
    kept.absorb(later);
    if (i % 2 == 0) continue;
    later.remove(record_id(i, site));
    later.remove(record_id(i - 1, site));
    kept.absorb(later);
  }
  CHECK(kept.added().size() < 100);
  CHECK(text_of(kept) == " +1");
}

TEST_CASE("steps about the same thing are one in the end, and say the same") {
  Changes kept;
  kept.add(numbered(1));  // so that what follows is not just taken over
  for (std::uint64_t turn = 1; turn < 100'000; ++turn) {
    Changes later;
    const auto packet_id = static_cast<PacketId>(1 + turn % 5);
    for (const PartyId number : {PartyId{50}, PartyId{51}, PartyId{52}}) {
      later.sent(record_id(number, 2), packet_id, turn);
      if (number > 50) later.received(record_id(number, 2), turn);
      if (number > 51) later.remove(record_id(number, 2));
    }
    later.hold(7, packet_id);
    if (packet_id == 3) later.release_all(7);
    later.release(8, packet_id);
    kept.absorb(later);
  }
  CHECK(kept.steps().size() < 70'000);
}
