#include "shared/program.hpp"

namespace mq {

std::string_view toolkit_version() { return MQTTKIT_VERSION; }

}  // namespace mq
