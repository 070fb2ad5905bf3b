#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "net/tls_context.ipp"
#include "net/tls_records.ipp"

namespace mq {
namespace {

std::unexpected<Error> usage(std::string text) { return fail(ErrorKind::usage, std::move(text)); }

int number_of(TlsVersion version) { return version == TlsVersion::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION; }

Result<void> choose_versions(const OpenSsl& lib, SSL_CTX* context, const TlsOptions& options) {
  if (options.least && options.most && *options.least > *options.most) {
    return usage("the lowest TLS version is above the highest");
  }
  const int least = number_of(options.least.value_or(TlsVersion::v1_2));
  const int most = options.most ? number_of(*options.most) : 0;
  if (lib.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, least, nullptr) != 1 ||
      lib.SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, most, nullptr) != 1) {
    return usage("OpenSSL does not have that TLS version");
  }
  return {};
}

Result<void> choose_ciphers(const OpenSsl& lib, SSL_CTX* context, const TlsOptions& options) {
  // With a pre-shared key no certificate is wanted, neither beside it nor instead of it.
  const std::string list = !options.ciphers.empty() ? options.ciphers
                           : options.psk.empty()    ? ""
                                                    : "PSK:!kRSAPSK:!eNULL";
  if (!list.empty() && lib.SSL_CTX_set_cipher_list(context, list.c_str()) != 1) {
    return usage(fmt::format("OpenSSL has no cipher of TLS 1.2 for {}", quoted(list)));
  }
  if (!options.cipher_suites.empty() &&
      lib.SSL_CTX_set_ciphersuites(context, options.cipher_suites.c_str()) != 1) {
    return usage(fmt::format("OpenSSL does not know all cipher suites of TLS 1.3 in {}",
                             quoted(options.cipher_suites)));
  }
  return {};
}

Result<void> offer_protocols(const OpenSsl& lib, SSL_CTX* context,
                             const std::vector<std::string>& protocols) {
  std::string wire;  // RFC 7301, 3.1
  for (const std::string& each : protocols) {
    if (each.empty() || each.size() > 255) {
      return usage(
          fmt::format("{} can be no application protocol: it must have 1 to 255 bytes", quoted(each)));
    }
    wire += static_cast<char>(each.size());
    wire += each;
  }
  if (wire.size() > 65535) return usage("the application protocols are too long together");
  if (wire.empty() ||
      lib.SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wire.data()),
                                  static_cast<unsigned>(wire.size())) == 0) {
    return {};
  }
  return fail(ErrorKind::tls, "OpenSSL cannot offer application protocols");
}

unsigned give_psk(SSL* ssl, const char* /*hint*/, char* identity, unsigned identity_space, unsigned char* key,
                  unsigned key_space) {
  auto& records = *static_cast<TlsRecords*>(open_ssl().SSL_get_ex_data(ssl, 0));
  const TlsOptions& options = records.context().options;
  if (options.psk_identity.size() >= identity_space || options.psk.size() > key_space) return 0;
  *std::ranges::copy(options.psk_identity, identity).out = '\0';
  std::ranges::copy(options.psk, key);
  return static_cast<unsigned>(options.psk.size());
}

Result<void> share_key(const OpenSsl& lib, SSL_CTX* context, const TlsOptions& options) {
  if (options.psk.empty() && options.psk_identity.empty()) return {};
  if (options.psk.empty()) return usage("a pre-shared key's identity was given without the key");
  if (options.psk_identity.empty()) return usage("a pre-shared key was given without its identity");
  if (!options.certificate.empty()) return usage("a pre-shared key and a certificate exclude each other");
  if (options.psk.size() > PSK_MAX_PSK_LEN) {
    return usage(fmt::format("the pre-shared key is longer than {} bytes", PSK_MAX_PSK_LEN));
  }
  if (options.psk_identity.size() > PSK_MAX_IDENTITY_LEN || options.psk_identity.contains('\0')) {
    return usage(fmt::format("the pre-shared key's identity is longer than {} bytes or has a NUL in it",
                             PSK_MAX_IDENTITY_LEN));
  }
  lib.SSL_CTX_set_psk_client_callback(context, give_psk);
  return {};
}

void log_secret(const SSL* ssl, const char* line) {
  const auto& records = *static_cast<TlsRecords*>(open_ssl().SSL_get_ex_data(ssl, 0));
  const std::string whole = std::string(line) + '\n';
  // In one piece: other processes may append to the same file. What can't be written only Wireshark misses.
  [[maybe_unused]] const ssize_t written = ::write(records.context().key_log, whole.data(), whole.size());
}

Result<int> open_key_log(const OpenSsl& lib, SSL_CTX* context, const std::string& path) {
  if (path.empty()) return -1;
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return usage(fmt::format("cannot write key log {}: {}", quoted(path), system_error(errno)));
  lib.SSL_CTX_set_keylog_callback(context, log_secret);
  return file;
}

}  // namespace

TlsContext::Impl::~Impl() {
  if (key_log >= 0) ::close(key_log);
}

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::make(const TlsOptions& options) {
  const auto loaded = load_open_ssl();
  if (!loaded) return std::unexpected(loaded.error());
  const OpenSsl& lib = **loaded;
  auto impl = std::make_unique<Impl>(lib, options);
  impl->context.reset(lib.SSL_CTX_new(lib.TLS_client_method()));
  SSL_CTX* context = impl->context.get();
  if (context == nullptr) {
    return fail(ErrorKind::tls, "OpenSSL cannot make a TLS context", 0,
                "check its configuration, openssl.cnf");
  }
  // Idle connections keep no record buffers, and a session is kept by us alone, by its server's name.
  lib.SSL_CTX_ctrl(context, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, nullptr);
  lib.SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL,
                   nullptr);
  lib.SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  lib.SSL_CTX_sess_set_new_cb(context, keep_session);
  lib.SSL_CTX_set_cert_cb(context, note_demand, nullptr);
  const bool verify = options.verify || !options.psk.empty();
  lib.SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, verify_certificate);

  Result<void> done = choose_versions(lib, context, options);
  if (done) done = choose_ciphers(lib, context, options);
  if (done) done = offer_protocols(lib, context, options.alpn);
  if (done) done = share_key(lib, context, options);
  CredentialFiles files(options);
  if (done) done = trust(lib, context, options, files);
  if (done) done = present(lib, context, options, files);
  lib.ERR_clear_error();
  if (!done) return std::unexpected(done.error());
  const auto key_log = open_key_log(lib, context, options.key_log);
  if (!key_log) return std::unexpected(key_log.error());
  impl->key_log = *key_log;
  impl->has_certificate = !options.certificate.empty();
  impl->options.key_password.reset();  // read once, needed no more
  impl->options.contents.clear();
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

}  // namespace mq
