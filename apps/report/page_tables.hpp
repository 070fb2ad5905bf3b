// The tables of a page. Each writes its heading and itself, or nothing when it has nothing to say.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "load/outcome.hpp"
#include "report/compare.hpp"
#include "report/threshold.hpp"

namespace mq {

void put_verdicts(const std::vector<Verdict>& verdicts, Buffer& out);
void put_latencies(const LoadOutcome& outcome, Buffer& out);
void put_messages(const LoadOutcome& outcome, Buffer& out);
void put_comparison(const Comparison& comparison, Buffer& out);
void put_findings(const LoadOutcome& outcome, Buffer& out);  // broken promises, errors, counts
void put_health(const LoadOutcome& outcome, Buffer& out);

// Text of ours as a page has it: with the sign of the microsecond.
std::string in_page(std::string text);

}  // namespace mq
