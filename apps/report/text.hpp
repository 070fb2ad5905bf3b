// The report for people on a terminal: one screen, aligned, of what happened and nothing else.
#pragma once

#include "load/outcome.hpp"
#include "payload/ink.hpp"

namespace mq {

void append_report(const LoadOutcome& outcome, Ink& ink);

}  // namespace mq
