// The programs under test, and mosquitto's as independent peers, ready to be run against a port of this
// machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "peers/process.hpp"

namespace mq {

using Arguments = std::vector<std::string>;

// With -h 127.0.0.1 -p PORT in front of what is given. Nobody's options file or environment is looked at.
Launch pub(std::uint16_t port, const Arguments& arguments);
Launch sub(std::uint16_t port, const Arguments& arguments);
Launch rr(std::uint16_t port, const Arguments& arguments);
Launch mosquitto_pub(std::uint16_t port, const Arguments& arguments);
Launch mosquitto_sub(std::uint16_t port, const Arguments& arguments);

// A command of mqtt-rr's: "ping".
Launch rr_command(const std::string& command, std::uint16_t port, const Arguments& arguments);

// Without host and port.
Launch pub(const Arguments& arguments);
Launch sub(const Arguments& arguments);
Launch rr(const Arguments& arguments);

Launch with_input(Launch launch, Bytes bytes);  // on standard input, then its end
Launch with_input(Launch launch, Input input);
Launch with_output(Launch launch, Output output);

bool holds(std::string_view text, std::string_view part);
std::size_t count_of(std::string_view part, std::string_view text);

// Exit code and standard error of a failed run: the code, and an error of one sentence (a hint may follow)
// holding `part`.
bool failed_with(const Outcome& outcome, int code, std::string_view part = {});

}  // namespace mq
