// MQTTKIT_FAULT="NAME:N,NAME:N,...": the process is killed when the last of these is passed for the nth time,
// each counted from when the one before it was. So "received:3,committed:1" is the first commit that was
// done after the third PUBREC had come.
#include "bridge/fault_point.hpp"

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace mq {
namespace {

struct Passing {
  std::string name;
  unsigned long left = 1;
};

std::vector<Passing> passings_of(std::string_view text) {
  std::vector<Passing> passings;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(one.size() < text.size() ? one.size() + 1 : one.size());
    const std::size_t colon = one.find(':');
    if (colon == std::string_view::npos) std::abort();
    passings.push_back({std::string(one.substr(0, colon)),
                        std::strtoul(std::string(one.substr(colon + 1)).c_str(), nullptr, 10)});
  }
  return passings;
}

}  // namespace

void fault_point(std::string_view name) {
  static const char* const asked = std::getenv("MQTTKIT_FAULT");
  static std::vector<Passing> passings = passings_of(asked == nullptr ? "" : asked);
  static std::size_t next = 0;
  if (next == passings.size() || passings[next].name != name || --passings[next].left > 0) return;
  if (++next == passings.size()) std::raise(SIGKILL);
}

}  // namespace mq
