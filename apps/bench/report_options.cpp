// The commands that work on reports, and the sink.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "bench/bench_options.hpp"
#include "bench/rows.hpp"
#include "prose/mqtt_bench_compare.hpp"
#include "prose/mqtt_bench_report.hpp"
#include "prose/mqtt_bench_sink.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

// One side of a comparison: files with commas between them.
std::vector<std::string> files_of(std::string_view text) {
  std::vector<std::string> files;
  while (true) {
    const std::size_t comma = text.find(',');
    files.emplace_back(text.substr(0, comma));
    if (comma == text.npos) return files;
    text.remove_prefix(comma + 1);
  }
}

Result<void> store_address(std::string& target, std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789abcdefABCDEF.:") != text.npos)
    return usage(fmt::format("{} is no numeric address", quoted(text)));
  target = text;
  return {};
}

template <class Settings>
Result<void> read(const Program& program, OptionRows (*options)(Settings&, General&), Settings& settings,
                  General& general, int argc, const char* const* argv, const Environment& environment) {
  const OptionRows rows = options(settings, general);
  return read_command_line(program, rows, general, settings.connection, arguments_of(argc, argv),
                           environment);
}

}  // namespace

OptionRows compare_options(CompareSettings& settings, General& general) {
  OptionRows rows;
  OptionRows all;
  report_rows(all, settings.report);
  for (OptionRow& row : all)
    if (row.name == "output" || row.name == "color" || row.name == "report") rows.push_back(std::move(row));
  bench_general_rows(rows, general, settings.connection);
  return rows;
}

OptionRows report_options(MergeSettings& settings, General& general) {
  OptionRows rows;
  report_rows(rows, settings.report);
  bench_general_rows(rows, general, settings.connection);
  return rows;
}

OptionRows sink_options(SinkSettings& settings, General& general) {
  constexpr auto group = OptionGroup::connection;
  OptionRows rows;
  rows.push_back({.letter = 'A',
                  .name = "address",
                  .value = "ADDRESS",
                  .group = group,
                  .default_text = "127.0.0.1",
                  .summary = "address to listen at",
                  .detail = "Numeric address of this machine to listen at; 0.0.0.0 and :: are all of them.",
                  .set = one_value(settings.address, store_address)});
  rows.push_back({.letter = 'p',
                  .name = "port",
                  .value = "PORT",
                  .group = group,
                  .default_text = "1883",
                  .summary = "port to listen at, 0 for a free one",
                  .detail = "Port to listen at; 0 has the system choose one, which is told.",
                  .set = store_number<std::uint16_t>(settings.port)});
  bench_general_rows(rows, general, settings.connection);
  return rows;
}

Program compare_program() {
  return {.name = "mqtt-bench",
          .command = "compare",
          .summary = "tell how runs differ, beyond their noise",
          .synopsis = "[OPTION]... A.json B.json [C.json]...",
          .operands = true,
          .prose = mqtt_bench_compare_prose,
          .rows = [] {
            static CompareSettings settings;
            static General general;
            return compare_options(settings, general);
          }};
}

Program report_program() {
  return {.name = "mqtt-bench",
          .command = "report",
          .summary = "make reports of a run's JSON, or its shards'",
          .synopsis = "[OPTION]... FILE.json...",
          .operands = true,
          .prose = mqtt_bench_report_prose,
          .rows = [] {
            static MergeSettings settings;
            static General general;
            return report_options(settings, general);
          }};
}

Program sink_program() {
  return {.name = "mqtt-bench",
          .command = "sink",
          .summary = "be the server that calibrate measures against",
          .synopsis = "[OPTION]...",
          .prose = mqtt_bench_sink_prose,
          .rows = [] {
            static SinkSettings settings;
            static General general;
            return sink_options(settings, general);
          }};
}

Result<CompareSettings> parse_compare(int argc, const char* const* argv, const Environment& environment) {
  Result<CompareSettings> settings;
  General general;
  auto done = read(compare_program(), compare_options, *settings, general, argc, argv, environment);
  if (done && !settings->connection.answer) {
    for (const std::string& operand : general.operands) settings->sides.push_back(files_of(operand));
    const bool named = std::ranges::all_of(
        settings->sides, [](const auto& files) { return std::ranges::none_of(files, &std::string::empty); });
    if (settings->sides.size() < 2)
      done = usage("a comparison takes two runs", "mqtt-bench compare BEFORE.json AFTER.json");
    else if (!named)
      done = usage("an empty name is no file");
  }
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

Result<MergeSettings> parse_report(int argc, const char* const* argv, const Environment& environment) {
  Result<MergeSettings> settings;
  General general;
  auto done = read(report_program(), report_options, *settings, general, argc, argv, environment);
  if (done && !settings->connection.answer) {
    settings->files = std::move(general.operands);
    if (settings->files.empty())
      done = usage("no run to report", "name the JSON that --json has written, of all shards");
  }
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

Result<SinkSettings> parse_sink(int argc, const char* const* argv, const Environment& environment) {
  Result<SinkSettings> settings;
  General general;
  auto done = read(sink_program(), sink_options, *settings, general, argc, argv, environment);
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

}  // namespace mq
