// Scenarios about what a server does beside passing messages on: requests and answers, clients that come and
// go, sessions and retained messages that it keeps.
#pragma once

#include "bench/load_settings.hpp"
#include "shared/option.hpp"

namespace mq {

void rr_rows(OptionRows& rows, LoadSettings& settings);
void churn_rows(OptionRows& rows, LoadSettings& settings);
void offline_rows(OptionRows& rows, LoadSettings& settings);
void retained_rows(OptionRows& rows, LoadSettings& settings);

Result<void> build_rr(const LoadSettings& settings, Scenario& scenario);
Result<void> build_churn(const LoadSettings& settings, Scenario& scenario);
Result<void> build_offline(const LoadSettings& settings, Scenario& scenario);
Result<void> build_retained(const LoadSettings& settings, Scenario& scenario);

// How much the session may have in flight: what the plan's window says, and little below 5.0 unless it was
// `given`.
void window_of(SessionConfig& session, PublishPlan& plan, bool given);

}  // namespace mq
