// Secrets stay out of core dumps: those are files that others may get to see, and are sent around when
// something is to be mended.
#pragma once

#include "shared/settings.hpp"

namespace mq {

// Whether anything in the settings is for the server's eyes alone, or says where such a thing is read from:
// passwords, keys, authentication data, headers.
bool holds_secret(const ConnectionSettings& settings);

// From now on a core dump of this process, and of those that it starts, has the registers but no memory: a
// copy of a secret may be anywhere in it (core(5), coredump_filter). Best effort: without /proc it does
// nothing.
void leave_memory_out_of_core_dumps();

}  // namespace mq
