#include "shared/junit.hpp"
#include "shared/store.hpp"
#include "sub/options.hpp"

namespace mq {

void expectation_options(OptionRows& rows, SubSettings& settings) {
  constexpr auto group = OptionGroup::subscribe;
  rows.push_back({.name = "expect",
                  .value = "PROGRAM",
                  .group = group,
                  .repeats = true,
                  .summary = "end well once this jq program is true of a message",
                  .detail =
                      "Expect a message of which this program in jq's language makes something that is "
                      "neither false nor null, and end as soon as one has come; given several times, one "
                      "for each program. See EXPECTATIONS.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (values[0].empty())
                      return usage("an empty text is no jq program", "for any message at all: true");
                    settings.expectations.emplace_back(values[0]);
                    return {};
                  }});
  rows.push_back({.name = "expect-any",
                  .group = group,
                  .summary = "one of the programs of --expect is enough",
                  .detail = "End well as soon as one of the programs of --expect is met, not all of them.",
                  .set = store_flag(settings.expect_any)});
  rows.push_back({.name = "expect-none",
                  .group = group,
                  .summary = "end badly at the first message",
                  .detail = "Expect that no message comes until -W or --idle ends the run, and end with exit "
                            "status 9 at the first one that is shown.",
                  .set = store_flag(settings.expect_none)});
  rows.push_back({.name = "idle",
                  .value = "SECONDS",
                  .group = group,
                  .summary = "end when no message came for so long",
                  .detail =
                      "End when no message was shown for that long (a fraction is possible), counted from "
                      "the answer to the subscription or the last message.",
                  .set = store_seconds_above_0(settings.idle)});
  junit_option(rows, settings.junit);
}

Result<void> check_expectations(const SubSettings& settings) {
  if (settings.expect_any && settings.expectations.empty())
    return usage("--expect-any means nothing without --expect");
  if (settings.expect_none && !settings.expectations.empty())
    return usage("--expect and --expect-none exclude each other",
                 "choose what must not come with --jq 'select(...)'");
  if (settings.expect_none && !settings.connection.timeout && !settings.idle)
    return usage("--expect-none needs -W or --idle", "there must be an end to the waiting");
  if (settings.exit_when_subscribed && (settings.expect_none || !settings.expectations.empty()))
    return usage("-E waits for no message that could be expected");
  return {};
}

}  // namespace mq
