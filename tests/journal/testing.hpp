// What the journal's tests share: a journal with its loop, waiting for commits, and all that a journal holds
// as text, so that two of them can be compared.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "journal/journal.hpp"
#include "net/loop.hpp"

namespace mq::testing {

Record record(PartyId destination, std::string topic, Buffer payload = "payload");

// What the journal tells of these names.
std::string contents(Journal& journal, const std::vector<std::string>& names);
// One line for each thing that contents() tells.
std::string line_of(const Record& record);
std::string line_of(const RecordInFlight& flight);
std::string line_of(const Backlog& backlog);

// Waits for it.
Result<void> commit(Loop& loop, Journal& journal);

// A journal that can be closed and opened again.
struct Stand {
  explicit Stand(std::string file, JournalTuning tuned = {});
  void open();
  void close() { journal.reset(); }
  void reopen();
  void commit();  // which must succeed
  PartyId party(std::string_view name) const;
  PartyState state(PartyId id) const;
  std::vector<Record> read(PartyId id, RecordId after = 0, std::size_t bytes = std::size_t{1} << 30) const;

  std::string path;
  JournalTuning tuning;
  Loop loop;
  std::unique_ptr<Journal> journal;
};

// A folder in memory where there is one: for what opens thousands of files and leaves the disk out anyway.
class MemoryFolder {
 public:
  MemoryFolder();
  ~MemoryFolder();
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

// The error of one that must fail.
Error open_error(const std::string& path, const JournalTuning& tuning = {});

std::string file_bytes(const std::string& path);
void write_bytes(const std::string& path, const std::string& bytes);

}  // namespace mq::testing
