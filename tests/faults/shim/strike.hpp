// Which call is to fail, and how: what MQTTKIT_FAIL says (fail.cpp). Asks for no memory, since it runs inside
// malloc().
#pragma once

#include <dlfcn.h>

#include <cstdint>

namespace mq::faults {

enum class Group : std::uint8_t {
  malloc,
  read,
  write,
  send,
  recv,
  connect,
  socket,
  open,
  fsync,
  epoll_wait,
  epoll_ctl,
  none,
};

struct Struck {
  int error = 0;       // what errno is to be; 0: the call goes on
  bool brief = false;  // ... but with a single byte
};

// Counts from here on.
void begin();
// Called once for each call of the group.
Struck strike(Group group);

template <class Function>
Function* next_of(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace mq::faults
