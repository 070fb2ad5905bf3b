// Enhanced authentication (5.0: 4.12): who answers the server's challenges, and when a new exchange begins.
#include "client/client.hpp"

namespace mq {

// Hands what belongs to an authentication to whoever speaks its method; false: the connection is over, or
// the event dealt with.
bool Client::authenticated(const Event& event) {
  if (!config_.authentication) return true;
  const auto data_of = [](Properties properties) {
    return properties.bytes(PropertyId::authentication_data).value_or(Bytes());
  };
  if (const auto* connected = std::get_if<Connected>(&event)) {
    if (auto proved = config_.authentication->finish(data_of(connected->connack.properties)); !proved) {
      connection_over(std::move(proved.error()));  // what waits to be sent is not for an impostor
      return false;
    }
    if (config_.reauthenticate_every)
      authentication_timer_.set(loop_.now() + *config_.reauthenticate_every, [this] { reauthenticate(); });
    return true;
  }
  const auto* challenged = std::get_if<Challenged>(&event);
  if (!challenged) return true;
  const Auth& auth = challenged->auth;
  Result<void> done;
  if (auth.reason == ReasonCode::success) {  // the end of a new exchange on this connection
    done = config_.authentication->finish(data_of(auth.properties));
  } else {
    const auto answer = config_.authentication->answer(data_of(auth.properties));
    done = answer ? session_.authenticate(*answer, loop_.now()) : std::unexpected(answer.error());
  }
  if (auth.reason == ReasonCode::success) exchange_open_ = false;
  if (!done) connection_over(std::move(done.error()));
  return false;
}

void Client::reauthenticate() {
  authentication_timer_.set(loop_.now() + *config_.reauthenticate_every, [this] { reauthenticate(); });
  // One at a time, and none whose challenge nobody would read.
  if (phase_ != Phase::open || !session_.connected() || exchange_open_ || !taking_events_) return;
  const auto data = config_.authentication->begin();
  const auto asked = data ? session_.reauthenticate(*data, loop_.now()) : std::unexpected(data.error());
  if (!asked) return connection_over(asked.error());
  exchange_open_ = true;
  flush_soon();
}

}  // namespace mq
