#include "report/outcome_json.hpp"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <cmath>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "report/rates.hpp"
#include "report/tally_json.hpp"
#include "shared/file.hpp"

namespace mq {
namespace {

constexpr std::string_view format_name = "mqtt-bench report";
constexpr std::uint32_t format_version = 1;

// A day's run has 86,400 intervals of some fifty parts; a part takes about a hundred bytes.
constexpr std::size_t most_report_parts = 6'000'000;
constexpr std::uint64_t largest_report = 256ULL << 20;
constexpr std::size_t most_elements = 100'000;  // of what is no series

constexpr std::array<std::string_view, 4> breaches{"lost", "duplicated", "reordered", "corrupted"};
// Kinds of errors.
constexpr std::array<std::string_view, 14> failures{"usage",   "resolve", "connect",   "tls",      "timeout",
                                                    "refused", "denied",  "malformed", "protocol", "lost",
                                                    "payload", "schema",  "io",        "threshold"};
constexpr std::array<std::string_view, 5> bounds{"none", "server", "generator", "network", "unknown"};

void add_run(const LoadOutcome& outcome, Value& report) {
  report.add("format", text_value(format_name));
  report.add("format_version", Value::number(std::uint64_t{format_version}));
  report.add("version", text_value(outcome.version));
  report.add("scenario", text_value(outcome.scenario));
  report.add("title", text_value(outcome.title));
  report.add("run", Value::number(std::uint64_t{outcome.run}));
  report.add("started", text_value(utc_text(outcome.started)));
  report.add("started_us", Value::number(outcome.started));
  report.add("measured_s", real_value(outcome.seconds));
  report.add("warm_up_s", real_value(outcome.warm_up));
  report.add("replay_s", real_value(outcome.replay_seconds));
  report.add("interrupted", Value::boolean(outcome.interrupted));
  report.add("complete", Value::boolean(outcome.complete && !outcome.failure));
  if (outcome.failure) {
    Value& failure = report.add("failure", Value::object());
    failure.add("kind", text_value(failures[static_cast<std::size_t>(outcome.failure->kind)]));
    failure.add("text", text_value(outcome.failure->text));
  } else {
    report.add("failure", Value::null());
  }
  report.add("accounted", Value::boolean(outcome.accounted));
  report.add("processes", Value::number(std::uint64_t{outcome.processes}));
  Value& shards = report.add("shards", Value::array());
  for (const Shard& shard : outcome.shards) {
    Value& item = shards.add(Value::object());
    item.add("index", Value::number(std::uint64_t{shard.index}));
    item.add("count", Value::number(std::uint64_t{shard.count}));
  }
  Value& servers = report.add("servers", Value::array());
  for (const std::string& server : outcome.servers) servers.add(text_value(server));
  Value& populations = report.add("populations", Value::array());
  for (const PopulationOutcome& population : outcome.populations) {
    Value& item = populations.add(Value::object());
    item.add("name", text_value(population.name));
    item.add("clients", Value::number(population.clients));
    item.add("connected", Value::number(population.connected));
  }
}

void add_rates(const LoadOutcome& outcome, Value& report) {
  Value& rates = report.add("rates", Value::object());
  for (const RateRow& row : rate_rows())
    rates.add(fmt::format("{}_per_s", row.name), real_value(rate(outcome, row)));
}

void add_findings(const LoadOutcome& outcome, Value& report) {
  report.add("violation_count", Value::number(outcome.violation_count));
  Value& violations = report.add("violations", Value::array());
  for (const Breach& breach : outcome.violations) {
    Value& item = violations.add(Value::object());
    item.add("kind", text_value(breaches[static_cast<std::size_t>(breach.kind)]));
    item.add("qos", Value::number(std::int64_t{breach.qos}));
    item.add("stream", Value::number(breach.stream));
    item.add("first", Value::number(breach.first));
    item.add("last", Value::number(breach.last));
    item.add("subscriber", Value::number(breach.subscriber));
  }
  Value& errors = report.add("errors", Value::array());
  for (const auto& [text, count] : outcome.errors) {
    Value& item = errors.add(Value::object());
    item.add("text", text_value(text));
    item.add("count", Value::number(count));
  }
}

void add_health(const LoadOutcome& outcome, Value& report) {
  Value& threads = report.add("threads", Value::array());
  for (const ThreadHealth& thread : outcome.threads) {
    Value& item = threads.add(Value::object());
    item.add("name", text_value(thread.name));
    item.add("cpu_s", real_value(thread.cpu_seconds));
    item.add("measured_s", real_value(thread.seconds));
    item.add("waited_s", real_value(thread.waited_seconds));
  }
  Value& clocks = report.add("clocks", Value::array());
  for (const ClockOffset& clock : outcome.clocks) {
    Value& item = clocks.add(Value::object());
    item.add("shard", Value::number(std::uint64_t{clock.shard}));
    item.add("offset_us", real_value(clock.microseconds));
    item.add("uncertainty_us", real_value(clock.uncertainty));
  }
  report.add("ceiling_per_s", outcome.ceiling ? real_value(*outcome.ceiling) : Value::null());
  Value& limit = report.add("limit", Value::object());
  limit.add("bound", text_value(bounds[static_cast<std::size_t>(outcome.limit.bound)]));
  limit.add("why", text_value(outcome.limit.why));
  Value& notes = report.add("notes", Value::array());
  for (const std::string& note : outcome.notes) notes.add(text_value(note));
}

void take_texts(Members& members, std::string_view name, std::vector<std::string>& to) {
  const std::vector<Value>* items = members.array(name, most_elements);
  if (items == nullptr) return;
  for (const Value& item : *items) {
    if (item.kind != Value::Kind::text) return members.refuse(name, "has an element that is no text");
    to.push_back(item.text);
  }
}

void take_run(Members& members, LoadOutcome& outcome) {
  members.get("version", outcome.version);
  members.get("scenario", outcome.scenario);
  members.get("title", outcome.title);
  members.get("run", outcome.run);
  members.get("started_us", outcome.started);
  members.get("measured_s", outcome.seconds);
  members.get("warm_up_s", outcome.warm_up);
  if (members.has("replay_s")) members.get("replay_s", outcome.replay_seconds);
  constexpr std::int64_t last = 7'258'118'399'000'000;  // of the year 2199: as nanoseconds it has room, too
  if (outcome.started < 0 || outcome.started > last)
    members.refuse("started_us", "is outside of 1970 to 2199");
  if (outcome.seconds < 0) members.refuse("measured_s", "is less than 0");
  if (outcome.warm_up < 0) members.refuse("warm_up_s", "is less than 0");
  if (outcome.replay_seconds < 0) members.refuse("replay_s", "is less than 0");
  members.get("interrupted", outcome.interrupted);
  if (members.has("complete")) members.get("complete", outcome.complete);
  if (members.has_value("failure")) {
    Members failure = members.object("failure");
    Error& error = outcome.failure.emplace();
    std::size_t kind = 0;
    failure.get("kind", failures, kind);
    failure.get("text", error.text);
    error.kind = static_cast<ErrorKind>(kind);
    // Of an outcome it says that of its processes alone.
    outcome.complete = error.kind != ErrorKind::io;
  }
  members.get("accounted", outcome.accounted);
  members.get("processes", outcome.processes);
  members.each("shards", most_elements, [&outcome](Members& item) {
    Shard& shard = outcome.shards.emplace_back();
    item.get("index", shard.index);
    item.get("count", shard.count);
    if (item.good() && shard.index >= shard.count) item.refuse("index", "is not below its count");
  });
  take_texts(members, "servers", outcome.servers);
  members.each("populations", most_elements, [&outcome](Members& item) {
    PopulationOutcome& population = outcome.populations.emplace_back();
    item.get("name", population.name);
    item.get("clients", population.clients);
    item.get("connected", population.connected);
  });
}

void take_findings(Members& members, LoadOutcome& outcome) {
  members.get("violation_count", outcome.violation_count);
  members.each("violations", most_elements, [&outcome](Members& item) {
    Breach& breach = outcome.violations.emplace_back();
    std::size_t kind = 0;
    item.get("kind", breaches, kind);
    breach.kind = static_cast<Breach::Kind>(kind);
    item.get("qos", breach.qos);
    if (breach.qos < 0 || breach.qos > 2) item.refuse("qos", "is none of 0, 1 and 2");
    item.get("stream", breach.stream);
    item.get("first", breach.first);
    item.get("last", breach.last);
    item.get("subscriber", breach.subscriber);
  });
  members.each("errors", most_elements, [&outcome](Members& item) {
    std::string text;
    std::uint64_t count = 0;
    item.get("text", text);
    item.get("count", count);
    outcome.errors[text] += count;
  });
}

void take_health(Members& members, LoadOutcome& outcome) {
  members.each("threads", most_elements, [&outcome](Members& item) {
    ThreadHealth& thread = outcome.threads.emplace_back();
    item.get("name", thread.name);
    item.get("cpu_s", thread.cpu_seconds);
    item.get("measured_s", thread.seconds);
    if (item.has("waited_s")) item.get("waited_s", thread.waited_seconds);
  });
  members.each("clocks", most_elements, [&outcome](Members& item) {
    ClockOffset& clock = outcome.clocks.emplace_back();
    item.get("shard", clock.shard);
    item.get("offset_us", clock.microseconds);
    item.get("uncertainty_us", clock.uncertainty);
  });
  if (members.has_value("ceiling_per_s")) members.get("ceiling_per_s", outcome.ceiling.emplace());
  Members limit = members.object("limit");
  std::size_t bound = 0;
  limit.get("bound", bounds, bound);
  outcome.limit.bound = static_cast<Bound>(bound);
  limit.get("why", outcome.limit.why);
  take_texts(members, "notes", outcome.notes);
}

Result<void> check_format(Members& members) {
  std::string format;
  std::uint32_t version = 0;
  if (members.has("format")) members.get("format", format);
  if (format != format_name) return fail(ErrorKind::payload, "this is no report of mqtt-bench");
  members.get("format_version", version);
  if (members.good() && version > format_version)
    return fail(ErrorKind::payload,
                fmt::format("this report has format {}, and this version knows formats up to {}", version,
                            format_version),
                0, "a later version of the toolkit wrote it");
  return {};
}

}  // namespace

std::span<const std::string_view> breach_words() { return breaches; }
std::span<const std::string_view> bound_words() { return bounds; }

std::string utc_text(std::int64_t microseconds) {
  const std::chrono::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds(microseconds)};
  const auto second = std::chrono::floor<std::chrono::seconds>(moment);
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

// The parts that are long have a line for each element, the rest one for each part.
void append_outcome(const LoadOutcome& outcome, Buffer& out) {
  Value report = Value::object();
  add_run(outcome, report);
  add_rates(outcome, report);
  add_tally(outcome.tally, Detail::everything, report);
  add_tally(outcome.outside, Detail::buckets, report.add("outside_measured", Value::object()));
  add_findings(outcome, report);
  add_health(outcome, report);
  out += '{';
  for (const Value& member : report.items) {
    out += "\n  \"";
    out += member.name;  // ours, which need no escapes
    out += "\": ";
    append_json(member, out);
    out += ',';
  }
  out += "\n  \"series\": [";
  bool first = true;
  for (const Interval& interval : outcome.series) {
    out += first ? "\n    " : ",\n    ";
    first = false;
    append_json(interval_value(interval), out);
  }
  out += first ? "]\n}\n" : "\n  ]\n}\n";
}

Result<LoadOutcome> parse_outcome(Bytes json) {
  const auto report = parse_json(json, most_report_parts);
  if (!report) return std::unexpected(report.error());
  std::string wrong;
  Members members(*report, wrong);
  if (auto known = check_format(members); !known) return std::unexpected(known.error());
  LoadOutcome outcome;
  take_run(members, outcome);
  take_tally(members, outcome.tally);
  Members outside = members.object("outside_measured");
  take_tally(outside, outcome.outside);
  take_findings(members, outcome);
  take_health(members, outcome);
  members.each("series", most_report_parts,
               [&outcome](Members& item) { take_interval(item, outcome.series.emplace_back()); });
  if (!members.good()) return fail(ErrorKind::payload, "the report is broken: " + wrong);
  return outcome;
}

Result<LoadOutcome> read_outcome(const std::string& path) {
  const auto text = read_file(path, largest_report);
  if (!text) return std::unexpected(text.error());
  auto outcome = parse_outcome(*text);
  if (!outcome) outcome.error().text = fmt::format("{}: {}", quoted(path), outcome.error().text);
  return outcome;
}

}  // namespace mq
