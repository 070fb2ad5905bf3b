// Keeps -W and Ctrl-C from waiting for what the loop can't interrupt: a secret that never comes, a payload
// file that never ends, a jq program that runs for ever. One real-time timer and the handler of its signal,
// which does only what a handler may. One a process, since signals are; it costs nothing without -W.
#pragma once

#include <string_view>

#include "base/time.hpp"
#include "shared/log.hpp"

namespace mq {

class Watchdog {
 public:
  // A run has so much time, counted from here. When it is over before enter_loop(), the process says what it
  // was waiting for and ends with exit_timeout. `log` outlives the process' waiting.
  static void begin(Duration duration, const Log& log);
  // What the process waits for from now on, as a fragment that can follow "timed out after 3 s: ".
  static void waits_for(std::string_view what);
  // Called by the handler before the process ends before enter_loop(). nullptr: nothing.
  static void before_the_end(void (*clean)());

  // From here on the loop looks after the time, of which what is left is returned when there is a limit, and
  // after SIGINT and SIGTERM, whose handlers are set. When it has not turned a second after either, a jq
  // program that runs is halted; when that does not help, the process ends.
  static Duration enter_loop();
  // The loop has seen the signal or the end of the time, or has ended.
  static void loop_turned();
};

}  // namespace mq
