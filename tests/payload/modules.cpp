// Where this suite finds the modules, which it tests as programs use them.
#include <cstdlib>

namespace {
[[maybe_unused]] const int found = ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
}  // namespace
