// The one way in which a program tells what went wrong.
#pragma once

#include "base/error.hpp"

namespace mq {

// "error: TEXT" and, if there is one, "hint: HINT" on standard error, in one write, unless `quiet`. Returns
// the exit code.
int report(const Error& error, bool quiet = false);

}  // namespace mq
