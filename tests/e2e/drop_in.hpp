// The programs under mosquitto's names beside mosquitto's own: the same command line for both, and what each
// made of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "e2e/programs.hpp"

namespace mq {

// Debian's clients, or ours under their names. `program` is "mosquitto_pub", "mosquitto_sub" or
// "mosquitto_rr".
enum class Maker { theirs, ours };
Launch as_mosquitto(Maker maker, const std::string& program, const Arguments& arguments);

// Whether there are mosquitto's clients to compare with; says SKIPPED if not.
bool have_mosquitto_clients();

// What may differ: digits where times and identifiers stand, full stops at the ends of lines (2.1 has left
// them out), "(null)", blank lines.
std::string zeros(std::string text);
std::string without_stops(std::string_view given);

// Runs both and checks that code, standard output and standard error are the same but for without_stops().
void check_same(const std::string& program, const Arguments& arguments, Bytes input = {});

}  // namespace mq
