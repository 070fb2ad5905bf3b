#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>

#include "journal/testing.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

// A process of its own that says things through a pipe. This one has no other thread when it is made.
class Other {
 public:
  explicit Other(const std::function<void(int)>& work) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(pipe[0]);
      work(pipe[1]);
      ::_exit(0);
    }
    ::close(pipe[1]);
    words_ = pipe[0];
  }
  ~Other() { kill(); }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;

  // The next number that it says; false when it says no more.
  bool hear(std::uint32_t& number) const { return ::read(words_, &number, sizeof number) == sizeof number; }
  std::string hear_all() const {
    std::string text;
    std::array<char, 512> part{};
    while (true) {
      const ssize_t size = ::read(words_, part.data(), part.size());
      if (size <= 0) return text;
      text.append(part.data(), static_cast<std::size_t>(size));
    }
  }
  pid_t pid() const { return pid_; }
  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(words_);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  int words_ = -1;
};

void say(int to, std::uint32_t number) { static_cast<void>(!::write(to, &number, sizeof number)); }
void say(int to, const std::string& text) { static_cast<void>(!::write(to, text.data(), text.size())); }

// Adds records numbered from `next` on, removes old ones, and says of each group when it is safe.
void work_until_killed(const std::string& path, int words, unsigned seed) {
  Stand stand(path, {.checkpoint_pages = 20, .shrink_pages = 4});
  const PartyId site = stand.party("site");
  std::mt19937 random(seed);
  auto waiting = stand.read(site);
  auto next = waiting.empty() ? 0U : static_cast<std::uint32_t>(std::stoul(waiting.back().payload)) + 1;
  std::vector<RecordId> ids;
  for (const Record& each : waiting) ids.push_back(each.id);
  std::function<void()> more = [&] {
    for (auto count = 1 + random() % 40; count > 0; --count)
      ids.push_back(
          stand.journal->add(record(site, std::string(random() % 300, 't'), std::to_string(next++))));
    const std::size_t keep = random() % 200;
    for (; ids.size() > keep + 1; ids.erase(ids.begin())) stand.journal->remove(ids.front());
    stand.journal->commit([&, safe = next](const Result<void>& done) {
      if (!done) ::_exit(1);
      say(words, safe);
      more();
    });
  };
  more();
  if (random() % 2 == 0) more();
  stand.loop.run();
}

// What the journal tells in a process without rights, or in a place of its own.
std::string told_elsewhere(const std::function<std::string()>& ask) {
  const Other other([&](int words) { say(words, ask()); });
  return other.hear_all();
}

std::string told_of(const std::string& path) {
  Loop loop;
  const auto opened = Journal::open(path, loop);
  return opened ? "opened" : opened.error().text;
}

constexpr uid_t nobody = 65534;

}  // namespace

TEST_CASE("killed at any moment, what was told to be safe is there, in order and without a hole") {
  const TempDir folder;
  const std::string path = folder.file("journal");
  std::mt19937 random(7);
  for (unsigned life = 1; life <= 12; ++life) {
    CAPTURE(life);
    std::uint32_t safe = 0;
    {
      Other other([&](int words) { work_until_killed(path, words, life); });
      for (auto words = 1 + random() % 20; words > 0; --words) REQUIRE(other.hear(safe));
      other.kill();
    }
    Stand stand(path);
    const auto found = stand.read(stand.party("site"));
    REQUIRE_FALSE(found.empty());
    std::uint32_t number = static_cast<std::uint32_t>(std::stoul(found.front().payload));
    for (const Record& each : found) REQUIRE(each.payload == std::to_string(number++));
    CHECK(number >= safe);
    const auto backlog = stand.journal->backlog(1);
    REQUIRE(backlog);
    CHECK(backlog->records == found.size());
  }
}

TEST_CASE("one process has a journal, the next is told which, and takes over when that is gone") {
  const TempDir folder;
  const std::string path = folder.file("journal");
  Other other([&](int words) {
    Stand stand(path);
    stand.journal->add(record(stand.party("site"), "t"));
    stand.commit();
    say(words, 1);
    ::pause();
  });
  std::uint32_t ready = 0;
  REQUIRE(other.hear(ready));
  CHECK(Journal::owner(path) == "process " + std::to_string(other.pid()));
  CHECK_FALSE(Journal::owner(folder.file("another")));
  const Error error = open_error(path);
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.text == "the journal '" + path + "' is in use by process " + std::to_string(other.pid()));
  CHECK_FALSE(error.permanent);
  const std::string second_name = folder.file("link");
  REQUIRE(::symlink(path.c_str(), second_name.c_str()) == 0);
  CHECK(open_error(second_name).text.find("is in use by process") != std::string::npos);
  other.kill();
  CHECK_FALSE(Journal::owner(second_name));
  Stand stand(second_name);
  CHECK(stand.read(stand.party("site")).size() == 1);
  // This process too has it once.
  CHECK(open_error(path).text.ends_with(" is in use by process " + std::to_string(::getpid())));
  stand.journal->add(record(1, "t"));
  stand.commit();
}

TEST_CASE("a file that may not be written is told") {
  const TempDir folder;
  const std::string path = folder.file("journal");
  Stand(path).party("site");
  ::chmod(folder.path().c_str(), 0777);
  ::chmod(path.c_str(), 0444);
  ::unlink((path + "-lock").c_str());
  const std::string before = file_bytes(path);
  const std::string told = told_elsewhere([&]() -> std::string {
    if (::getuid() == 0 && ::setuid(nobody) != 0) return "no rights to give up";
    return told_of(path);
  });
  CHECK(told == "cannot open the journal '" + path + "': permission denied");
  CHECK(file_bytes(path) == before);
}

TEST_CASE("a file system without room, and one that is read-only") {
  const TempDir folder;
  const std::string path = folder.file("journal");
  const std::string told = told_elsewhere([&]() -> std::string {
    if (::unshare(::getuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("small", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0)
      return "SKIPPED";
    std::string text;
    {
      Stand stand(path);
      const PartyId site = stand.party("site");
      const std::string filler = folder.file("filler");
      write_bytes(filler, std::string(400 << 10, 'x'));
      std::size_t added = 0;
      Result<void> done;
      while (done && added < 10'000) {
        for (int i = 0; i < 20; ++i, ++added) stand.journal->add(record(site, "t", Buffer(1000, 'x')));
        done = mq::testing::commit(stand.loop, *stand.journal);
      }
      text = done ? "no error" : done.error().text;
      text += stand.journal->dirty() ? ", dirty" : ", clean";
      text += stand.read(site).size() == added - 20 ? ", kept" : ", lost";
      // The last commit goes on with the room that a file leaves.
      ::unlink(filler.c_str());
      text += mq::testing::commit(stand.loop, *stand.journal) ? ", then done" : ", still full";
      text += stand.read(site).size() == added ? ", all" : ", some";
    }
    if (::mount("small", folder.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) != 0)
      return "SKIPPED";
    return text + "; " + told_of(path);
  });
  if (told == "SKIPPED") {
    MESSAGE("SKIPPED: this process may not mount");
    return;
  }
  CHECK(told == "cannot write the journal '" + path +
                    "': no space left on device, dirty, kept, then done, all; cannot lock the journal '" +
                    path + "': read-only file system");
}
