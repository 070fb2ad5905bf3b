#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "journal/recording_vfs.hpp"
#include "journal/testing.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

void sql(const std::string& path, const char* statements) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, statements, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

std::vector<RecordId> add_many(Stand& stand, PartyId site, int count) {
  std::vector<RecordId> ids;
  for (int i = 0; i < count; ++i) ids.push_back(stand.journal->add(record(site, "t", Buffer(300, 'x'))));
  return ids;
}

// It is told, and what is in the file stays in it.
void must_refuse(const std::string& path, std::string_view text) {
  const std::string before = file_bytes(path);
  const Error error = open_error(path);
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.permanent);
  CHECK(error.text.find(text) != std::string::npos);
  CHECK_FALSE(error.hint.empty());
  CHECK(file_bytes(path) == before);
}

}  // namespace

TEST_CASE("a file that is no journal is told and left as it is") {
  const TempDir folder;
  must_refuse(folder.write("text", "hello"), "text' is not a journal of mqtt-bridge");
  must_refuse(folder.write("long", std::string(5000, 'x')), "is not a journal of mqtt-bridge");
  sql(folder.file("other"), "PRAGMA journal_mode=WAL; CREATE TABLE t(a)");
  must_refuse(folder.file("other"), "is not a journal of mqtt-bridge");
  CHECK(open_error(folder.path()).text.find("it is a directory") != std::string::npos);
  CHECK(open_error(folder.file("no/where")).text.find("no such file or directory") != std::string::npos);
  CHECK(open_error("/dev/null").text.find("/dev/null") != std::string::npos);
}

TEST_CASE("an empty file becomes a journal, with the mode that it had") {
  const TempDir folder;
  const std::string path = folder.write("journal", "");
  ::chmod(path.c_str(), 0640);
  const Stand stand(path);
  struct stat file{};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0640);
}

TEST_CASE("a newer journal is told and left as it is") {
  const TempDir folder;
  const std::string path = folder.file("journal");
  Stand(path).party("site");
  sql(path, "PRAGMA user_version=2");
  must_refuse(path, "was written by a newer mqtt-bridge");
  sql(path, "PRAGMA user_version=1; PRAGMA application_id=7");
  must_refuse(path, "is not a journal of mqtt-bridge");
}

TEST_CASE("a full disk: the commit fails, nothing is lost, and with room again the next one succeeds") {
  const TempDir folder;
  RecordingVfs vfs;
  Stand stand(folder.file("journal"), {.vfs = vfs.name(), .checkpoint_pages = 10});
  const PartyId site = stand.party("site");
  auto ids = add_many(stand, site, 20);
  stand.commit();
  // At every point of a commit and of what follows it.
  for (std::int64_t room = 0; room < 60'000; room += 1500) {
    CAPTURE(room);
    vfs.set_room(room);
    stand.journal->remove(ids.front());
    ids.erase(ids.begin());
    for (const RecordId id : add_many(stand, site, 20)) ids.push_back(id);
    const auto done = mq::testing::commit(stand.loop, *stand.journal);
    if (!done) {
      CHECK(done.error().kind == ErrorKind::io);
      CHECK(done.error().text.ends_with("journal': no space left on device"));
      CHECK(stand.journal->dirty());
      CHECK_FALSE(mq::testing::commit(stand.loop, *stand.journal));
      CHECK(stand.journal->dirty());
    }
    vfs.set_room(std::nullopt);
    stand.commit();
    CHECK_FALSE(stand.journal->dirty());
    const auto found = stand.read(site);
    REQUIRE(found.size() == ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) REQUIRE(found[i].id == ids[i]);
  }
  stand.reopen();
  CHECK(stand.read(site).size() == ids.size());
}

TEST_CASE("commits that fail are told in order, each with the error, and done by a later one") {
  const TempDir folder;
  RecordingVfs vfs;
  Stand stand(folder.file("journal"), {.vfs = vfs.name()});
  const PartyId site = stand.party("site");
  vfs.fail_syncs(true);
  std::vector<int> failed;
  for (int i = 0; i < 5; ++i) {
    add_many(stand, site, 3);
    stand.journal->commit([&, i](const Result<void>& done) {
      CHECK_FALSE(done);
      failed.push_back(i);
      if (i == 4) stand.loop.stop();
    });
  }
  stand.loop.run();
  CHECK(failed == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(stand.read(site).empty());
  vfs.fail_syncs(false);
  CHECK(stand.journal->dirty());
  stand.commit();
  CHECK(stand.read(site).size() == 15);
}

TEST_CASE(
    "a byte that is changed in the file is found, at the opening or when it is read; nothing comes back "
    "wrong") {
  const MemoryFolder folder;
  const RecordingVfs vfs;
  const std::string path = folder.file("journal");
  const std::vector<std::string> names{"site"};
  std::string expected;
  {
    Stand stand(path, {.vfs = vfs.name()});
    const PartyId site = stand.party("site");
    stand.journal->add(record(site, "large", Buffer(9000, 'y')));
    add_many(stand, site, 30);
    stand.commit();
    expected = contents(*stand.journal, names);
  }
  const std::string good = file_bytes(path);
  std::mt19937 random(1);
  int at_opening = 0;
  int at_reading = 0;
  int harmless = 0;
  for (int i = 0; i < 600; ++i) {
    std::string bad = good;
    // Three of four among the records, whose pages come last.
    const std::size_t from = i % 4 == 0 ? 0 : good.size() / 2;
    const std::size_t at = from + random() % (good.size() - from);
    CAPTURE(at);
    bad[at] = static_cast<char>(bad[at] ^ (1 << random() % 8));
    write_bytes(path, bad);
    Loop loop;
    auto opened = Journal::open(path, loop, {.vfs = vfs.name()});
    if (!opened) {
      CHECK(opened.error().kind == ErrorKind::io);
      CHECK(opened.error().text.find("journal") != std::string::npos);
      CHECK(file_bytes(path) == bad);
      ++at_opening;
      continue;
    }
    const auto site = (*opened)->party("site");
    const auto read = site ? (*opened)->read(*site, 0, 1 << 30) : Result<std::vector<Record>>{};
    const auto state = site ? (*opened)->state(*site) : Result<PartyState>{};
    if (!site || !read || !state) {
      const Error& error = !site ? site.error() : !read ? read.error() : state.error();
      const bool known = error.kind == ErrorKind::malformed || error.kind == ErrorKind::io;
      CHECK(known);
      ++at_reading;
    } else {
      std::string found = "site is 1, holds\n";
      for (const Record& each : *read) found += line_of(each);
      if (from != 0) CHECK(expected.starts_with(found));
      ++harmless;
    }
    opened->reset();
    for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(path + end);
  }
  MESSAGE(at_opening << " found at the opening, " << at_reading << " when reading, " << harmless
                     << " in no record");
  CHECK(at_opening > 0);
  CHECK(at_reading > 100);
}

TEST_CASE("a page that goes bad while the journal is open fails the commit, and nothing more is written") {
  const TempDir folder;
  Stand stand(folder.file("journal"), {.cache_kib = 40});
  const PartyId site = stand.party("site");
  const auto ids = add_many(stand, site, 1000);
  stand.commit();
  stand.reopen();  // with nothing in the log
  std::string bad = file_bytes(stand.path);
  constexpr std::size_t page = 4096;
  for (std::size_t at = 5 * page; at < bad.size(); at += page) bad[at] = '\x7f';
  // In place: the file is open.
  const int file = ::open(stand.path.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(::pwrite(file, bad.data(), bad.size(), 0) == static_cast<ssize_t>(bad.size()));
  const auto read = stand.journal->read(site, 0, 1 << 30);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::malformed);
  CHECK(read.error().text.ends_with("is damaged"));
  for (int i = 0; i < 2; ++i) {
    for (const RecordId id : ids) stand.journal->remove(id);
    const auto done = mq::testing::commit(stand.loop, *stand.journal);
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::malformed);
    CHECK(done.error().permanent);
    CHECK(stand.journal->dirty());
  }
  CHECK_FALSE(stand.journal->party("another"));
  stand.close();
  ::close(file);
  CHECK(file_bytes(stand.path) == bad);
}
