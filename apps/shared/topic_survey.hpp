// Listens at a server for a moment: which topics are there? Retained messages, and what is published
// meanwhile. Says nothing about what goes wrong: whoever asks has a half-typed command line and no use for
// errors.
#pragma once

#include <set>
#include <string>

#include "base/time.hpp"
#include "client/config.hpp"

namespace mq {

// Topics of messages that match `filter`, as far as a terminal can show them; a bounded number. Takes `limit`
// at most, and ends sooner when nothing has come for 0.4 s, or a third of it, since the subscription was
// made.
std::set<std::string> survey_topics(const ClientConfig& config, const std::string& filter, Duration limit);

}  // namespace mq
