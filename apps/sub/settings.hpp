// What mqtt-sub is told to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exec/command_settings.hpp"
#include "shared/output_settings.hpp"
#include "shared/settings.hpp"
#include "wire/packet.hpp"

namespace mq {

// What it shows of messages, and the command that it runs for them, it has in common with others.
struct SubSettings : OutputSettings, CommandSettings {
  ConnectionSettings connection;
  std::vector<std::string> filters;       // -t
  std::vector<std::string> filters_out;   // -T: not shown
  std::vector<std::string> unsubscribes;  // -U

  QoS qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::always;
  PropertyList subscribe_properties;    // -D subscribe
  PropertyList unsubscribe_properties;  // -D unsubscribe

  std::uint64_t count = 0;            // -C: messages until the end; 0 = no end
  bool exit_when_subscribed = false;  // -E
  bool hide_retained = false;         // -R
  bool retained_only = false;         // --retained-only
  bool remove_retained = false;       // --remove-retained
  bool spare_filtered = false;        // what filters_out hold is not removed either
  double random_filter = 100;         // --random-filter: per cent shown
  // Of mosquitto_sub alone.
  bool topic_lines = false;       // a line of the terminal for each topic
  bool message_rate = false;      // how many came each second, instead of the messages
  bool complain_of_json = false;  // say it when a payload is not the JSON that %J embeds

  bool expect_none = false;      // --expect-none: no message is to come
  std::optional<Duration> idle;  // --idle: end after so long without a message
  std::string junit;             // --junit: a file; empty: none

  bool sys = false;                  // --sys: the server's figures instead of messages
  std::optional<Duration> interval;  // --interval: again and again
};

}  // namespace mq
