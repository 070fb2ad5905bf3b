// A ClientProgram whose results go to standard output: written in batches, and never held up by a reader that
// takes its time, for which the server is made to wait instead.
#pragma once

#include "net/loop.hpp"
#include "shared/client_program.hpp"
#include "shared/output.hpp"

namespace mq {

class PrintingProgram : public ClientProgram {
 protected:
  explicit PrintingProgram(const ConnectionSettings& settings);

  Buffer& out() { return output_.buffer(); }  // append only
  // So much waits that flush() is worth while before all is quiet.
  bool batch_is_full() const { return output_.size() >= batch; }
  // Writes what the reader takes. A reader that is gone ends the run, an error too.
  void flush();
  // From now on a reader that goes ends the run at once, and not at the next thing to write only.
  void end_with_reader();
  // The reader takes no more for now; no message comes until it does.
  bool blocked() const { return blocked_; }
  // Nobody will read any more.
  bool closed() const { return reader_gone_ || failed_; }
  // The rest, in on_finish(): a reader that takes nothing is waited for, but not against a signal or the
  // deadline.
  void finish_output();
  // The reader takes again what is written; nothing of the program's own waits.
  virtual void on_unblocked() {}

 private:
  static constexpr std::size_t batch = 64U << 10;

  Output output_;
  Watch writable_;
  bool blocked_ = false;
  bool reader_gone_ = false;
  bool failed_ = false;
};

}  // namespace mq
