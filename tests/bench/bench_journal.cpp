// What the bridge's store carries: records a second, each added, sent, delivered and removed, in groups that
// are committed together, and how steadily a long queue drains; beside how often the disk syncs at best.
//   bench_journal [FOLDER [RECORDS]]      (/tmp, 1000000 in the queue)
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "bench/cost.hpp"
#include "journal/journal.hpp"
#include "net/loop.hpp"

namespace mq::bench {
namespace {

constexpr std::size_t payload_size = 64;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "bench_journal: %s\n", why.c_str());
  std::exit(1);
}

double seconds_since(Time start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Record record(PartyId destination) {
  Record record;
  record.destination = destination;
  record.arrived = 1'700'000'000'000;
  record.topic = "site/7/hall/temperature";
  record.payload.assign(payload_size, 'x');
  return record;
}

// Writes as a log grows, and waits for the disk each time.
void measure_disk(const std::string& folder) {
  const std::string path = folder + "/bench_journal.sync";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) stop("cannot write in " + folder);
  constexpr int times = 500;
  const std::string page(4096, 'x');
  const Time start = Clock::now();
  for (int i = 0; i < times; ++i)
    if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0) stop("cannot write " + path);
  std::printf("disk: %.0f syncs a second, each after 4 KiB\n", times / seconds_since(start));
  ::close(file);
  std::filesystem::remove(path);
}

struct Stand {
  explicit Stand(const std::string& folder) : path(folder + "/bench_journal.sqlite") {
    clean();
    auto opened = Journal::open(path, loop);
    if (!opened) stop(opened.error().text);
    journal = std::move(*opened);
    destination = journal->party("destination").value();
  }
  ~Stand() {
    journal.reset();
    clean();
  }
  Stand(const Stand&) = delete;
  Stand& operator=(const Stand&) = delete;

  void clean() const {
    for (const char* end : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + end);
  }
  std::uintmax_t size(const char* end = "") const { return std::filesystem::file_size(path + end); }

  std::string path;
  Loop loop;
  std::unique_ptr<Journal> journal;
  PartyId destination = 0;
};

// `deep` commits are under way: what one makes durable is delivered, and removed with the next.
void carry(const std::string& folder, std::size_t group, std::size_t deep) {
  Stand stand(folder);
  Journal& journal = *stand.journal;
  constexpr double duration = 4;
  const Time start = Clock::now();
  const double cpu = cpu_seconds();
  std::size_t carried = 0;
  std::size_t commits = 0;
  std::size_t under_way = 0;
  std::function<void()> more = [&] {
    const RecordId first = journal.add(record(stand.destination));
    RecordId last = first;
    for (std::size_t i = 1; i < group; ++i) last = journal.add(record(stand.destination));
    const RecordId step = group > 1 ? (last - first) / (group - 1) : 1;
    for (std::size_t i = 0; i < group; ++i) journal.sent(first + i * step, static_cast<PacketId>(i + 1));
    ++under_way;
    journal.commit([&, first, step](const Result<void>& done) {
      if (!done) stop(done.error().text);
      for (std::size_t i = 0; i < group; ++i) journal.remove(first + i * step);
      carried += group;
      ++commits;
      --under_way;
      if (seconds_since(start) < duration) return more();
      if (under_way == 0) stand.loop.stop();
    });
  };
  for (std::size_t i = 0; i < deep; ++i) more();
  stand.loop.run();
  const double seconds = seconds_since(start);
  std::printf(
      "groups of %4zu, %zu under way: %7.0f records/s, %5.0f commits/s, %.1f us CPU each; "
      "file %ju KiB, log %ju KiB\n",
      group, deep, static_cast<double>(carried) / seconds, static_cast<double>(commits) / seconds,
      1e6 * (cpu_seconds() - cpu) / static_cast<double>(carried), stand.size() / 1024,
      stand.size("-wal") / 1024);
}

void commit(Stand& stand) {
  stand.journal->commit([&](const Result<void>& done) {
    if (!done) stop(done.error().text);
    stand.loop.stop();
  });
  stand.loop.run();
}

void drain(const std::string& folder, std::size_t records) {
  Stand stand(folder);
  Journal& journal = *stand.journal;
  constexpr std::size_t group = 1000;
  Time start = Clock::now();
  for (std::size_t i = 0; i < records; ++i) {
    journal.add(record(stand.destination));
    if (i % group == group - 1) commit(stand);
  }
  commit(stand);
  std::printf("queue of %zu: written at %.0f records/s, file %ju MiB\n", records,
              static_cast<double>(records) / seconds_since(start), stand.size() >> 20U);
  start = Clock::now();
  if (auto again = (stand.journal.reset(), Journal::open(stand.path, stand.loop)); again) {
    stand.journal = std::move(*again);
  } else {
    stop(again.error().text);
  }
  std::printf("opened and checked in %.2f s\n", seconds_since(start));

  constexpr std::size_t parts = 10;
  RecordId after = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    start = Clock::now();
    const double cpu = cpu_seconds();
    std::size_t count = 0;
    while (count < records / parts) {
      const auto read = stand.journal->read(stand.destination, after, group * (payload_size + 24));
      if (!read) stop(read.error().text);
      if (read->empty()) break;
      PacketId packet_id = 0;
      for (const Record& each : *read) stand.journal->sent(each.id, ++packet_id);
      commit(stand);
      for (const Record& each : *read) stand.journal->remove(each.id);
      after = read->back().id;
      count += read->size();
    }
    std::printf("drained, part %2zu: %7.0f records/s, %.1f us CPU each\n", part + 1,
                static_cast<double>(count) / seconds_since(start),
                1e6 * (cpu_seconds() - cpu) / static_cast<double>(count));
  }
  for (int i = 0; i < 2; ++i) {
    stand.journal->hold(stand.destination, 1);
    commit(stand);
  }
  std::printf("then: file %ju MiB, log %ju MiB\n", stand.size() >> 20U, stand.size("-wal") >> 20U);
}

}  // namespace
}  // namespace mq::bench

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "/tmp";
  constexpr std::size_t usual = 1'000'000;
  mq::bench::measure_disk(folder);
  for (const std::size_t group : std::array<std::size_t, 3>{20, 100, 1000})
    for (const std::size_t deep : std::array<std::size_t, 2>{1, 4}) mq::bench::carry(folder, group, deep);
  mq::bench::drain(folder, argc > 2 ? std::strtoull(argv[2], nullptr, 10) : usual);
  return 0;
}
