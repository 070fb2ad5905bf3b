#include <fmt/core.h>

#include "pub/rows.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

using WayIn = PubSettings::Source;

Result<void> store_speed(PubSettings& settings, std::string_view text) {
  const std::optional<double> speed = text == "max" ? 0.0 : parse_number<double>(text);
  if (text != "max" && !(speed && *speed >= 1e-6 && *speed <= 1e9))
    return usage(fmt::format("{} is neither a factor above 0 nor max", quoted(text)));
  settings.speed = speed;
  return {};
}

Result<void> add_map(PubSettings& settings, std::string_view text) { return settings.map.add(text); }

}  // namespace

void input_rows(OptionRows& rows, PubSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  line_options(rows, settings);
  rows.push_back(
      {.letter = '0',
       .name = "null",
       .group = group,
       .summary = "lines end with a NUL byte",
       .detail = "With -l and --replay, lines end with a NUL byte, so that they can hold newlines.",
       .set = [&settings](OptionValues) -> Result<void> {
         settings.delimiter = '\0';
         return {};
       }});
  rows.push_back(
      {.name = "delimiter",
       .value = "BYTE",
       .group = group,
       .default_text = "\\n",
       .summary = "byte that lines end with",
       .detail = "With -l and --replay, the byte that lines end with: itself, or written \\n, \\r, \\t, \\0, "
                 "\\\\ or \\xHH.",
       .set = store_delimiter(settings.delimiter)});
  rows.push_back({.name = "replay",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .summary = "publish what mqtt-sub --output json recorded",
                  .detail = "Publish what mqtt-sub --output json has written to this file, - for standard "
                            "input, with the pauses that it came with. See RECORDING AND REPLAY.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (auto stored = store_path(settings.replay)(values); !stored) return stored;
                    return choose_source(settings, WayIn::replay);
                  }});
  rows.push_back({.name = "speed",
                  .value = "FACTOR",
                  .group = group,
                  .default_text = "1",
                  .summary = "replay that much faster; max: without pauses",
                  .detail = "Replay so many times as fast as it was recorded, fractions allowed; max leaves "
                            "all pauses out.",
                  .set = one_value(settings, store_speed)});
  rows.push_back({.name = "map",
                  .value = "RULE",
                  .group = group,
                  .repeats = true,
                  .summary = "change topics, e.g. 'old/#=new/#'",
                  .detail = "Change the topics that messages bring with them by a rule OLD=NEW: what the "
                            "wildcards of OLD take "
                            "in is put where NEW has them. The first rule that matches decides; other topics "
                            "stay.",
                  .set = one_value(settings, add_map)});
  composing_options(rows, settings.compress, settings.skip_invalid);
}

}  // namespace mq
