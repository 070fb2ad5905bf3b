// What mqtt-bench is told to do, for each of its commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/scenario.hpp"
#include "shared/local_time.hpp"
#include "shared/output_settings.hpp"
#include "shared/settings.hpp"

namespace mq {

// What becomes of what a run has shown. Files: empty is none, "-" standard output.
struct ReportSettings {
  std::string title;
  bool json = false;  // --output json: on standard output
  OutputSettings::Colour colour = OutputSettings::Colour::automatic;
  std::string html;                    // --report
  std::string csv;                     // --csv
  std::string json_file;               // --json
  std::string percentiles;             // --hgrm
  std::string junit;                   // --junit
  std::string baseline;                // --baseline: an earlier run's JSON
  std::vector<std::string> fail_if;    // --fail-if, as they were written
  std::optional<std::string> metrics;  // --metrics: where figures can be asked for, HOST:PORT or :PORT
  bool progress = true;                // --no-progress
};

// A run: all scenario commands, run and calibrate.
struct BenchSettings {
  ConnectionSettings connection;
  Scenario scenario;
  ReportSettings report;
  bool calibrate = false;                     // --calibrate: first find out what the generator can do
  unsigned processes = 0;                     // 0: as many as are needed
  std::optional<LocalTime::Moment> start_at;  // when what is measured begins, at the earliest
};

struct CompareSettings {
  ConnectionSettings connection;  // of which nothing but log and answer counts
  // The runs to be compared: the first with each of the others. Several files may make one side.
  std::vector<std::vector<std::string>> sides;
  ReportSettings report;
};

struct MergeSettings {
  ConnectionSettings connection;   // of which nothing but log and answer counts
  std::vector<std::string> files;  // a run, or all its shards
  ReportSettings report;
};

struct SinkSettings {
  ConnectionSettings connection;  // of which nothing but log and answer counts
  std::string address = "127.0.0.1";
  std::uint16_t port = 1883;
};

}  // namespace mq
