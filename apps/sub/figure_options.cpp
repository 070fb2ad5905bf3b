#include "shared/store.hpp"
#include "sub/options.hpp"

namespace mq {

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
  if (!settings.exec.empty() || !settings.jq.empty() || settings.format || !settings.expectations.empty() ||
      settings.expect_none || settings.idle || settings.count > 0 || !settings.junit.empty())
    return usage("--sys goes with none of -C, -F, --exec, --expect, --expect-none, --idle, --jq and --junit");
  settings.filters = {"$SYS/#"};
  return {};
}

}  // namespace mq
