#include <fmt/core.h>

#include "shared/output_settings.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr ChoiceRow<OutputSettings::Show> show_choices[] = {{"auto", OutputSettings::Show::automatic},
                                                            {"json", OutputSettings::Show::json},
                                                            {"native", OutputSettings::Show::native}};
constexpr ChoiceRow<OutputSettings::Colour> colour_choices[] = {{"auto", OutputSettings::Colour::automatic},
                                                                {"always", OutputSettings::Colour::always},
                                                                {"never", OutputSettings::Colour::never}};

constexpr ChoiceRow<OutputSettings::Output> output_choices[] = {{"text", OutputSettings::Output::text},
                                                                {"json", OutputSettings::Output::json}};

}  // namespace

void layout_options(OptionRows& rows, OutputSettings& settings) {
  constexpr auto group = OptionGroup::output;
  rows.push_back({.letter = 'v',
                  .name = "verbose",
                  .group = group,
                  .summary = "show the topic before the payload",
                  .detail = "Show each message as its topic, a space and its payload. -F goes before it.",
                  .set = store_flag(settings.verbose)});
  rows.push_back({.letter = 'F',
                  .name = "output-format",
                  .value = "FORMAT",
                  .group = group,
                  .summary = "how to show a message, e.g. '%I %t %p'",
                  .detail = "How to show a message; see OUTPUT FORMAT.",
                  .set = store_bytes(settings.format)});
  rows.push_back({.letter = 'N',
                  .name = "no-newline",
                  .group = group,
                  .summary = "no newline after a message",
                  .detail = "Do not put a newline after each message.",
                  .set = store_flag(settings.no_newline)});
  rows.push_back({.letter = '0',
                  .name = "null",
                  .group = group,
                  .summary = "a NUL byte after a message, for xargs -0",
                  .detail = "Put a NUL byte, not a newline, after each message: payloads may hold newlines.",
                  .set = [&settings](OptionValues) -> Result<void> {
                    settings.delimiter = '\0';
                    return {};
                  }});
  rows.push_back({.name = "delimiter",
                  .value = "C",
                  .group = group,
                  .default_text = "\\n",
                  .summary = "the byte after a message",
                  .detail =
                      "Put this byte, not a newline, after each message: itself, or written \\n, \\r, \\t, "
                      "\\0, \\\\ or \\xHH.",
                  .set = store_delimiter(settings.delimiter)});
  rows.push_back({.name = "pretty",
                  .group = group,
                  .summary = "spread JSON over several lines",
                  .detail =
                      "Spread the JSON of %j, %J and decoded payloads over several indented lines. On a "
                      "terminal decoded payloads always are.",
                  .set = store_flag(settings.pretty)});
}

void decoding_options(OptionRows& rows, OutputSettings& settings) {
  rows.push_back({.name = "output",
                  .value = "FORMAT",
                  .group = OptionGroup::output,
                  .default_text = "text",
                  .choices = "text json",
                  .summary = "messages as text, or as JSON objects, one a line",
                  .detail =
                      "How messages are written: as text, or each as a JSON object on a line of its own with "
                      "everything that belongs to it, whatever its payload; see JQ for its members.",
                  .set = store_choice(settings.output, output_choices)});
  rows.push_back({.name = "show",
                  .value = "HOW",
                  .group = OptionGroup::output,
                  .default_text = "auto",
                  .choices = "auto json native",
                  .summary = "decoded payloads as JSON or in their own notation",
                  .detail =
                      "How decoded payloads are shown: as JSON, or in the format's own notation, such as "
                      "CBOR's diagnostic notation, the text format of Protocol Buffers, or a table of "
                      "Sparkplug metrics. \"auto\" is native on a terminal, JSON elsewhere.",
                  .set = store_choice(settings.show, show_choices)});
  rows.push_back({.name = "color",
                  .aliases = "colour",
                  .value = "WHEN",
                  .group = OptionGroup::output,
                  .default_text = "auto",
                  .choices = "auto always never",
                  .summary = "colour in decoded payloads",
                  .detail =
                      "Whether decoded payloads are coloured; \"auto\" is on a terminal, unless NO_COLOR "
                      "is set.",
                  .set = store_choice(settings.colour, colour_choices)});
  rows.push_back({.name = "jq",
                  .value = "PROGRAM",
                  .group = OptionGroup::output,
                  .summary = "show what a jq program makes of each message",
                  .detail =
                      "Show what this program in jq's language makes of each message, one result a line, "
                      "text without quotes; see JQ. Messages of which it makes nothing are not counted by "
                      "-C. A number that jq can't hold exactly is an error unless it is only passed on.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (values[0].empty())
                      return usage("an empty text is no jq program", "to show all of a message: .");
                    settings.jq = values[0];
                    return {};
                  }});
}

Result<void> finish_output(const OutputSettings& settings) {
  if (settings.no_newline && settings.delimiter != '\n')
    return usage("-N goes neither with -0 nor with --delimiter");
  if (!settings.jq.empty() && settings.format)
    return usage("--jq and -F exclude each other",
                 "let the program make the line: '\"\\(.topic) \\(.payload)\"'");
  if (settings.output == OutputSettings::Output::json && (settings.format || !settings.jq.empty()))
    return usage("--output json goes neither with -F nor with --jq");
  if (settings.output == OutputSettings::Output::json && (settings.no_newline || settings.pretty))
    return usage("--output json writes one object a line", "leave -N and --pretty out; jq . lays it out");
  return {};
}

Result<Format> format_of(const OutputSettings& settings, bool answers) {
  const FormatStyle style{.newline = !settings.no_newline,
                          .end = settings.delimiter,
                          .pretty = settings.pretty,
                          .answers = answers};
  if (settings.format) return Format::compile(*settings.format, style);
  if (settings.payload.reader.validate) return Format::verdicts(style);
  return settings.verbose ? Format::topics_and_payloads(style) : Format::payloads(style);
}

}  // namespace mq
