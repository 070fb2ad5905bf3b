// An outcome as JSON and back, exactly: what `--output json` prints and `--json FILE` keeps, and what
// compare, report and --baseline read. docs/bench-report.schema.json describes it. Texts in it are any bytes
// that a server or a user gave; what is not UTF-8 becomes U+FFFD.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "load/outcome.hpp"

namespace mq {

// Over several lines, ending with a newline.
void append_outcome(const LoadOutcome& outcome, Buffer& out);

// The text may come from anywhere: kind payload when it is no report, is broken or came from a later version.
Result<LoadOutcome> parse_outcome(Bytes json);

// The same for a file; errors begin with its name.
Result<LoadOutcome> read_outcome(const std::string& path);

// "2026-11-23T02:17:33Z", of microseconds since 1970.
std::string utc_text(std::int64_t microseconds);

// The words of the enumerations, in their order.
std::span<const std::string_view> breach_words();  // "lost", "duplicated", ...
std::span<const std::string_view> bound_words();   // "none", "server", ...

}  // namespace mq
