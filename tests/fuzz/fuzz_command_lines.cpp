// Arbitrary bytes, cut at NULs, as the command line of each program and of the drop-in; the first byte
// chooses which. Every value goes to its row's setter, and what holds for all together is checked; what is
// wrong is an error with a text.
#include <cstdint>
#include <string>
#include <vector>

#include "bench/bench_options.hpp"
#include "bridge/options.hpp"
#include "drop_in/given.hpp"
#include "drop_in/message_rows.hpp"
#include "drop_in/output_rows.hpp"
#include "pub/options.hpp"
#include "rr/options.hpp"
#include "rr/ping_options.hpp"
#include "rr/serve_options.hpp"
#include "shared/parse.hpp"
#include "sub/options.hpp"

namespace {

using namespace mq;
using Arguments = std::vector<const char*>;

const char* nothing(const char* /*name*/) { return nullptr; }

void check(const Error& error) {
  if (error.text.empty() || error.kind != ErrorKind::usage) __builtin_trap();
}

// The rows alone: nothing is opened.
void store(const Arguments& arguments, const OptionRows& rows) {
  const ParsedArguments parsed = parse_arguments(arguments, rows, true);
  if (parsed.fault) check(*parsed.fault);
  for (const GivenOption& one : parsed.given) {
    const std::vector<std::string_view> values(one.values.begin(), one.values.end());
    if (const auto stored = one.row->set(values); !stored) check(stored.error());
  }
}

bool reads_files(const Arguments& arguments, const OptionRows& rows) {
  for (const GivenOption& one : parse_arguments(arguments, rows, true).given)
    if (one.row->name == "options-file" || one.row->name == "profile") return true;
  return false;
}

template <class Settings, class Rows, class Parse>
void whole(Arguments arguments, Rows rows_of, Parse parse) {
  Settings settings;
  General general;
  const OptionRows rows = rows_of(settings, general);
  store(arguments, rows);
  if (reads_files(arguments, rows)) return;
  arguments.insert(arguments.begin(), "program");
  if (const auto done = parse(static_cast<int>(arguments.size()), arguments.data(), nothing); !done)
    check(done.error());
}

template <class Settings>
void rows_alone(const Arguments& arguments, OptionRows (*rows_of)(Settings&, General&)) {
  Settings settings;
  General general;
  store(arguments, rows_of(settings, general));
}

void command(Arguments arguments, const Program& program, auto parse) {
  if (reads_files(arguments, program.rows())) return;
  arguments.insert(arguments.begin(), "program");
  if (const auto done = parse(static_cast<int>(arguments.size()), arguments.data(), nothing); !done)
    check(done.error());
}

void bench(const Arguments& arguments, std::size_t which) {
  const LoadCommand& load = load_commands()[which % load_commands().size()];
  whole<LoadSettings>(
      arguments,
      [&](LoadSettings& settings, General& general) { return load_options(load, settings, general); },
      [&](int count, const char* const* words, const Environment& environment) {
        return parse_load(load, count, words, environment);
      });
}

void drop_in(Arguments arguments, std::size_t which) {
  for (const char*& word : arguments)
    if (std::string_view(word) == "-o") word = "-d";  // it names a file
  ConnectionSettings connection;
  DropInGiven given{.role = static_cast<DropInRole>(which % 3), .connection = connection};
  PropertyList properties;
  DropInMessage message;
  DropInOutput output;
  DropInRows rows =
      connection_rows(given, {{"publish", properties}}, [](std::string_view topic, std::string_view option) {
        return check_publish_topic(topic, option, "publish");
      });
  message_rows(rows, message);
  line_row(rows, message);
  output_rows(rows, output);
  const auto ask = read_drop_in(rows, "mosquitto_pub", arguments, nothing);
  if (!ask) return check(ask.error());
  if (const auto right = check_drop_in(given); !right) check(right.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  Arguments arguments;
  for (std::size_t at = 0; at < text.size(); at = text.find('\0', at) + 1) {
    arguments.push_back(text.c_str() + at);
    if (text.find('\0', at) == text.npos) break;
  }
  const std::size_t more = data[0] / 10;
  switch (data[0] % 10) {
    case 0:
      whole<PubSettings>(arguments, pub_options, parse_pub);
      break;
    case 1:
      whole<SubSettings>(arguments, sub_options, parse_sub);
      break;
    case 2:
      whole<RrSettings>(arguments, rr_options, parse_rr);
      break;
    case 3:
      command(arguments, ping_program(), parse_ping);
      break;
    case 4:
      command(arguments, serve_program(), parse_serve);
      break;
    case 5:
      bench(arguments, more);
      break;
    case 6:
      rows_alone(arguments, run_options);
      rows_alone(arguments, sink_options);
      break;
    case 7:
      rows_alone(arguments, compare_options);
      rows_alone(arguments, report_options);
      break;
    case 8:
      rows_alone(arguments, bridge_options);
      break;
    default:
      drop_in(arguments, more);
      break;
  }
  return 0;
}
