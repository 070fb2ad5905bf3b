#include "client/config.hpp"

namespace mq {

bool carries_secret(const ClientConfig& config) {
  const SessionConfig& session = config.session;
  return session.user_name || session.password || !config.open.web_socket.headers.empty() ||
         session.properties.view().contains(PropertyId::authentication_data);
}

}  // namespace mq
