// Parts that the builders of scenarios put together: populations and their plans, out of what the options
// say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load_settings.hpp"

namespace mq {

Population population(const LoadSettings& settings, std::string_view name, std::uint64_t clients);
// What --connect-rate says.
Rate connect_rate(const LoadSettings& settings);
// Kind usage where the options don't go together.
Result<PublishPlan> publish_plan(const LoadSettings& settings);
// The filters of --filter, else `filter`; with --share a group's.
SubscribePlan subscribe_plan(const LoadSettings& settings, std::string filter);

// A filter for all that a template may become: + for every level with something in braces that is not the
// same for all messages. `keep_number`: {number} stands for the subscriber's, which is the publisher's too,
// as do the columns of its row of --data.
std::string filter_of(std::string_view topic, bool keep_number);
bool has_name(std::string_view text, std::string_view name);  // in braces

// Rows and values that several scenarios have: -d, which ends what -n does not.
void end_of(const LoadSettings& settings, Scenario& scenario);

}  // namespace mq
