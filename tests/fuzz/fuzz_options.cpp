// Arbitrary bytes as an options file, and cut at NULs as a command line. Every value that is found goes to
// its row's setter; what is wrong is an error with a text, never anything else.
#include <cstdint>
#include <string>
#include <vector>

#include "shared/common_options.hpp"
#include "shared/options_file.hpp"
#include "shared/parse.hpp"

namespace {

using namespace mq;

void check(const Result<void>& result) {
  if (!result && (result.error().text.empty() || result.error().kind != ErrorKind::usage)) __builtin_trap();
}

void store(const GivenOption& option) {
  const std::vector<std::string_view> values(option.values.begin(), option.values.end());
  if (values.size() < value_count(*option.row)) __builtin_trap();
  check(option.row->set(values));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ConnectionSettings settings;
  General general;
  OptionRows rows;
  connection_options(rows, settings);
  session_options(rows, settings);
  property_option(rows, settings, {}, "connect disconnect will");
  will_options(rows, settings);
  general_options(rows, general, settings);

  const auto options = parse_options_file(text, "file", rows);
  if (!options && !options.error().text.starts_with("file:")) __builtin_trap();
  if (options) {
    for (const FileOption& one : *options) store(one.option);
  }

  std::vector<const char*> arguments;
  for (std::size_t at = 0; at < text.size();
       at = text.find('\0', at) == text.npos ? text.size() : text.find('\0', at) + 1) {
    arguments.push_back(text.c_str() + at);
  }
  const ParsedArguments parsed = parse_arguments(arguments, rows);
  for (const GivenOption& one : parsed.given) store(one);
  if (parsed.fault && parsed.fault->text.empty()) __builtin_trap();
  check(finish(settings));
  return 0;
}
