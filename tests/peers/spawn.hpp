// The start of a child process with its three descriptors, for Process alone.
#pragma once

#include <sys/types.h>

#include "peers/file_handle.hpp"
#include "peers/process.hpp"

namespace mq {

struct Child {
  pid_t pid = -1;
  FileHandle in, out, err;  // our ends; absent where the launch has none. Non-blocking.
};

Child spawn(const Launch& launch);

}  // namespace mq
