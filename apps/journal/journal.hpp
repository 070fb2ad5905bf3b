// What must outlive the bridge: the messages that wait for a destination, under which packet identifiers its
// session has them, and which QoS 2 identifiers of a source are taken. One SQLite file. Changes are gathered
// and made durable together: after commit() has told that it is done, and only then, may leave what rests on
// them (an acknowledgement to a source, a PUBLISH or PUBREL to a destination) [MQTT-4.1.0-1].
//
// A thread of the journal's own writes; all functions are called from one loop's thread, and what is told
// arrives there. Owns copies of all that it is given.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/packet.hpp"

namespace mq {

class Loop;

// Names one message for one destination. Ascending in the order of arrival, never 0; one that was ever
// committed is never reused.
using RecordId = std::uint64_t;
// A session of the bridge, or a queue for one: who is held to what a record or an identifier says; see
// Journal::party().
// From 1 to 65535.
using PartyId = std::uint32_t;

struct Record {
  RecordId id = 0;
  PartyId destination = 0;
  std::int64_t arrived = 0;  // milliseconds since 1970
  QoS qos = QoS::at_least_once;
  bool retain = false;
  std::string topic;  // as it is to be published
  Buffer properties;  // as on the wire, without their length; no topic alias
  Buffer payload;     // empty once PUBREC has come, as topic and properties
};

// A record that the destination's session has taken.
struct RecordInFlight {
  Record record;
  PacketId packet_id = 0;
  bool received = false;   // PUBREC has come: PUBREL is to be sent
  std::uint64_t turn = 0;  // ascends in sending order over all destinations
};

// What a party's session was when the file was last committed.
struct PartyState {
  std::vector<PacketId> held;             // QoS 2 identifiers of messages from it that are not released
  std::vector<RecordInFlight> in_flight;  // in sending order: of PUBLISH, of PUBREL by the arrival of PUBREC
};

struct Backlog {
  std::uint64_t records = 0;  // of a destination, in flight or not
  std::uint64_t bytes = 0;    // topic, properties and payload
  std::int64_t oldest = 0;    // arrival of the oldest, milliseconds since 1970; 0: there is none
};

// What tests turn to see in little what else shows in large.
struct JournalTuning {
  const char* vfs = nullptr;              // one of SQLite's file systems; null: the usual one
  unsigned checkpoint_pages = 4096;       // the write-ahead log goes into the file when it has so many
  std::uint64_t shrink_pages = 16 << 10;  // an all but empty file with so many unused ones is made small
  unsigned cache_kib = 16 << 10;          // of the thread that writes
  std::size_t most_steps = 64 << 10;      // changes that can't be written are summed up when they are more
};

class Journal {
 public:
  // Opens or makes the file, mode 0600, locked for this process as long as it lives. Kind io when it can't be
  // read or written, is locked by another process (the text says which), is not ours, or is damaged (these
  // two are permanent): such a file is left as it is. Beside it stand PATH-lock, PATH-wal and PATH-shm.
  static Result<std::unique_ptr<Journal>> open(const std::string& path, Loop& loop,
                                               const JournalTuning& tuning = {});
  // Who has the file, so that open() would fail: "process 12"; nullopt: nobody has.
  static std::optional<std::string> owner(const std::string& path);
  // Writes what commit() was called for; its callbacks are not called any more.
  virtual ~Journal() = default;

  // The number that stands for a name, given on first use; durable at once, so a new name waits for the disk.
  virtual Result<PartyId> party(std::string_view name) = 0;
  virtual std::vector<std::string> parties() const = 0;  // all that were ever named
  // What a party's owner wants to find again, empty at first. Durable at once, as a name is.
  virtual Result<std::string> note(PartyId party) const = 0;
  virtual Result<void> set_note(PartyId party, std::string_view text) = 0;

  // Changes. They cost no I/O here, and fail in commit() alone. What makes no sense (a record that is gone,
  // sent() after received(), received() of what was not sent) changes nothing.
  virtual RecordId add(Record record) = 0;                       // gives the id
  virtual void sent(RecordId id, PacketId packet_id) = 0;        // the session has it now, or anew
  virtual void received(RecordId id) = 0;                        // PUBREC has come
  virtual void remove(RecordId id) = 0;                          // delivered, or dropped
  virtual void hold(PartyId source, PacketId packet_id) = 0;     // QoS 2, together with its records
  virtual void release(PartyId source, PacketId packet_id) = 0;  // PUBREL has come
  virtual void release_all(PartyId source) = 0;                  // the server has lost the session

  // Makes durable all that was changed before, then calls `done` from the loop, in the order of the calls.
  // Changes after the call wait for the next one; several calls become one transaction where writing is
  // behind. An error (disk full, disk gone) leaves the changes waiting: the next commit() tries them again.
  // Kind malformed: the file is damaged, and no later commit() will do better.
  virtual void commit(std::function<void(Result<void>)> done) = 0;
  virtual bool dirty() const = 0;  // changes wait for a commit()

  // Reads, of what is committed; kind io, or malformed for what is damaged.
  virtual Result<PartyState> state(PartyId party) const = 0;
  virtual Result<Backlog> backlog(PartyId destination) const = 0;
  // Records not in flight with ids above `after`, ascending, as many as `bytes` hold (topic, properties and
  // payload count); at least one if there is one.
  virtual Result<std::vector<Record>> read(PartyId destination, RecordId after, std::size_t bytes) const = 0;
};

}  // namespace mq
