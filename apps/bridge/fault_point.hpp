// Places at which a test may have the bridge die as kill -9 would: before and after whatever must not come
// in the wrong order. Nothing in what is shipped; in mqtt-bridge-faults (tests/faults) the environment says
// which one ends the process.
#pragma once

#include <string_view>

namespace mq {

#ifdef MQTTKIT_FAULT_POINTS
void fault_point(std::string_view name);
#else
inline void fault_point(std::string_view /*name*/) {}
#endif

}  // namespace mq
