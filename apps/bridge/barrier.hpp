// Nothing leaves a connection before what it rests on is in the journal: gathers what has changed, has it
// committed, and lets out of each connection what had been put out by then. Without a journal nobody waits.
#pragma once

#include <functional>
#include <vector>

#include "client/client.hpp"
#include "journal/journal.hpp"
#include "net/loop.hpp"
#include "shared/log.hpp"

namespace mq {

class Barrier {
 public:
  // `before` is called before each commit, to tell the journal what is new; `after` when one has been made;
  // `turned` when failing() has changed.
  Barrier(Loop& loop, Journal& journal, const Log& log, std::function<void()> before,
          std::function<void()> after, std::function<void()> turned);

  void add(Client& client) { clients_.push_back(&client); }
  void remove(const Client& client);
  void touch();  // something is new or wants out: a commit follows at the end of this turn
  // Called once, when all that is new by then is in the journal.
  void then(std::function<void()> done);
  bool idle() const { return under_way_ == 0 && !posted_; }
  bool failing() const { return failing_; }

 private:
  void commit();
  void committed(const Result<void>& result, const std::vector<Client::OutputMark>& marks);
  static void call(std::vector<std::function<void()>>&& each);

  Loop& loop_;
  Journal& journal_;
  const Log& log_;
  std::function<void()> before_, after_, turned_;
  std::vector<Client*> clients_;  // nullptr: it is gone; marks under way go by the place
  std::vector<std::function<void()>> then_;
  bool posted_ = false;
  bool failing_ = false;
  unsigned under_way_ = 0;
  Timer again_;
};

}  // namespace mq
