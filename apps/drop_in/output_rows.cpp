#include "drop_in/output_rows.hpp"

#include <fmt/core.h>

#include <chrono>

namespace mq {
namespace {

constexpr std::string_view separators = "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~ ";
constexpr std::string_view tokens = "%ACDEFIlmPpqRSrtjJUxXfd";
constexpr std::string_view escapes = "\\0aenrtv";

// Walks over a format as mosquitto does, which tells a cut off token from a wrong one.
class FormatWalk {
 public:
  explicit FormatWalk(std::string_view rest) : rest_(rest) {}

  Result<void> run() {
    while (!rest_.empty()) {
      const char mark = take();
      if (mark == '%') {
        if (auto right = token(); !right) return right;
      } else if (mark == '@') {
        if (rest_.empty()) return cut_off("format");
        take();
      } else if (mark == '\\') {
        if (rest_.empty()) return cut_off("escape");
        if (const char letter = take(); !escapes.contains(letter)) return wrong("escape", letter);
      }
    }
    return {};
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  bool take_any(std::string_view of) {
    if (rest_.empty() || !of.contains(rest_.front())) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void take_digits() {
    while (take_any("0123456789")) {
    }
  }

  Result<void> token() {
    take_any("0-");
    take_digits();
    if (take_any(".")) take_digits();
    if (rest_.size() > 1) take_any(separators);
    if (rest_.empty()) return cut_off("format");
    if (const char letter = take(); !tokens.contains(letter)) return wrong("format", letter);
    return {};
  }

  static std::unexpected<Error> cut_off(std::string_view what) {
    return complaint(fmt::format("Error: Incomplete {} specifier.", what));
  }
  static std::unexpected<Error> wrong(std::string_view what, char letter) {
    return complaint(fmt::format("Error: Invalid {} specifier '{}'.", what, letter));
  }

  std::string_view rest_;
};

Result<void> store_handling(DropInOutput& output, std::string_view value) {
  if (value == "always")
    output.retain_handling = RetainHandling::always;
  else if (value == "new")
    output.retain_handling = RetainHandling::new_only;
  else if (value == "never")
    output.retain_handling = RetainHandling::never;
  else
    return complaint(fmt::format("Error: Unknown value '{}' for --retain-handling.\n", value));
  return {};
}

void retained_rows(DropInRows& rows, DropInOutput& output) {
  rows.push_back({.letter = "-R",
                  .summary = "do not show retained messages",
                  .set = [&output](std::string_view) -> Result<void> {
                    output.hide_retained = true;
                    output.retain_handling = RetainHandling::never;
                    return {};
                  }});
  rows.push_back({.name = "--retain-as-published",
                  .summary = "have retain as the publisher set it",
                  .set = raise(output.retain_as_published)});
  rows.push_back({.name = "--retain-handling",
                  .value = "when",
                  .lacking = "--retain-handling argument given but no option specified.",
                  .summary = "when retained messages are to come: always, new or never",
                  .set = [&output](std::string_view value) { return store_handling(output, value); }});
}

}  // namespace

void output_rows(DropInRows& rows, DropInOutput& output) {
  rows.push_back({.letter = "-F",
                  .value = "format",
                  .lacking = "-F argument given but no format specified.",
                  .summary = "what to print of a message",
                  .set = [&output](std::string_view value) {
                    output.format = std::string(value);
                    return check_drop_in_format(value);
                  }});
  rows.push_back(
      {.letter = "-v", .name = "--verbose", .summary = "print topics too", .set = raise(output.verbose)});
  rows.push_back({.letter = "-N", .summary = "no newline behind a message", .set = raise(output.no_newline)});
  rows.push_back(
      {.name = "--pretty", .summary = "JSON of %j and %J over several lines", .set = raise(output.pretty)});
  retained_rows(rows, output);
  rows.push_back({.letter = "-W",
                  .value = "seconds",
                  .lacking = "-W argument given but no timeout specified.",
                  .summary = "end after so many seconds",
                  .set = [&output](std::string_view value) -> Result<void> {
                    const long seconds = c_number(value);
                    if (seconds < 1)
                      return complaint(fmt::format("Error: Invalid timeout \"{}\".\n", seconds));
                    output.timeout = std::chrono::seconds(seconds);
                    return {};
                  }});
}

Result<void> check_drop_in_format(std::string_view format) { return FormatWalk(format).run(); }

Result<Format> drop_in_format(const DropInOutput& output) {
  FormatStyle style{
      .newline = !output.no_newline, .pretty = output.pretty, .dialect = FormatStyle::Dialect::mosquitto};
  if (output.format) return Format::compile(*output.format, style);
  if (!output.verbose) return Format::payloads(style);
  return Format::topics_and_payloads(style);
}

}  // namespace mq
