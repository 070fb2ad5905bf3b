// A TLS server of the test's own on OpenSSL, for what `openssl s_server` can't be told: a session ticket in
// many records at any time, and who took up an earlier session. What it says comes as ciphertext, and the
// test sends it when and in what pieces it likes.
#pragma once

#include <memory>
#include <string>

#include "net/tls_testing.hpp"

namespace mq::testing {

class TlsPeer {
 public:
  // What servers share that know each other's sessions.
  struct House;
  static std::shared_ptr<House> house(TlsVersion version = TlsVersion::v1_3);

  // At the other end of the client's transport; begins to listen, and does the handshake.
  TlsPeer(std::shared_ptr<House> house, std::unique_ptr<Transport> transport);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  bool resumed() const;              // the handshake took up a session
  const std::string& heard() const;  // so far, decrypted

  // Ciphertext, in the order of the calls, and to be sent in that order.
  Buffer data(Bytes plain);
  Buffer ticket();  // of TLS 1.3, some 3 kB in records of 512 bytes
  void send(Bytes bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mq::testing
