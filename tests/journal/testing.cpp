#include "journal/testing.hpp"

#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/text.hpp"

namespace mq::testing {
namespace {

template <class T>
T taken(Result<T> result) {
  if (!result) FAIL(result.error().text);
  return std::move(*result);
}

}  // namespace

Record record(PartyId destination, std::string topic, Buffer payload) {
  Record made;
  made.destination = destination;
  made.arrived = 1'700'000'000'000;
  made.topic = std::move(topic);
  made.payload = std::move(payload);
  return made;
}

std::string line_of(const Record& record) {
  return fmt::format("  {:x} for {} at {} qos {}{} {} {} {}\n", record.id, record.destination, record.arrived,
                     static_cast<int>(record.qos), record.retain ? " retain" : "", mq::quoted(record.topic),
                     to_hex(record.properties), mq::quoted(record.payload, 1 << 20));
}

std::string line_of(const RecordInFlight& flight) {
  return fmt::format("  as {}{}{}", flight.packet_id, flight.received ? " received" : "",
                     line_of(flight.record));
}

std::string line_of(const Backlog& backlog) {
  return fmt::format("  backlog {} of {} bytes since {}\n", backlog.records, backlog.bytes, backlog.oldest);
}

std::string contents(Journal& journal, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const PartyId id = taken(journal.party(name));
    const PartyState state = taken(journal.state(id));
    text += fmt::format("{} is {}, holds", name, id);
    for (const PacketId held : state.held) text += fmt::format(" {}", held);
    text += '\n';
    for (const RecordInFlight& flight : state.in_flight) text += line_of(flight);
    for (const Record& each : taken(journal.read(id, 0, std::size_t{1} << 30))) text += line_of(each);
    text += line_of(taken(journal.backlog(id)));
  }
  return text;
}

Result<void> commit(Loop& loop, Journal& journal) {
  Result<void> result;
  journal.commit([&](Result<void> done) {
    result = std::move(done);
    loop.stop();
  });
  loop.run();
  return result;
}

Stand::Stand(std::string file, JournalTuning tuned) : path(std::move(file)), tuning(tuned) { open(); }

void Stand::open() { journal = taken(Journal::open(path, loop, tuning)); }

void Stand::reopen() {
  close();
  open();
}

void Stand::commit() {
  const auto done = mq::testing::commit(loop, *journal);
  if (!done) FAIL(done.error().text);
}

PartyId Stand::party(std::string_view name) const { return taken(journal->party(name)); }

PartyState Stand::state(PartyId id) const { return taken(journal->state(id)); }

std::vector<Record> Stand::read(PartyId id, RecordId after, std::size_t bytes) const {
  return taken(journal->read(id, after, bytes));
}

MemoryFolder::MemoryFolder() : path_("/dev/shm/mqttkit-XXXXXX") {
  if (::mkdtemp(path_.data()) != nullptr) return;
  path_ = (std::filesystem::temp_directory_path() / "mqttkit-XXXXXX").string();
  REQUIRE(::mkdtemp(path_.data()) != nullptr);
}

MemoryFolder::~MemoryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Error open_error(const std::string& path, const JournalTuning& tuning) {
  Loop loop;
  const auto opened = Journal::open(path, loop, tuning);
  REQUIRE_FALSE(opened);
  return opened.error();
}

std::string file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(out.flush());
}

}  // namespace mq::testing
