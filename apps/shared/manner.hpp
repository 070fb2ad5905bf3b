// How a program speaks and ends when it goes by another program's name: asked by Log and ClientProgram
// wherever something would be told or an exit code be chosen. Without one the kit's own manner holds. Whoever
// makes it keeps it alive for the whole run.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "client/trace.hpp"
#include "session/event.hpp"

namespace mq {

class Manner {
 public:
  virtual ~Manner() = default;

  // Tells of a failure. The exit code that it means; 0: it counts for nothing.
  virtual int report(const Error& error) = 0;
  // What events themselves give occasion to say; called before the program's own handling.
  virtual void tell(const Event& event) = 0;

  // --debug: where its lines go and how they are worded.
  virtual void trace(std::string_view line) = 0;
  virtual TraceWords trace_words() = 0;

  // Time limit and signals. `established`: the server has accepted a connection, now or earlier.
  virtual int exit_after_time_limit(bool established) = 0;  // says so
  virtual bool catches_signals() const = 0;
  virtual int exit_after_signal(bool established) const = 0;
  // Of the DISCONNECT when a time limit or a signal makes the end.
  virtual ReasonCode hurried_goodbye() const = 0;
};

}  // namespace mq
