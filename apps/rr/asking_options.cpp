#include "rr/asking_options.hpp"

#include <fmt/core.h>

#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::uint32_t most_at_once = 60'000;

Result<void> store_replies(RrSettings& settings, std::string_view text) {
  if (text == "all") {
    settings.replies = 0;
    return {};
  }
  const auto number = parse_number<std::uint64_t>(text);
  if (!number || *number == 0)
    return usage(fmt::format("{} is neither a number from 1 nor all", quoted(text)));
  settings.replies = *number;
  return {};
}

Result<void> store_retry_id(RrSettings& settings, std::string_view text) {
  if (!has_word("new same", text)) return usage(fmt::format("{} is neither new nor same", quoted(text)));
  settings.same_id = text == "same";
  return {};
}

void retry_rows(OptionRows& rows, RrSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back(
      {.name = "answer-timeout",
       .value = "SECONDS",
       .group = group,
       .default_text = "30",
       .summary = "how long to wait for an answer",
       .detail = "Seconds to wait for the answer to each request, and with --request-retries to each try; "
                 "fractions allowed. Of one request with -W and --request-retries, each try has its share of "
                 "-W unless this is given.",
       .set = store_seconds_above_0(settings.answer_timeout)});
  rows.push_back({.name = "request-retries",
                  .value = "N",
                  .group = group,
                  .default_text = "0",
                  .summary = "send a request again that got no answer",
                  .detail = "How many more times to send a request that got no answer in time, or whose "
                            "connection was lost. Whoever answers may then be asked twice.",
                  .set = store_number<std::uint32_t>(settings.request_retries, 0, 1'000'000)});
  rows.push_back(
      {.name = "retry-id",
       .value = "WHICH",
       .group = group,
       .default_text = "new",
       .choices = "new same",
       .summary = "correlation data of a further try",
       .detail = "Whether a further try has new correlation data, so that a late answer to the one before "
                 "it no longer counts, or the same, so that it does and whoever answers can tell that it "
                 "is the same request.",
       .set = one_value(settings, store_retry_id)});
}

void many_rows(OptionRows& rows, RrSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back(
      {.name = "repeat",
       .value = "N",
       .group = group,
       .default_text = "1",
       .summary = "ask N times",
       .detail = "Send the request of -m, -f, -s or -n that many times, each waiting for its answer.",
       .set = store_number<std::uint64_t>(settings.input.repeat, 1)});
  rows.push_back({.name = "concurrency",
                  .value = "N",
                  .group = group,
                  .default_text = "1",
                  .summary = "requests that wait for answers at the same time",
                  .detail = "How many requests may wait for their answers at the same time.",
                  .set = store_number<std::uint32_t>(settings.concurrency, 1, most_at_once)});
  rows.push_back({.name = "rate",
                  .value = "N",
                  .group = group,
                  .summary = "requests a second at most",
                  .detail = "Requests a second, fractions allowed, as long as --concurrency lets them go.",
                  .set = store_rate(settings.every)});
  rows.push_back({.name = "unordered",
                  .group = group,
                  .summary = "show answers as they come",
                  .detail = "Show answers as they come, not in the order of the requests.",
                  .set = store_flag(settings.unordered)});
}

}  // namespace

void asking_options(OptionRows& rows, RrSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  line_options(rows, settings.input);
  rows.push_back({.name = "correlation-field",
                  .value = "NAME",
                  .group = group,
                  .summary = "member of JSON payloads that says which request it is",
                  .detail =
                      "Say which request it is in this member of the request, a JSON object, and look for it "
                      "there in answers; see MQTT 3.1.1.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (values[0].empty()) return usage("an empty text names no member");
                    return store_text(settings.correlation_field)(values);
                  }});
  many_rows(rows, settings);
  rows.push_back({.name = "replies",
                  .value = "N",
                  .group = group,
                  .default_text = "1",
                  .summary = "answers to a request; all: that come in time",
                  .detail =
                      "How many answers each request is to get; with all, those that come in time, one at "
                      "least. See MANY ANSWERS.",
                  .set = one_value(settings, store_replies)});
  retry_rows(rows, settings);
  rows.push_back({.name = "expect",
                  .value = "PROGRAM",
                  .group = OptionGroup::output,
                  .repeats = true,
                  .summary = "hold answers to what this jq program says",
                  .detail =
                      "Hold every answer to this program in jq's language, which is to make something of it "
                      "that is neither false nor null; given several times, to all of them. Otherwise the "
                      "exit status is 9. See JQ.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (values[0].empty())
                      return usage("an empty text is no jq program", "for any answer at all: true");
                    settings.expectations.emplace_back(values[0]);
                    return {};
                  }});
  rows.push_back({.name = "expect-any",
                  .group = OptionGroup::output,
                  .summary = "one of the programs of --expect is enough",
                  .detail = "An answer need only be what one of the programs of --expect says.",
                  .set = store_flag(settings.expect_any)});
}

}  // namespace mq
