// SCRAM (RFC 5802) with SHA-256 (RFC 7677) or SHA-512: a proof that both sides know a password, which neither
// of them sends. Name and password are taken as they are, in UTF-8: without SASLprep, as the servers do.
#pragma once

#include <string>
#include <string_view>

#include "client/authentication.hpp"
#include "net/crypto.hpp"

namespace mq {

class Scram : public Authentication {
 public:
  // `nonce` empty: a random one for each exchange.
  Scram(Hash hash, std::string user_name, std::string password, std::string nonce = {});

  Result<Buffer> begin() override;
  Result<Buffer> answer(Bytes challenge) override;
  Result<void> finish(Bytes data) override;

 private:
  Result<Buffer> prove(Bytes challenge, std::string_view nonce, Bytes salt, unsigned iterations);

  Hash hash_;
  std::string user_name_, password_, given_nonce_;
  std::string nonce_;
  std::string first_;      // client-first-message-bare
  std::string signature_;  // that the server has to send
};

}  // namespace mq
