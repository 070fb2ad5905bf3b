// What a TlsContext is made of, for net/tls*.cpp alone.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/open_ssl.ipp"
#include "net/tls.hpp"

namespace mq {

struct TlsContext::Impl {
  Impl(const OpenSsl& library, TlsOptions what)
      : lib(library), options(std::move(what)), context(nullptr, lib.SSL_CTX_free) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  const OpenSsl& lib;
  TlsOptions options;
  Owned<SSL_CTX> context;
  bool has_certificate = false;
  int key_log = -1;

  // The latest of each server, by the name that we know it by; a server may be asked by as many names as one
  // client has endpoints.
  static constexpr std::size_t most_sessions = 64;
  std::map<std::string, Owned<SSL_SESSION>> sessions;

  // Where connections decrypt to while their ciphertext is in the loop's buffer. A full read can complete a
  // record that was begun before it, so it is larger by a record.
  static constexpr std::size_t plain_size = 544 * std::size_t{1024};
  std::unique_ptr<char[]> plain;
};

// What the callbacks of OpenSSL note down during a handshake.
struct TlsNotes {
  std::string name{};                 // the server's, as its certificate must have it
  bool certificate_demanded = false;  // by the server
  std::optional<Error> verdict{};     // what is wrong with the server's certificate
};

// Files with certificates or keys, each read but once: it may be a pipe, and named for several things.
class CredentialFiles {
 public:
  explicit CredentialFiles(const TlsOptions& options)
      : read_(options.contents.begin(), options.contents.end()) {}

  // All of it, which stays here; `what` says which one it is: "CA file".
  Result<Bytes> read(std::string_view what, const std::string& path);

 private:
  std::map<std::string, Buffer> read_;
};

// The parts of TlsContext::make. Errors are of kind usage.
Result<void> trust(const OpenSsl& lib, SSL_CTX* context, const TlsOptions& options, CredentialFiles& files);
Result<void> present(const OpenSsl& lib, SSL_CTX* context, const TlsOptions& options, CredentialFiles& files);

// A URI's scheme is the same in either case (RFC 3986, 3.1).
inline bool is_token(std::string_view name) {
  constexpr std::string_view scheme = "pkcs11:";
  return std::ranges::equal(name.substr(0, scheme.size()), scheme,
                            [](char c, char of_scheme) { return (c | 0x20) == of_scheme || c == of_scheme; });
}
// A file's name or a token's URI as texts show it: without the PIN that a URI may have.
std::string shown_source(std::string_view name);
Result<Owned<X509>> token_certificate(const OpenSsl& lib, const std::string& uri,
                                      const std::optional<std::string>& pin);
Result<Owned<EVP_PKEY>> token_key(const OpenSsl& lib, const std::string& uri,
                                  const std::optional<std::string>& pin);

// To read from, as long as the bytes live.
Owned<BIO> memory_bio(const OpenSsl& lib, Bytes bytes);

// Of a password that OpenSSL asks for: the one that we have, never a prompt.
struct Password {
  const std::optional<std::string>& given;
  bool asked = false;
  static int answer(char* space, int size, int rwflag, void* self);
};

}  // namespace mq
