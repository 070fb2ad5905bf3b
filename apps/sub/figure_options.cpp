#include <fmt/core.h>

#include "shared/store.hpp"
#include "sub/options.hpp"

namespace mq {
namespace {

// What is for messages, of what was given; "": nothing.
std::string_view first_for_messages(const SubSettings& settings) {
  const struct {
    bool given;
    std::string_view name;
  } options[] = {{!settings.filters_out.empty(), "-T"},
                 {settings.count > 0, "-C"},
                 {settings.exit_when_subscribed, "-E"},
                 {settings.hide_retained, "-R"},
                 {settings.retained_only, "--retained-only"},
                 {settings.remove_retained, "--remove-retained"},
                 {settings.format.has_value(), "-F"},
                 {settings.no_newline, "-N"},
                 {settings.delimiter != '\n', "-0 or --delimiter"},
                 {!settings.jq.empty(), "--jq"},
                 {!settings.exec.empty(), "--exec"},
                 {!settings.expectations.empty(), "--expect"},
                 {settings.expect_any, "--expect-any"},
                 {settings.expect_none, "--expect-none"},
                 {settings.idle.has_value(), "--idle"},
                 {!settings.junit.empty(), "--junit"}};
  for (const auto& option : options)
    if (option.given) return option.name;
  if (settings.payload.needs_reading) return *settings.payload.needs_reading;
  return settings.payload.asked() ? "--format" : "";
}

}  // namespace

void figure_options(OptionRows& rows, SubSettings& settings) {
  constexpr auto group = OptionGroup::output;
  rows.push_back({.name = "sys",
                  .group = group,
                  .summary = "show the server's own figures as a table",
                  .detail = "Show what the server tells of itself below $SYS as a table, and end. See SERVER "
                            "FIGURES.",
                  .set = store_flag(settings.sys)});
  rows.push_back({.name = "interval",
                  .value = "SECONDS",
                  .group = group,
                  .summary = "show the table of --sys so often",
                  .detail = "Show the table of --sys again and again, after so many seconds each time.",
                  .set = store_seconds_above_0(settings.interval)});
}

Result<void> finish_figures(SubSettings& settings) {
  if (!settings.sys)
    return settings.interval ? usage("--interval means nothing without --sys") : Result<void>();
  if (!settings.filters.empty() || !settings.unsubscribes.empty())
    return usage("--sys subscribes by itself: it goes neither with -t nor with -U");
  if (const std::string_view option = first_for_messages(settings); !option.empty())
    return usage(fmt::format("--sys does not go with {}, which is for messages", option));
  settings.filters = {"$SYS/#"};
  return {};
}

}  // namespace mq
