// Bytes that no client should send end that connection and touch no other.
#include <sys/socket.h>

#include "base/text.hpp"
#include "sink/sink_test.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

constexpr const char* hello_5 = "10 0d 00044d515454 05 02 0000 00 0000";
constexpr const char* hello_4 = "10 0c 00044d515454 04 02 0000 0000";

void send_hex(Client& client, std::string_view hex) { client.send_bytes(from_hex(hex).value_or("")); }

}  // namespace

TEST_CASE("what is wrong closes the connection, with a reason at 5.0") {
  const auto sink = start();
  Client witness(sink->port(), {});
  struct Case {
    const char* bytes;
    int reason;
  };
  const Case cases[] = {
      {"00 00", 0x81},                                  // no packet type
      {"30 ff ff ff ff 01", 0x81},                      // an overlong length
      {"30 ff ff ff 7f", 0x95},                         // beyond what was announced
      {"36 05 0001 74 0001", 0x81},                     // QoS 3
      {"32 05 0001 74 0000 00", 0x82},                  // packet identifier 0
      {"30 05 0001 23 00 78", 0x90},                    // a wildcard in a topic name
      {"30 04 0009 74 00", 0x81},                       // a topic longer than its packet
      {"30 03 0000 00", 0x82},                          // neither topic nor alias
      {"82 03 0001 00", 0x82},                          // a subscription of nothing
      {"82 07 0001 00 0001 23 03", 0x82},               // QoS 3 again
      {"82 0a 0001 00 0004 612f2361 00", 0x8f},         // a filter that goes on behind '#'
      {"20 02 00 00", 0x82},                            // a packet that only servers send
      {"10 0d 00044d515454 05 02 0000 00 0000", 0x82},  // CONNECT again
      {"f0 02 19 00", 0x82},                            // an authentication that nobody has begun
      {"c1 00", 0x81},                                  // flags that PINGREQ does not have
  };
  for (const auto& [bytes, reason] : cases) {
    CAPTURE(std::string(bytes));
    for (const bool modern : {true, false}) {
      Client client(sink->port());
      client.connect({.version = modern ? Version::v5 : Version::v311});
      send_hex(client, bytes);
      if (modern) CHECK(static_cast<int>(client.expect<Disconnect>().reason) == reason);
      if (!modern && std::string_view(bytes).starts_with("82 0a")) continue;
      CHECK(client.ended());
    }
  }
  CHECK(witness.silent());
}

TEST_CASE("what is no CONNECT is not answered; an unknown version is told so") {
  const auto sink = start();
  for (const char* const bytes : {"c0 00", "30 04 0001 74 00", "16 03 01 02 00 01 00", "47 45 54 20 2f 20",
                                  "10 ff ff ff 7f", "10 05 00044d515454", "10 00"}) {
    CAPTURE(std::string(bytes));
    Client client(sink->port());
    send_hex(client, bytes);
    if (std::string_view(bytes).starts_with("10 05")) ::shutdown(client.socket(), SHUT_WR);
    CHECK(client.ended());
  }
  Client future(sink->port());
  send_hex(future, "10 0d 00044d515454 06 02 0000 00 0000");
  CHECK(future.expect<Connack>().reason == ReasonCode::unsupported_protocol_version);
  Client nameless(sink->port());
  CHECK(nameless.connect({.version = Version::v311}).reason == ReasonCode::success);
  Client enhanced(sink->port());
  PropertyList properties;
  CHECK(properties.add(PropertyId::authentication_method, "SCRAM-SHA-256"));
  CHECK(enhanced.connect({.properties = properties}).reason == ReasonCode::bad_authentication_method);
  CHECK(enhanced.ended());
}

TEST_CASE("a handshake in pieces, and packets that come together with it") {
  const auto sink = start();
  for (const char* const hello : {hello_5, hello_4}) {
    Client pieces(sink->port());
    const Buffer bytes = from_hex(hello).value_or("");
    for (const char byte : bytes) pieces.send_bytes({&byte, 1});
    send_hex(pieces, "c0 00 c0 00 e0 00");
    CHECK(pieces.ended());
  }
  CHECK(sink->counts().packets_received == 8);
  CHECK(sink->counts().malformed == 0);
}

TEST_CASE("acknowledgements of nothing are passed over") {
  const auto sink = start();
  Client client(sink->port(), {});
  send_hex(client, "40 02 0007");
  send_hex(client, "70 02 0007");
  send_hex(client, "50 02 0007");
  CHECK(client.expect<Pubrel>().reason == ReasonCode::packet_identifier_not_found);
  CHECK(client.silent());
}
