// Addresses of a host name, as the system's resolver knows them. For net/ alone.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/dial.hpp"
#include "net/question.hpp"

namespace mq {

// Without asking anybody: numeric addresses, and what RFC 6761 says of "localhost". nullopt for other names.
std::optional<std::vector<std::string>> known_addresses(const std::string& host);

// `resolver` empty: the system's, which is asked for addresses of `family` alone.
Result<std::unique_ptr<Question>> look_up(
    Loop& loop, Resolver resolver, const std::string& host, Family family,
    std::move_only_function<void(Result<std::vector<std::string>>)> handler);

}  // namespace mq
