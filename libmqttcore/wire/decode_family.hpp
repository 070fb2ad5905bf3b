// The decoders of the single packets, which decode() chooses from. Each reads one body; errors stay in the
// Reader. Internal to wire.
#pragma once

#include "wire/packet.hpp"
#include "wire/reader.hpp"

namespace mq {

Connect read_connect(Reader& in);
Connack read_connack(Reader& in);
void read_publish(Reader& in, std::uint8_t flags, Publish& packet);
Ack read_ack(Reader& in);  // PUBACK, PUBREC, PUBREL and PUBCOMP
Subscribe read_subscribe(Reader& in);
Suback read_suback(Reader& in);
Unsubscribe read_unsubscribe(Reader& in);
Unsuback read_unsuback(Reader& in);
Disconnect read_disconnect(Reader& in);
Auth read_auth(Reader& in);

}  // namespace mq
