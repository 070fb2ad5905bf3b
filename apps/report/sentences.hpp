// What a run has shown, in sentences that the reports for people share. Foreign text in them is fit for a
// terminal, not yet for HTML. Where there is nothing to say they are empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/outcome.hpp"

namespace mq {

std::string name_text(const LoadOutcome& outcome);      // pubsub "nightly"
std::string clients_text(const LoadOutcome& outcome);   // 20 clients (publishers 10, subscribers 10)
std::string servers_text(const LoadOutcome& outcome);   // mqtt://127.0.0.1:1883 and 3 more
std::string measured_text(const LoadOutcome& outcome);  // 10.0 s after 2.0 s of warm-up, from 2026-...

std::string failure_text(const LoadOutcome& outcome);  // population 'clients': its only ...

std::string rates_text(const LoadOutcome& outcome);   // sent 12,345/s, received 12,345/s, out 1.20 MB/s
std::string events_text(const LoadOutcome& outcome);  // 20 connected, 2 lost connections
std::string faults_text(const LoadOutcome& outcome);  // none was lost, duplicated, reordered or corrupted
std::string sentence(const Breach& breach);  // QoS 1: messages 123 to 124 of stream 7 never reached ...

// What went wrong, the most frequent first; views of the outcome.
struct ErrorCount {
  std::uint64_t count = 0;
  std::string_view text;
};
std::vector<ErrorCount> errors_by_count(const LoadOutcome& outcome);

std::string lag_text(const LoadOutcome& outcome);      // p50 3 us, p99 12 us, max 1.20 ms
std::string cpu_text(const LoadOutcome& outcome);      // load-1 56 %, main 3 %
std::string clocks_text(const LoadOutcome& outcome);   // shard 1 +12 us (within 40 us)
std::string ceiling_text(const LoadOutcome& outcome);  // 123,456/s against the sink; ... came to 8 % of it
std::string limit_text(const LoadOutcome& outcome);    // broker-limited: ...

// Messages a second and the like: "0.25/s", "12,345/s"; of bytes "1.20 MB/s".
std::string rate_text(double per_second, bool bytes = false);

// Which of the message counts are shown beside each other: those of what happened.
struct MessageTable {
  std::vector<MessageCount> columns;
  std::vector<int> rows;  // QoS
};
MessageTable message_table(const Tally& tally);

// "-" for what there never is at QoS 0.
std::string message_text(const Tally& tally, int qos, MessageCount kind);

// The percentiles that people are shown; "-" for one beyond which there is less than one value, since the
// greatest of them would stand for it.
inline constexpr double shown_percents[] = {50, 90, 99, 99.9, 99.99, 99.999};
std::string percentile_text(const Histogram& histogram, double percent);

// Whether both values of a latency were measured and tell different things.
bool differs(const Timing& timing);

// Broken promises that the first so many of `violations` do not name.
std::uint64_t unnamed(const LoadOutcome& outcome, std::size_t listed);

}  // namespace mq
