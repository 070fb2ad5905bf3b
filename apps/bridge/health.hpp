// Whether a bridge does what it is there for: all connections stand and its store can be written. As JSON for
// machines, and in a line for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/figures.hpp"

namespace mq {

// What keeps it from its work, each as a fragment; empty: nothing does.
std::vector<std::string> ailments(const BridgeFigures& figures);

// An object, with the ailments as its "reasons", and a line's end.
std::string health_json(const BridgeFigures& figures);

// "2 of 3 connections stand, 17 messages wait"
std::string health_line(const BridgeFigures& figures);

// Of milliseconds since 1970, as the log has it: "2026-11-22T06:47:58.597706+01:00".
std::string moment_text(std::int64_t wall);

// `text` as a string of JSON; what is not ASCII in text that is no UTF-8 becomes '?'.
std::string json_quoted(std::string_view text);

}  // namespace mq
