// The option rows of mqtt-pub's own: what the messages are, how they are read, and how they are made.
#pragma once

#include "pub/settings.hpp"
#include "shared/option.hpp"

namespace mq {

void message_rows(OptionRows& rows, PubSettings& settings);  // topics, the one message, QoS
void input_rows(OptionRows& rows, PubSettings& settings);    // lines and recordings
void making_rows(OptionRows& rows, PubSettings& settings);   // repetition, templates, random payloads, lint

// One source of messages at most; the same one again replaces what it said before. Kind usage.
Result<void> choose_source(PubSettings& settings, PubSettings::Source source);

}  // namespace mq
