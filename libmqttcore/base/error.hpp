// What went wrong, as a value: the library never throws and never exits. The kind decides a program's exit
// code (apps/shared/exit_code.hpp), the reason is MQTT's own code where one belongs, the text is a sentence
// fragment in lower case, fact first, that can follow "error: ".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace mq {

enum class ErrorKind : std::uint8_t {
  usage,      // the caller's values are wrong: nothing was sent
  resolve,    // a host name has no address: trying again won't help
  connect,    // TCP, Unix socket, proxy or WebSocket could not be set up
  tls,        // handshake or certificate
  timeout,    // a deadline passed
  refused,    // the server said no to CONNECT
  denied,     // the server said no to a PUBLISH, SUBSCRIBE or UNSUBSCRIBE
  malformed,  // the peer sent bytes that are no MQTT packet
  protocol,   // the peer sent a packet that the rules forbid here
  lost,       // an open connection ended without our doing
  payload,    // a payload can't be decoded
  schema,     // a payload breaks its schema
  io,         // a file, terminal or pipe
  threshold,  // an expectation was not met
};

struct Error {
  ErrorKind kind = ErrorKind::usage;
  std::string text;
  std::uint8_t reason = 0;  // MQTT 5.0 reason code (2.4), 0 when none applies
  std::string hint = {};    // how to mend it; empty when there is nothing to say
  bool permanent = false;   // trying again won't help, whatever the kind
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string text, std::uint8_t reason = 0,
                                   std::string hint = {}) {
  return std::unexpected(Error{kind, std::move(text), reason, std::move(hint)});
}

}  // namespace mq
