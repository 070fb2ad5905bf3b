#include <fmt/core.h>
#include <unistd.h>

#include <utility>

#include "input/settings.hpp"
#include "shared/file.hpp"
#include "shared/store.hpp"
#include "shared/watchdog.hpp"
#include "wire/frame.hpp"

namespace mq {
namespace {

using WayIn = InputSettings::Source;

Result<void> store_line_format(InputSettings& settings, std::string_view text) {
  auto format = LineFormat::compile(text);
  if (!format) return std::unexpected(std::move(format.error()));
  settings.line_format = std::move(*format);
  return {};
}

Result<void> store_input(InputSettings& settings, std::string_view text) {
  if (!has_word("text json", text)) return usage(fmt::format("{} is neither text nor json", quoted(text)));
  settings.json_input = text == "json";
  return {};
}

Result<void> store_compression(std::optional<Compression>& compress, std::string_view text) {
  compress = find_compression(text);
  if (!compress) return usage(fmt::format("{} is none of gzip, deflate, zstd", quoted(text)));
  return {};
}

}  // namespace

void line_options(OptionRows& rows, InputSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back({.name = "line-format",
                  .value = "FORMAT",
                  .group = group,
                  .summary = "what lines hold, e.g. '%t %p'",
                  .detail = "With -l, what each line holds: %t is the topic, %p the payload, %q the QoS, %r "
                            "whether it is retained (0 or 1). See LINES.",
                  .set = one_value(settings, store_line_format)});
  rows.push_back({.name = "input",
                  .value = "FORMAT",
                  .group = group,
                  .default_text = "text",
                  .choices = "text json",
                  .summary = "lines as text, or as JSON objects",
                  .detail = "With -l, what lines are: text, or JSON objects as mqtt-sub --output json writes "
                            "them, with the topic and all else that belongs to the message. See LINES.",
                  .set = one_value(settings, store_input)});
}

void compress_option(OptionRows& rows, std::optional<Compression>& compress) {
  rows.push_back({.name = "compress",
                  .value = "HOW",
                  .group = OptionGroup::payload,
                  .choices = "gzip deflate zstd",
                  .summary = "compress payloads",
                  .detail =
                      "Compress each payload after it was brought into its format: gzip, deflate (zlib), "
                      "or zstd. Subscribers of this kit read gzip and zstd by themselves.",
                  .set = one_value(compress, store_compression)});
}

void composing_options(OptionRows& rows, std::optional<Compression>& compress, bool& skip_invalid) {
  compress_option(rows, compress);
  rows.push_back(
      {.name = "on-invalid",
       .value = "WHAT",
       .group = OptionGroup::payload,
       .default_text = "stop",
       .choices = "stop skip",
       .summary = "what to do about a line that can't be sent",
       .detail = "What to do about a line that can't be read, that its format can't hold, that breaks its "
                 "schema or that is refused otherwise: stop, or skip it. Either way it is told with its "
                 "number, and the exit status tells.",
       .set = [&skip_invalid](OptionValues values) -> Result<void> {
         if (!has_word("stop skip", values[0]))
           return usage(fmt::format("{} is neither stop nor skip", quoted(values[0])));
         skip_invalid = values[0] == "skip";
         return {};
       }});
}

Result<void> finish_lines(const InputSettings& settings) {
  if ((settings.json_input || settings.line_format) && settings.source != WayIn::lines)
    return usage(fmt::format("--{} is about lines", settings.json_input ? "input json" : "line-format"),
                 "read them with -l");
  if (settings.json_input && settings.line_format)
    return usage("--line-format does not go with --input json", "a JSON object says itself what it holds");
  return {};
}

Result<void> choose_source(InputSettings& settings, WayIn source, std::string_view others) {
  // A template that each line goes into, if it is one.
  const bool has_message = settings.source == WayIn::message || source == WayIn::message;
  if (has_message && (settings.source == WayIn::lines || source == WayIn::lines)) {
    settings.source = WayIn::lines;
    settings.line_in_message = true;
    return {};
  }
  if (settings.source != WayIn::none && settings.source != source)
    return usage("there is another source of messages already", fmt::format("give one of {}", others));
  settings.source = source;
  return {};
}

OptionSetter store_message(InputSettings& settings, std::string_view others) {
  return [&settings, others](OptionValues values) -> Result<void> {
    settings.message = Buffer(values[0]);
    return choose_source(settings, WayIn::message, others);
  };
}

OptionSetter store_message_file(InputSettings& settings, std::string_view others) {
  return [&settings, others](OptionValues values) -> Result<void> {
    if (auto stored = store_path(settings.file)(values); !stored) return stored;
    return choose_source(settings, WayIn::file, others);
  };
}

OptionSetter store_source(InputSettings& settings, WayIn source, std::string_view others) {
  return [&settings, source, others](OptionValues) { return choose_source(settings, source, others); };
}

Result<Buffer> read_message(InputSettings& settings) {
  Watchdog::waits_for("the payload has not come to its end");
  switch (settings.source) {
    case WayIn::message:
    case WayIn::lines:
      return std::move(settings.message);
    case WayIn::file:
      return read_file(settings.file, max_variable_integer);
    case WayIn::whole_stdin:
      return read_all(STDIN_FILENO, "standard input", max_variable_integer);
    default:
      return Buffer();
  }
}

}  // namespace mq
