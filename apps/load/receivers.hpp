// How many of a scenario's own subscribers each message of each publishing client is for, so that it is known
// how many deliveries are to be expected. Pure reckoning with topics and filters.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "load/scenario.hpp"

namespace mq {

// By client number, over all shards; 0 for those who publish nothing. Topics that change with the message are
// looked at as the first one has it. A subscriber whose filters overlap gets one copy, as mosquitto has it (a
// server may send several); a shared subscription gets one for its whole group; clients that leave before
// anything is published get nothing, whoever goes on with their sessions gets it; who subscribes when the
// publishers have finished gets what is retained, if it waits for that. Kind usage or io.
Result<std::vector<std::uint32_t>> receivers(const Scenario& scenario);

// Whether a population can get what another one publishes, as far as that is a matter of time: who begins
// when the other has finished, what is kept meanwhile.
bool in_time_for(const Scenario& scenario, std::size_t subscriber, std::size_t publisher);

}  // namespace mq
