#include "journal/writer.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/system_error.hpp"

namespace mq {
namespace {

std::unexpected<Error> not_started(int number) {
  return fail(ErrorKind::io, "cannot start the journal's thread: " + system_error(number));
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::start(SqliteDatabase database, const JournalTuning& tuning) {
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) return not_started(errno);
  auto writer = std::make_unique<Writer>(std::make_unique<Transaction>(std::move(database), tuning),
                                         tuning.most_steps, wake);
  // Signals are for the threads that were there before.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int trouble = 0;
  try {
    writer->thread_ = std::thread([w = writer.get()] { w->work(); });
  } catch (const std::system_error& e) {
    trouble = e.code().value();
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (trouble != 0) return not_started(trouble);
  return writer;
}

Writer::Writer(std::unique_ptr<Transaction> transaction, std::size_t most_steps, int wake)
    : transaction_(std::move(transaction)), kept_(most_steps), wake_(wake) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  to_thread_.notify_one();
  if (thread_.joinable()) thread_.join();
  ::close(wake_);
}

void Writer::commit(Changes changes, CommitDone done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({.changes = std::move(changes), .done = std::move(done)});
  }
  to_thread_.notify_one();
}

Result<PartyId> Writer::at_once(const AtOnce& write) {
  std::unique_lock lock(mutex_);
  wanted_ = &write;
  to_thread_.notify_one();
  from_thread_.wait(lock, [this] { return given_ != nullptr; });
  return *std::exchange(given_, nullptr);
}

Result<PartyId> Writer::add_party(std::string_view name) {
  return at_once([name](Transaction& transaction) { return transaction.add_party(name); });
}

Result<void> Writer::set_note(PartyId party, std::string_view text) {
  const auto done =
      at_once([party, text](Transaction& transaction) { return transaction.set_note(party, text); });
  if (!done) return std::unexpected(done.error());
  return {};
}

std::vector<Writer::Told> Writer::take_told() {
  eventfd_t count = 0;
  static_cast<void>(::eventfd_read(wake_, &count));
  const std::lock_guard lock(mutex_);
  return std::exchange(told_, {});
}

void Writer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    to_thread_.wait(lock, [this] { return ending_ || wanted_ != nullptr || !waiting_.empty(); });
    if (wanted_ != nullptr) {
      const AtOnce& write = *std::exchange(wanted_, nullptr);
      lock.unlock();
      auto given = std::make_unique<Result<PartyId>>(write(*transaction_));
      lock.lock();
      given_ = std::move(given);
      from_thread_.notify_one();
    } else if (!waiting_.empty()) {
      auto jobs = std::exchange(waiting_, {});
      lock.unlock();
      write(std::move(jobs));
      transaction_->tidy();
      lock.lock();
    } else {
      return;
    }
  }
}

void Writer::write(std::vector<Job> jobs) {
  for (Job& job : jobs) kept_.absorb(job.changes);
  const Result<void> written = transaction_->write(kept_);
  if (written) kept_.clear();
  {
    const std::lock_guard lock(mutex_);
    for (Job& job : jobs) told_.push_back({.done = std::move(job.done), .result = written});
  }
  static_cast<void>(::eventfd_write(wake_, 1));
}

}  // namespace mq
