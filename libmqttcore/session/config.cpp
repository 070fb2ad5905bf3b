#include "session/config.hpp"

#include "base/wipe.hpp"
#include "session/connect.hpp"
#include "wire/encode.hpp"

namespace mq {

Connect connect_of(const SessionConfig& config) {
  Connect connect{.version = config.version,
                  .bridge = config.bridge,
                  .clean_start = config.clean_start,
                  .keep_alive = config.keep_alive,
                  .client_id = config.client_id,
                  .will = std::nullopt,
                  .user_name = config.user_name,
                  .password = config.password,
                  .properties = config.properties.view()};
  if (config.will)
    connect.will = Will{.topic = config.will->topic,
                        .payload = config.will->payload,
                        .qos = config.will->qos,
                        .retain = config.will->retain,
                        .properties = config.will->properties.view()};
  return connect;
}

Result<void> check(const SessionConfig& config) {
  const bool has_properties = !config.properties.empty() || (config.will && !config.will->properties.empty());
  if (config.version != Version::v5 && has_properties)
    return fail(ErrorKind::usage, "properties of CONNECT need MQTT 5.0");
  Buffer scratch;
  auto encoded = encode(Packet(connect_of(config)), config.version, Sender::client, scratch);
  wipe(scratch);
  return encoded;
}

}  // namespace mq
