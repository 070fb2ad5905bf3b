// A bridge's figures as OpenMetrics 1.0 text. Names begin with mqttkit_bridge_; units are seconds and bytes;
// labels are the plan's names. Counters count from the start of the process.
#pragma once

#include "base/bytes.hpp"
#include "bridge/figures.hpp"

namespace mq {

void append_bridge_metrics(const BridgeFigures& figures, Buffer& out);

}  // namespace mq
