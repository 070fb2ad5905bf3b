// Programs whose calls of the C library fail: the first, the second, and so on, until a run is so short that
// none is struck any more. What has to hold of each run is here too.
#pragma once

#include <functional>
#include <string>

#include "e2e/programs.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

// One strike of tests/faults/shim/fail.cpp.
class Fault {
 public:
  // `call`: "malloc" or "send"; `how`: "EPIPE", or empty for malloc.
  Fault(const TempDir& dir, std::string call, unsigned number, std::string how);

  Launch in(Launch launch) const;
  bool struck() const;  // has the call come?
  std::string text() const;

 private:
  std::string call_, how_, witness_;
  unsigned number_;
};

// Calls `run` for n = 1, 1 + stride, ... until it was not struck; how often it was is the result.
// MQTTKIT_EVERY=1 in the environment makes every stride 1.
unsigned sweep(const std::string& call, const std::string& how, unsigned stride,
               const std::function<void(const Fault&)>& run);

// Whether memory can be struck here at all: not under sanitizers, which have an allocator of their own. Says
// so if not.
bool memory_can_fail();

// For mqtt-pub --input json: messages to `topic`, "MARK<QoS><number>.", `each` of QoS 1 and of QoS 2 in turn.
std::string marked_lines(const std::string& topic, const std::string& mark, int each);

// CHECKs how a run has ended: done and nothing said of an error, or an exit code of the table and one error
// on standard error that says something. Never by a signal. True when it was done.
bool ended_well(const Fault& fault, const Outcome& outcome);

}  // namespace mq
