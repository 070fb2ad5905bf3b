#include <fmt/core.h>

#include <cmath>

#include "pub/rows.hpp"
#include "shared/quantities.hpp"
#include "shared/store.hpp"
#include "wire/frame.hpp"

namespace mq {
namespace {

using Source = PubSettings::Source;

Result<void> store_size(PubSettings& settings, std::string_view text) {
  const auto size = parse_size(text);
  if (!size || *size > max_variable_integer)
    return usage(fmt::format("{} is no size from 0 to {} bytes", quoted(text), max_variable_integer));
  settings.size = *size;
  return choose_source(settings, Source::random);
}

// Words between commas.
Result<void> store_lint(PubSettings& settings, std::string_view text) {
  using Lint = PubSettings::Lint;
  settings.lint = Lint::warn;
  settings.lint_payload = false;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    if (word == "off")
      settings.lint = Lint::off;
    else if (word == "warn")
      settings.lint = Lint::warn;
    else if (word == "error")
      settings.lint = Lint::error;
    else if (word == "payload")
      settings.lint_payload = true;
    else
      return usage(fmt::format("{} is none of off, warn, error, payload", quoted(word)));
    if (comma == text.npos) return {};
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

void making_rows(OptionRows& rows, PubSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back({.name = "repeat",
                  .value = "N",
                  .group = group,
                  .default_text = "1",
                  .summary = "publish the message N times",
                  .detail =
                      "Publish the message of -m, -f, -s, -n or --size, or the recording of --replay, that "
                      "many times.",
                  .set = store_number<std::uint64_t>(settings.repeat, 1)});
  rows.push_back({.name = "repeat-delay",
                  .value = "SECONDS",
                  .group = group,
                  .default_text = "0",
                  .summary = "pause between the repetitions",
                  .detail = "Seconds to wait before each repetition, fractions allowed.",
                  .set = store_seconds(settings.repeat_delay)});
  rows.push_back({.name = "rate",
                  .value = "N",
                  .group = group,
                  .summary = "publish N messages a second",
                  .detail =
                      "Messages a second, fractions allowed, for repetitions and lines. What is held up "
                      "is not made up for, beyond a tenth of a second.",
                  .set = store_rate(settings.every)});
  rows.push_back({.name = "template",
                  .group = group,
                  .summary = "fill in {count}, {time} and the like",
                  .detail = "Fill in what stands in braces in payloads and topics; see TEMPLATES.",
                  .set = store_flag(settings.templates)});
  rows.push_back({.name = "size",
                  .value = "BYTES",
                  .group = group,
                  .summary = "publish random payloads of that size",
                  .detail =
                      "Publish a message of that many random bytes, each repetition another; k, M and G "
                      "behind the number are powers of 1024.",
                  .set = one_value(settings, store_size)});
  rows.push_back({.name = "seed",
                  .value = "N",
                  .group = group,
                  .summary = "the same random numbers in every run",
                  .detail = "Have --size, {random} and {uuid} come out the same in every run with that seed.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    std::uint64_t seed = 0;
                    if (auto stored = store_number<std::uint64_t>(seed)(values); !stored) return stored;
                    settings.seed = seed;
                    return {};
                  }});
  rows.push_back(
      {.name = "lint",
       .value = "WHAT",
       .group = group,
       .default_text = "warn",
       .choices = "off warn error payload",
       .summary = "what to do about topics that are rarely meant",
       .detail = "What to do about topics that are allowed but rarely meant: off, warn (once for each "
                 "kind) or error; payload also looks at JSON payloads. Words go with commas between them: "
                 "error,payload. See LINT.",
       .set = one_value(settings, store_lint)});
}

}  // namespace mq
