// What happens in a run, as a list: each act has its kind, random numbers of its own and the time that passes
// after it. Acts may be left out and the others stay what they are, so that a run that fails can be made
// shorter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace mq {

enum class ActKind : std::uint8_t {
  cut,  // the connection, anywhere in what is on its way
  connect,
  subscribe,       // or unsubscribe
  stop_reading,    // or go on
  stop_serving,    // the server takes and sends nothing; or it goes on
  restart_server,  // with its sessions or, where that may be, without
  restart_client,  // another run of the program, with what was saved
  fall_silent,     // the server, without a word and for good
  leave,
  be_left,  // DISCONNECT of the server
  deliver,  // a message of somebody else
  acknowledge,
  publish,
};

struct Act {
  std::size_t number = 0;  // in the whole schedule
  ActKind kind = ActKind::cut;
  std::uint64_t seed = 0;
  Duration pause{};
};

using Schedule = std::vector<Act>;

Schedule schedule_of(std::uint64_t seed);

// The acts of these numbers alone.
Schedule only(const Schedule& whole, const std::vector<std::size_t>& numbers);

// A part of `failing` that still fails, and of which no act can be left out any more.
Schedule shrunk(Schedule failing, const std::function<bool(const Schedule&)>& fails);

std::string numbers_of(const Schedule& schedule);  // "3,17,90"
std::string in_words(const Schedule& schedule);    // a line for each act

}  // namespace mq
