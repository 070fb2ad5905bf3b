#include <fmt/core.h>

#include <limits>

#include "shared/common_options.hpp"
#include "shared/quantities.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

Result<void> store_connect_timeout(ConnectionSettings& settings, std::string_view text) {
  const auto seconds = parse_seconds(text);
  if (!seconds || *seconds <= Duration::zero()) {
    return usage(fmt::format("{} is not a number of seconds above 0", quoted(text)));
  }
  settings.client.open.dial.timeout = *seconds;
  settings.client.session.connack_timeout = *seconds;
  return {};
}

Result<void> store_timeout(ConnectionSettings& settings, std::string_view text) {
  const auto seconds = parse_seconds(text);
  if (!seconds || *seconds <= Duration::zero()) {
    return usage(fmt::format("{} is not a number of seconds above 0", quoted(text)));
  }
  settings.timeout = *seconds;
  return {};
}

Result<void> store_retries(RetryPolicy& retry, std::string_view text) {
  if (text == "-1" || text == "forever") {
    retry.before_first = std::numeric_limits<std::uint32_t>::max();
    retry.after_loss.reset();
    return {};
  }
  const auto number = parse_number<std::uint32_t>(text);
  if (!number) return usage(fmt::format("{} is neither a number of tries nor -1", quoted(text)));
  retry.before_first = *number;
  retry.after_loss = retry.before_first;
  return {};
}

// Jitter shortens a pause, so that nothing above 0 is too small to be useful.
Result<void> store_retry_delay(RetryPolicy& retry, std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto least = parse_seconds(text.substr(0, colon));
  auto most = colon == text.npos ? std::optional(retry.most) : parse_seconds(text.substr(colon + 1));
  if (least && colon == text.npos) most = std::max(retry.most, *least);
  if (!least || !most || *least <= Duration::zero() || *most < *least) {
    return usage(
        fmt::format("{} is not MIN or MIN:MAX in seconds, MIN above 0 and not above MAX", quoted(text)));
  }
  retry.least = *least;
  retry.most = *most;
  return {};
}

}  // namespace

void connection_options(OptionRows& rows, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::connection;
  ClientConfig& client = settings.client;
  server_options(rows, settings);
  network_options(rows, settings);
  credential_options(rows, settings);
  rows.push_back({.letter = 'W',
                  .name = "timeout",
                  .value = "SECONDS",
                  .group = group,
                  .summary = "end the whole run after that time",
                  .detail =
                      "The longest time that the whole run may take, from its start: reading "
                      "passwords and connecting included. "
                      "Fractions are allowed. When the time is up before the work is done, the exit status "
                      "is 5.",
                  .set = one_value(settings, store_timeout)});
  rows.push_back({.name = "connect-timeout",
                  .value = "SECONDS",
                  .group = group,
                  .default_text = "30",
                  .summary = "longest wait for a connection",
                  .detail =
                      "How long one attempt to connect may take, looking up the name included, and again how "
                      "long the server may then take to answer CONNECT.",
                  .set = one_value(settings, store_connect_timeout)});
  rows.push_back(
      {.name = "retries",
       .value = "N",
       .group = group,
       .default_text = {},
       .summary = "further tries to connect, -1 = for ever",
       .detail = "How many more times in a row to try after a connection could not be made or was lost; -1 "
                 "means for ever. What can't get better is never tried again: refused credentials and an "
                 "unknown host.",
       .set = one_value(client.retry, store_retries)});
  rows.push_back(
      {.name = "retry-delay",
       .value = "MIN[:MAX]",
       .group = group,
       .default_text = "1:60",
       .summary = "seconds between tries, doubling up to MAX",
       .detail = "Seconds to wait before the first further try. The pause doubles with every try in a row "
                 "up to MAX, and a part of it is left to chance.",
       .set = one_value(client.retry, store_retry_delay)});
}

}  // namespace mq
