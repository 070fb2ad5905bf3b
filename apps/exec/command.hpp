// What a command that runs for a message (--exec) is given: its words, and its environment, which tells of
// the message. Starts nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "payload/payload_reader.hpp"
#include "wire/packet.hpp"

namespace mq {

// The words of `text` as a shell splits them, with its quotes and backslashes, and nothing else of it. Kind
// usage for a quote without its end, and for no words at all.
Result<std::vector<std::string>> split_words(std::string_view text);

// The first character of `text` that a shell would act on: one of | > < ; & $ outside of quotes. Nullopt:
// none.
std::optional<char> shell_character(std::string_view text);

// Whether `program` can be started, looked for in `path` as execvp(3) does; `path` may be null. Kind usage.
Result<void> check_program(const std::string& program, const char* path);

// The bounds of what is said of one message; what does not fit is left out and counted in MQTT_LEFT_OUT.
inline constexpr std::size_t longest_variable = 32U << 10;
inline constexpr std::size_t longest_environment = 256U << 10;

// "NAME=VALUE" each, all beginning with MQTT_. `timestamp` is RFC 3339.
std::vector<std::string> message_environment(const Publish& publish, std::string_view timestamp,
                                             const Reading& reading);

// Our own environment without what would look like a message's.
std::vector<std::string> environment_without_messages();

// Whether a variable of our own environment would look like one of a message.
bool is_of_a_message(std::string_view variable);

}  // namespace mq
