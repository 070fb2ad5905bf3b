// TLS as a Transport on top of another one, by OpenSSL 3, which is loaded when the first TlsContext is made:
// a program that never asks for one never pays for it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "net/handshake.hpp"
#include "net/loop.hpp"

namespace mq {

enum class TlsVersion { v1_2, v1_3 };

// Plain data; files are named, not read.
struct TlsOptions {
  bool verify = true;         // the server's certificate: chain, validity, purpose and name
  std::string ca_file{};      // PEM, instead of the system's trust store
  std::string ca_path{};      // a directory of hashed certificates, the same
  std::string certificate{};  // ours: a PEM file with its chain, a PKCS#12 file, or a "pkcs11:" URI
  std::string key{};          // a PEM file or a "pkcs11:" URI; empty: in `certificate`
  std::optional<std::string> key_password{};  // of an encrypted key, a PKCS#12 file, or the PIN of a token
  std::string revocations{};  // PEM file of revocation lists; when given, the server's certificate is checked
  std::optional<TlsVersion> least{}, most{};  // empty: 1.2 and the highest there is
  std::string ciphers{};                      // of 1.2, OpenSSL's notation; empty: OpenSSL's choice
  std::string cipher_suites{};                // of 1.3, the same
  std::vector<std::string> alpn{};            // protocols, best first
  std::string server_name{};  // sent as SNI and looked for in the certificate, instead of the host
  std::string psk{};          // pre-shared key, raw bytes; with psk_identity instead of certificates
  std::string psk_identity{};
  std::string key_log{};  // file that session secrets are appended to, for Wireshark
  // Of those files, what somebody has had to read before: a pipe gives it only once.
  std::vector<std::pair<std::string, Buffer>> contents{};
};

// Options turned into what connections share: certificates and keys read, and the sessions that make the next
// handshake shorter. One per client; a hundred thousand connections of one loop may share it.
class TlsContext {
 public:
  // Reads all files, each once. Kind usage: a file that is missing, unreadable or not what it should be, a
  // wrong password, a key that doesn't belong to the certificate, ciphers that don't exist; kind tls: OpenSSL
  // can't be loaded.
  static Result<std::shared_ptr<TlsContext>> make(const TlsOptions& options);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  struct Impl;  // known to net/tls*.cpp alone
  Impl& impl() { return *impl_; }

 private:
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// `host` is what the user asked for: SNI (unless numeric) and the name that the certificate must have, unless
// options.server_name says otherwise. An error of kind tls names the cause in words and won't mend itself.
// What the server says only after the handshake (TLS 1.3: that it refuses our certificate) is a read error of
// kind tls.
std::unique_ptr<Handshake> begin_tls(Loop& loop, std::unique_ptr<Transport> below,
                                     std::shared_ptr<TlsContext> context, const std::string& host,
                                     Opened opened);

}  // namespace mq
