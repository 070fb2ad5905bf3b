// Topic aliases of one connection, both ways (5.0: 3.3.2.3.4). They die with it [MQTT-3.3.2-7]. Plain data;
// unused ones own no memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mq {

// The server's: alias to topic.
class InboundAliases {
 public:
  explicit InboundAliases(std::uint16_t maximum = 0) : maximum_(maximum) {}
  // The topic that a PUBLISH with this alias means; `topic` is what it carries, maybe nothing. The view lives
  // until the alias is given another topic. [MQTT-3.3.2-10] [MQTT-3.1.2-26]
  Result<std::string_view> resolve(std::uint16_t alias, std::string_view topic);

 private:
  std::uint16_t maximum_;
  std::vector<std::string> topics_;
};

// Ours: topic to alias.
class OutboundAliases {
 public:
  struct Use {
    std::uint16_t alias = 0;
    bool known = false;  // the server has it: the topic can be left out
  };
  // What sending `topic` under `alias` is.
  Use use(std::uint16_t alias, std::string_view topic) const;
  // The alias of `topic`, a new one while there are fewer than `most`; nullopt: send it without.
  std::optional<Use> give(std::string_view topic, std::uint16_t most) const;
  // `topic` goes out under `alias` now.
  void sent(std::uint16_t alias, std::string_view topic);

 private:
  std::map<std::string, std::uint16_t, std::less<>> aliases_;
  std::uint16_t highest_ = 0;
};

}  // namespace mq
