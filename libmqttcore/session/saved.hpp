// A saved session made from parts, for owners that keep the session's state in a form of their own. What
// Session::restore() takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/packet.hpp"

namespace mq {

struct SavedPublish {
  PacketId id = 0;
  std::int64_t published = 0;        // seconds since 1970, from which its expiry counts
  std::optional<Publish> message{};  // none once PUBREC has come; its identifier and DUP are not looked at
  bool sent = true;                  // it may have been: it goes out with DUP [MQTT-3.3.1-1]
};

// `held`: identifiers held at QoS 2. `publishes` in sending order. An error of encode() for what can't be a
// PUBLISH of that version.
Result<Buffer> saved_session(Version version, std::string_view client_id, const std::vector<PacketId>& held,
                             const std::vector<SavedPublish>& publishes);

}  // namespace mq
