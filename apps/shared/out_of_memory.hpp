// What becomes of a program when there is no memory left: it says so and ends at once with exit_failure, from
// wherever it is. Nothing is unwound, because handlers of the loop, threads and functions that must not throw
// are on the way; nothing is lost by that which was promised, because what is acknowledged is written or on
// disk by then, as for a program that is killed.
//
// Memory that a C library asks for (OpenSSL, SQLite) is not meant here: that library reports an error of its
// own.
#pragma once

namespace mq {

// Called once, before anything else that main() does. Holds for all threads.
void end_when_out_of_memory();

// While one is there, its thread gets std::bad_alloc instead: around work whose size somebody else decides,
// for whoever can do without its result. Not nested.
class MemoryMayRunOut {
 public:
  MemoryMayRunOut();
  ~MemoryMayRunOut();
  MemoryMayRunOut(const MemoryMayRunOut&) = delete;
  MemoryMayRunOut& operator=(const MemoryMayRunOut&) = delete;
};

}  // namespace mq
