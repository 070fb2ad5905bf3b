#include "journal/journal.hpp"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "journal/recording_vfs.hpp"
#include "journal/testing.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace mq::testing;

TEST_CASE("a record comes back as it was, after the file was closed") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  Record one = record(stand.party("site"), "a/b", Buffer("\0\xff", 2));
  one.qos = QoS::exactly_once;
  one.retain = true;
  one.properties = Buffer("\x01\x00\x02", 3);
  one.arrived = -1;
  one.id = stand.journal->add(one);
  CHECK(one.id != 0);
  CHECK(stand.journal->dirty());
  CHECK(stand.read(one.destination).empty());  // not committed
  stand.commit();
  CHECK_FALSE(stand.journal->dirty());
  stand.reopen();
  const auto found = stand.read(stand.party("site"));
  REQUIRE(found.size() == 1);
  CHECK(line_of(found[0]) == line_of(one));
  const auto backlog = stand.journal->backlog(one.destination);
  REQUIRE(backlog);
  CHECK(backlog->records == 1);
  CHECK(backlog->bytes == 8);
  CHECK(backlog->oldest == -1);
}

TEST_CASE("a party's note is found again") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId one = stand.party("one");
  const PartyId two = stand.party("two");
  CHECK(stand.journal->note(one) == "");
  REQUIRE(stand.journal->set_note(one, "a\nb\n"));
  CHECK(stand.journal->note(one) == "a\nb\n");
  stand.reopen();
  CHECK(stand.journal->note(one) == "a\nb\n");
  CHECK(stand.journal->note(two) == "");
  REQUIRE(stand.journal->set_note(one, ""));
  CHECK(stand.journal->note(one) == "");
}

TEST_CASE("the file and what stands beside it are the owner's alone") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  stand.party("site");
  for (const char* end : {"", "-wal", "-shm", "-lock"}) {
    CAPTURE(end);
    struct stat file{};
    REQUIRE(::stat((stand.path + end).c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
  }
}

TEST_CASE("names keep their numbers, and there is room for 65535") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  CHECK(stand.party("one") == 1);
  CHECK(stand.party("two") == 2);
  CHECK(stand.party("one") == 1);
  CHECK(stand.party("") == 3);
  stand.reopen();
  CHECK(stand.party("two") == 2);
  CHECK(stand.party(std::string("t\0o", 3)) == 4);
}

TEST_CASE("ids ascend, over destinations and over openings, though the records are gone") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId one = stand.party("one");
  const PartyId two = stand.party("two");
  RecordId last = 0;
  for (int i = 0; i < 5; ++i) {
    const RecordId first = stand.journal->add(record(two, "t"));
    const RecordId second = stand.journal->add(record(one, "t"));
    CHECK(last < first);
    CHECK(first < second);
    last = second;
    stand.commit();
    stand.journal->remove(first);
    stand.journal->remove(second);
    stand.commit();
    stand.reopen();
  }
}

TEST_CASE("what is in flight comes in sending order, and PUBRELs in the order in which PUBREC came") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId site = stand.party("site");
  std::vector<RecordId> ids;
  for (const char* topic : {"a", "b", "c", "d", "e"}) ids.push_back(stand.journal->add(record(site, topic)));
  stand.journal->sent(ids[0], 10);
  stand.journal->sent(ids[1], 11);
  stand.commit();
  stand.journal->sent(ids[3], 13);
  stand.journal->sent(ids[2], 12);
  stand.commit();
  stand.reopen();
  auto state = stand.state(site);
  REQUIRE(state.in_flight.size() == 4);
  CHECK(state.in_flight[2].packet_id == 13);
  CHECK(state.in_flight[2].record.topic == "d");
  CHECK(state.in_flight[3].packet_id == 12);
  const auto waiting = stand.read(site);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].topic == "e");

  stand.journal->received(ids[1]);
  stand.journal->received(ids[0]);
  stand.journal->sent(ids[3], 20);  // anew, after a loss of the session
  stand.journal->remove(ids[2]);
  stand.commit();
  stand.reopen();
  state = stand.state(site);
  REQUIRE(state.in_flight.size() == 3);
  CHECK(state.in_flight[0].packet_id == 11);
  CHECK(state.in_flight[0].received);
  CHECK(state.in_flight[0].record.payload.empty());
  CHECK(state.in_flight[0].record.topic.empty());
  CHECK(state.in_flight[1].packet_id == 10);
  CHECK(state.in_flight[2].packet_id == 20);
  CHECK(state.in_flight[2].record.topic == "d");
  CHECK_FALSE(state.in_flight[2].received);
}

TEST_CASE("identifiers of a source are held until they are released, each or all") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId one = stand.party("one");
  const PartyId two = stand.party("two");
  for (const PacketId id : std::vector<PacketId>{7, 65535, 1}) stand.journal->hold(one, id);
  stand.journal->hold(one, 7);
  stand.journal->hold(two, 7);
  stand.commit();
  CHECK(stand.state(one).held == std::vector<PacketId>{1, 7, 65535});
  stand.journal->release(one, 7);
  stand.journal->release(one, 9);
  stand.commit();
  stand.reopen();
  CHECK(stand.state(one).held == std::vector<PacketId>{1, 65535});
  stand.journal->hold(one, 3);
  stand.journal->release_all(one);
  stand.journal->hold(one, 4);
  stand.commit();
  CHECK(stand.state(one).held == std::vector<PacketId>{4});
  CHECK(stand.state(two).held == std::vector<PacketId>{7});
}

TEST_CASE("reading goes on behind an id, in portions of a size") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId site = stand.party("site");
  for (int i = 0; i < 10; ++i) stand.journal->add(record(site, "t", Buffer(99, 'x')));
  stand.commit();
  CHECK(stand.read(site, 0, 1000).size() == 10);
  CHECK(stand.read(site, 0, 999).size() == 9);
  CHECK(stand.read(site, 0, 0).size() == 1);
  const auto first = stand.read(site, 0, 450);
  REQUIRE(first.size() == 4);
  const auto second = stand.read(site, first.back().id);
  REQUIRE(second.size() == 6);
  CHECK(second.front().id > first.back().id);
  CHECK(stand.read(site, second.back().id).empty());
}

TEST_CASE("done is called in the order of the commits, from the loop, and changes after a call wait") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId site = stand.party("site");
  std::vector<int> told;
  for (int i = 0; i < 100; ++i) {
    if (i % 3 == 0) stand.journal->add(record(site, fmt::format("{}", i)));
    stand.journal->commit([&told, &stand, i](const Result<void>& done) {
      CHECK(done);
      told.push_back(i);
      if (i == 99) stand.loop.stop();
    });
  }
  stand.journal->add(record(site, "later"));
  CHECK(told.empty());
  stand.loop.run();
  REQUIRE(told.size() == 100);
  CHECK(std::ranges::is_sorted(told));
  CHECK(stand.read(site).size() == 34);
  CHECK(stand.journal->dirty());
}

TEST_CASE("a record that is added and removed before a commit never reaches the file") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId site = stand.party("site");
  stand.commit();
  const auto log_before = std::filesystem::file_size(stand.path + "-wal");
  const RecordId id = stand.journal->add(record(site, "t"));
  stand.journal->sent(id, 1);
  stand.journal->received(id);
  stand.journal->remove(id);
  CHECK_FALSE(stand.journal->dirty());
  stand.commit();
  CHECK(std::filesystem::file_size(stand.path + "-wal") == log_before);
}

TEST_CASE("a journal may be closed by what it calls, and writes what commit() was called for") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId site = stand.party("site");
  int told = 0;
  for (int i = 0; i < 3; ++i) {
    stand.journal->add(record(site, "t"));
    stand.journal->commit([&](const Result<void>&) {
      ++told;
      stand.close();
      stand.loop.stop();
    });
  }
  stand.loop.run();
  stand.loop.run_ready();
  CHECK(told == 1);
  stand.open();
  CHECK(stand.read(site).size() == 3);
}

TEST_CASE("what names nothing changes nothing") {
  const TempDir folder;
  Stand stand(folder.file("journal"));
  const PartyId site = stand.party("site");
  const RecordId id = stand.journal->add(record(site, "t"));
  for (const RecordId none : {RecordId{0}, RecordId{1}, id + 1, id + (1 << 16), ~RecordId{0}}) {
    stand.journal->sent(none, 1);
    stand.journal->received(none);
    stand.journal->remove(none);
  }
  stand.journal->received(id);  // not sent
  stand.commit();
  CHECK(stand.read(site).size() == 1);
  CHECK(stand.read(77).empty());
  CHECK(stand.state(0).in_flight.empty());
}

TEST_CASE("the file is small again after a long queue, and in between the log stays within bounds") {
  const TempDir folder;
  const RecordingVfs vfs;  // which does not wait for the disk
  Stand stand(folder.file("journal"), {.vfs = vfs.name(), .checkpoint_pages = 200, .shrink_pages = 500});
  const PartyId site = stand.party("site");
  std::vector<RecordId> ids;
  constexpr std::uintmax_t most_log = 2 << 20;
  for (int i = 0; i < 80; ++i) {
    for (int j = 0; j < 100; ++j) ids.push_back(stand.journal->add(record(site, "t", Buffer(500, 'x'))));
    stand.commit();
    CHECK(std::filesystem::file_size(stand.path + "-wal") < most_log);
  }
  const auto full = std::filesystem::file_size(stand.path);
  CHECK(full > 3 << 20);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    stand.journal->remove(ids[i]);
    if (i % 100 == 99) stand.commit();
    if (i % 1000 == 999) CHECK(std::filesystem::file_size(stand.path) < full + (1 << 20));
  }
  // Whatever comes next finds the log long enough to be moved.
  for (int i = 0; i < 300; ++i) {
    stand.journal->hold(site, static_cast<PacketId>(i + 1));
    stand.commit();
  }
  stand.reopen();
  CHECK(std::filesystem::file_size(stand.path) < full / 4);
  CHECK(stand.state(site).held.size() == 300);
}
