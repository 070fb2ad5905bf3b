// Faults that a simulation must notice, or it proves nothing. Each is put into the model server, into the
// link or into what the session is told, and shows that one of the checks can fail.
#pragma once

#include <cstdint>

namespace mq {

enum class Mutation : std::uint8_t {
  none,
  // the server
  broker_forgets_identifiers,  // a repeated QoS 2 PUBLISH is taken for a new one
  broker_loses_a_message,      // acknowledges without taking
  broker_doubles_a_message,    // a QoS 2 message goes out again under a new identifier
  broker_delivers_out_of_order,
  broker_forgets_aliases,          // the client's, within a connection
  broker_keeps_aliases,            // its own, beyond the connection
  broker_sends_too_large,          // for the client's maximum packet size
  broker_exceeds_receive_maximum,  // of the client
  // the link, from the client to the server
  pubrel_resends_vanish,
  publishes_change_places,
  acknowledgements_change_places,
  releases_change_places,
  identifiers_collide,  // a PUBLISH goes out under the identifier of another
  // what the session is told
  receive_maximum_untold,
  packet_size_untold,
  maximum_qos_untold,
  limits_of_before,     // CONNACK says those of the connection before
  lost_session_untold,  // Session Present 1 where the server has lost it
  expiry_prolonged,     // a message may live longer than it may
  deadlines_untold,     // no tick() ever comes
  bounds_untold,        // of its output
};

}  // namespace mq
