// Enhanced authentication (5.0: 4.12) as a client sees it: an exchange of data whose meaning is the method's.
// One object for all connections of a client; begin() starts a new exchange. No view is kept.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

class Authentication {
 public:
  virtual ~Authentication() = default;

  // Data of a CONNECT, or of the AUTH that begins a new exchange. An error ends the connection.
  virtual Result<Buffer> begin() = 0;
  // The answer to a challenge. An error is of kind refused: the server is not what it says, or asks for what
  // nobody should do.
  virtual Result<Buffer> answer(Bytes challenge) = 0;
  // The server's last word, with CONNACK or AUTH: whether it has proved itself. Kind refused.
  virtual Result<void> finish(Bytes data) = 0;
};

// SCRAM-SHA-256 or SCRAM-SHA-512 (RFC 5802, RFC 7677) for that method name; nullptr for all others.
std::unique_ptr<Authentication> scram(const std::string& method, std::string user_name, std::string password);

}  // namespace mq
