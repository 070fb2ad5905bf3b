// All that a run has shown, as plain data: filled by the engine, added up over worker processes and shards,
// read by every report. What is measured adds up exactly; what is not a sum (threads, series) is kept side by
// side.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "load/scenario.hpp"
#include "load/tally.hpp"

namespace mq {

// A delivery that breaks what its QoS promises.
struct Breach {
  enum class Kind : std::uint8_t { lost, duplicated, reordered, corrupted };
  Kind kind = Kind::lost;
  int qos = 0;
  std::uint64_t stream = 0;           // the publisher's client number
  std::uint64_t first = 0, last = 0;  // message numbers, from 0
  std::uint64_t subscriber = 0;       // client number
};

inline constexpr std::size_t most_breaches = 100;  // that are told one by one

struct Percentiles {
  std::uint64_t count = 0, p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;  // microseconds
};
Percentiles percentiles(const Histogram& histogram);

// About a second of the run; of a long one more (series.hpp).
struct Interval {
  double at = 0;                                              // its end, in seconds since the run's start
  double seconds = 0;                                         // its length
  bool measured = false;                                      // after the warm-up and before the drain
  std::uint64_t open = 0;                                     // connections at its end
  std::array<std::uint64_t, count_kinds> counts{};            // that came in it
  std::array<std::uint64_t, message_count_kinds> messages{};  // of all QoS
  std::array<Percentiles, latency_kinds> due{}, done{};
};

struct ThreadHealth {
  std::string name;  // "main", "load-1"; behind a '/' in a worker process or a shard: "2/load-1"
  double cpu_seconds = 0;
  double seconds = 0;         // that it lived while the run was measured
  double waited_seconds = 0;  // of these: could have worked, and waited for a processor
};

// What the rates were bounded by, as far as it can be told; the figures that say so are in the sentence.
enum class Bound : std::uint8_t { none, server, generator, network, unknown };

struct Limit {
  Bound bound = Bound::unknown;
  std::string why;  // "the schedule lag was 0.2 ms at p99, the threads were busy for 31 %, ..."
};

// Of this host's clock against that of shard 0, through the server.
struct ClockOffset {
  std::uint32_t shard = 0;
  double microseconds = 0;  // to be added to this host's time
  double uncertainty = 0;   // half of the best round trip
};

struct PopulationOutcome {
  std::string name;
  std::uint64_t clients = 0;
  std::uint64_t connected = 0;  // of them, at any time
};

struct LoadOutcome {
  std::string version;   // of the toolkit
  std::string scenario;  // its name
  std::string title;     // what somebody called this run; may be empty
  std::uint32_t run = 0;
  std::int64_t started = 0;  // microseconds since 1970
  double seconds = 0;        // measured: after the warm-up, until nothing more is begun
  double warm_up = 0;
  double replay_seconds =
      0;  // from the first connecting or subscribing to the last queued or retained message
  std::vector<Shard> shards;  // that are in it
  std::vector<std::string> servers;
  unsigned processes = 1;
  bool interrupted = false;
  bool complete = true;   // no process of it was lost with what it had counted
  bool accounted = true;  // every delivery that was expected is known: `lost` is exact
  // Why this is not the load that was asked for: its process ends with what belongs to the kind.
  std::optional<Error> failure;
  std::vector<PopulationOutcome> populations;
  Tally tally;    // of the whole run; its latencies without the warm-up
  Tally outside;  // of its counts, those before and after `seconds`: no part of any rate
  std::vector<Interval> series;
  std::vector<Breach> violations;  // the first `most_breaches`
  std::uint64_t violation_count = 0;
  std::map<std::string, std::uint64_t> errors;  // what went wrong, and how often
  std::vector<ThreadHealth> threads;
  std::vector<ClockOffset> clocks;
  std::optional<double> ceiling;  // messages a second that the generator managed against the sink (calibrate)
  Limit limit;
  std::vector<std::string> notes;
};

// Reckons from its counts what was lost, and whether that is all of it.
void account(LoadOutcome& outcome);

// What a load is about: messages sent, else received, else answers, else connections.
enum class Subject : std::uint8_t { sent, received, answers, connections, foreign };
Subject subject_of(const Tally& tally);

// What was counted within the measured time. Of messages: at one QoS, or of all (-1).
std::uint64_t measured(const LoadOutcome& outcome, Count kind);
std::uint64_t measured(const LoadOutcome& outcome, MessageCount kind, int qos = -1);
std::uint64_t measured(const LoadOutcome& outcome, Subject subject);

}  // namespace mq
