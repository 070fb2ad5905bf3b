// The journal's thread: takes all changes that wait, writes them as one transaction, and says so through a
// descriptor. Called from the loop's thread; owns what it is given.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "journal/transaction.hpp"

namespace mq {

using CommitDone = std::function<void(Result<void>)>;

class Writer {
 public:
  struct Told {
    CommitDone done;
    Result<void> result;
  };

  static Result<std::unique_ptr<Writer>> start(SqliteDatabase database, const JournalTuning& tuning);
  Writer(std::unique_ptr<Transaction> transaction, std::size_t most_steps, int wake);
  ~Writer();  // writes what waits
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void commit(Changes changes, CommitDone done);
  // These wait for it.
  Result<PartyId> add_party(std::string_view name);
  Result<void> set_note(PartyId party, std::string_view text);

  // Readable when there is something to tell.
  int descriptor() const { return wake_; }
  std::vector<Told> take_told();

 private:
  struct Job {
    Changes changes;
    CommitDone done;
  };

  using AtOnce = std::function<Result<PartyId>(Transaction&)>;
  Result<PartyId> at_once(const AtOnce& write);
  void work();
  void write(std::vector<Job> jobs);

  std::unique_ptr<Transaction> transaction_;  // the thread's
  Changes kept_;                              // the thread's: what could not be written
  int wake_;

  std::mutex mutex_;  // of all that follows
  std::condition_variable to_thread_, from_thread_;
  std::vector<Job> waiting_;
  std::vector<Told> told_;
  const AtOnce* wanted_ = nullptr;
  std::unique_ptr<Result<PartyId>> given_;
  bool ending_ = false;

  std::thread thread_;  // last: it uses the rest
};

}  // namespace mq
