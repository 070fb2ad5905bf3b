// Runs a command for each message (--exec): so many at once, two messages of one topic never, and those in
// the order in which they came. What waits is bounded by full(): its owner then takes no more messages.
// Owns a copy of each message until its command has ended. Failures are told and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "exec/child.hpp"
#include "net/loop.hpp"
#include "shared/inspector.hpp"
#include "shared/local_time.hpp"
#include "shared/log.hpp"

namespace mq {

class Jobs : public MessageTaker {
 public:
  // `changed` is called from the loop when a command has ended. `log` outlives it.
  Jobs(Loop& loop, std::vector<std::string> words, std::size_t at_once, const Log& log,
       std::function<void()> changed);
  ~Jobs() override;  // kills what runs

  void take(const Publish& publish, const Reading& reading, LocalTime::Moment received) override;
  bool full() const;
  bool idle() const { return waiting_.empty() && running_.empty(); }

  void drop_waiting();
  // Asks all that run to end, and kills what is left of them a moment later. Waits for that, not through the
  // loop.
  void kill();
  // What went wrong with the commands, or with messages that got none; kind io.
  std::optional<Error> owed() const;

 private:
  struct Job {
    std::string topic;
    std::vector<std::string> environment;
    Buffer payload;
    std::size_t size = 0;
    std::unique_ptr<Child> child = nullptr;
  };
  using Place = std::list<Job>::iterator;

  void start_what_can();
  enum class Start : std::uint8_t { runs, failed, not_now };
  Start start(Job& job);
  bool runs(const std::string& topic) const;
  void ended(Place job, int status);
  void note(const std::string& topic, int status);
  void failed(const std::string& topic, std::string_view how);

  Loop& loop_;
  std::vector<std::string> words_;
  std::size_t at_once_;
  const Log& log_;
  std::function<void()> changed_;
  std::vector<std::string> environment_;  // ours, without what would look like a message's
  LocalTime time_;
  std::list<Job> waiting_, running_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t taken_ = 0, failures_ = 0, dropped_ = 0, killed_ = 0;
};

}  // namespace mq
