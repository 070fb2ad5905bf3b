// Who we are: certificate, chain and key, from PEM and PKCS#12 files or from a token.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "net/tls_context.ipp"

namespace mq {
namespace {

// More than any bundle of certificates; a wrong name (a disk, a log) is not read to its end.
constexpr std::size_t most_credential_bytes = 32 * std::size_t{1024} * 1024;

std::unexpected<Error> usage(std::string text, std::string hint = {}) {
  return fail(ErrorKind::usage, std::move(text), 0, std::move(hint));
}

bool is_pem(Bytes content) { return content.contains("-----BEGIN "); }

// What OpenSSL found wrong last, in the words that may follow a colon of ours.
std::string last_reason(const OpenSsl& lib) {
  const char* reason = lib.ERR_reason_error_string(lib.ERR_peek_last_error());
  lib.ERR_clear_error();
  return reason != nullptr ? reason : "unknown reason";
}

// What the context got: for the texts, where the two come from.
class Presenter {
 public:
  Presenter(const OpenSsl& lib, SSL_CTX* context, const TlsOptions& options, CredentialFiles& files)
      : lib_(lib), context_(context), options_(options), files_(files) {}

  Result<void> present() {
    const std::string& name = options_.certificate;
    if (name.empty()) return usage("a key was given without a certificate");
    Result<void> done;
    if (is_token(name)) {
      done = certificate_of_token();
    } else {
      const auto content = files_.read("certificate file", name);
      if (!content) return std::unexpected(content.error());
      done = is_pem(*content) ? certificate_of_pem(*content) : all_of_pkcs12(*content);
    }
    if (!done || has_key_) return done;
    if (options_.key.empty() && is_token(name)) return key_of_token(name);
    if (is_token(options_.key)) return key_of_token(options_.key);
    return key_of_pem();
  }

 private:
  std::string place_of_key() const {
    return shown_source(options_.key.empty() ? options_.certificate : options_.key);
  }

  Result<void> certificate_of_token() {
    const auto certificate = token_certificate(lib_, options_.certificate, options_.key_password);
    if (!certificate) return std::unexpected(certificate.error());
    return use(certificate->get());
  }

  Result<void> key_of_token(const std::string& uri) {
    const auto key = token_key(lib_, uri, options_.key_password);
    if (!key) return std::unexpected(key.error());
    return use(key->get());
  }

  Result<void> certificate_of_pem(Bytes content) {
    const Owned<BIO> bio = memory_bio(lib_, content);
    Owned<X509> certificate(lib_.PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr), lib_.X509_free);
    if (!certificate) {
      lib_.ERR_clear_error();
      return usage(fmt::format("certificate file {} has no certificate", shown_source(options_.certificate)));
    }
    Result<void> done = use(certificate.get());
    while (done) {
      Owned<X509> next(lib_.PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), lib_.X509_free);
      if (!next) break;
      done = add_to_chain(std::move(next));
    }
    lib_.ERR_clear_error();
    return done;
  }

  Result<void> key_of_pem() {
    const std::string& path = options_.key.empty() ? options_.certificate : options_.key;
    const auto content = files_.read("key file", path);
    if (!content) return std::unexpected(content.error());
    const Owned<BIO> bio = memory_bio(lib_, *content);
    Password password{options_.key_password};
    const Owned<EVP_PKEY> key(lib_.PEM_read_bio_PrivateKey(bio.get(), nullptr, Password::answer, &password),
                              lib_.EVP_PKEY_free);
    if (key) return use(key.get());
    lib_.ERR_clear_error();
    if (password.asked && !options_.key_password) {
      return usage(fmt::format("cannot read key file {}: the key is encrypted and no password was given",
                               quoted(path)));
    }
    if (password.asked) return usage(fmt::format("wrong password for key file {}", quoted(path)));
    if (options_.key.empty()) {
      return usage(fmt::format("certificate file {} has no key, and no key file was given", quoted(path)));
    }
    return usage(fmt::format("key file {} has no private key in PEM", quoted(path)));
  }

  Result<void> all_of_pkcs12(Bytes content) {
    const std::string name = shown_source(options_.certificate);
    const Owned<BIO> bio = memory_bio(lib_, content);
    const Owned<PKCS12> file(lib_.d2i_PKCS12_bio(bio.get(), nullptr), lib_.PKCS12_free);
    lib_.ERR_clear_error();
    if (!file) return usage(fmt::format("certificate file {} is neither PEM nor PKCS#12", name));
    const char* password = options_.key_password ? options_.key_password->c_str() : "";
    // OpenSSL itself tries a password that is absent beside one that is empty.
    if (lib_.PKCS12_mac_present(file.get()) == 1 && lib_.PKCS12_verify_mac(file.get(), password, -1) != 1 &&
        (*password != '\0' || lib_.PKCS12_verify_mac(file.get(), nullptr, 0) != 1)) {
      lib_.ERR_clear_error();
      if (!options_.key_password) {
        return usage(fmt::format("cannot read {}: the key is encrypted and no password was given", name));
      }
      return usage(fmt::format("wrong password for {}", name));
    }
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
    STACK_OF(X509)* chain = nullptr;
    if (lib_.PKCS12_parse(file.get(), password, &key, &certificate, &chain) != 1) {
      return usage(fmt::format("cannot read {}: {}", name, last_reason(lib_)),
                   "a file written with RC2 or 3DES must be written anew, OpenSSL 3 no longer reads it");
    }
    const Owned<EVP_PKEY> owned_key(key, lib_.EVP_PKEY_free);
    const Owned<X509> owned_certificate(certificate, lib_.X509_free);
    if (certificate == nullptr)
      return usage(fmt::format("{} has no certificate that belongs to a key", name));
    Result<void> done = use(certificate);
    auto* rest = reinterpret_cast<OPENSSL_STACK*>(chain);
    while (X509* each = static_cast<X509*>(lib_.OPENSSL_sk_shift(rest))) {
      Owned<X509> next(each, lib_.X509_free);
      if (done) done = add_to_chain(std::move(next));
    }
    lib_.OPENSSL_sk_free(rest);
    // A key of its own may be given beside it.
    if (done && key != nullptr && options_.key.empty()) done = use(key);
    return done;
  }

  Result<void> use(X509* certificate) {
    if (lib_.SSL_CTX_use_certificate(context_, certificate) == 1) return {};
    return usage(fmt::format("cannot use the certificate in {}: {}", shown_source(options_.certificate),
                             last_reason(lib_)));
  }

  Result<void> use(EVP_PKEY* key) {
    has_key_ = true;
    if (lib_.SSL_CTX_use_PrivateKey(context_, key) == 1 && lib_.SSL_CTX_check_private_key(context_) == 1) {
      return {};
    }
    lib_.ERR_clear_error();
    return usage(fmt::format("the key in {} does not belong to the certificate in {}", place_of_key(),
                             shown_source(options_.certificate)));
  }

  Result<void> add_to_chain(Owned<X509> certificate) {
    if (lib_.SSL_CTX_ctrl(context_, SSL_CTRL_CHAIN_CERT, 0, certificate.get()) != 1) {
      return usage(fmt::format("cannot use the chain in {}: {}", shown_source(options_.certificate),
                               last_reason(lib_)));
    }
    std::ignore = certificate.release();
    return {};
  }

  const OpenSsl& lib_;
  SSL_CTX* context_;
  const TlsOptions& options_;
  CredentialFiles& files_;
  bool has_key_ = false;
};

}  // namespace

std::string shown_source(std::string_view name) {
  if (is_token(name)) name = name.substr(0, std::min(name.find('?'), name.find(";pin-")));
  return quoted(name, 200);
}

int Password::answer(char* space, int size, int /*rwflag*/, void* self) {
  auto& password = *static_cast<Password*>(self);
  password.asked = true;
  if (!password.given || !std::in_range<int>(password.given->size())) return -1;
  const int length = static_cast<int>(password.given->size());
  if (length > size) return -1;
  std::ranges::copy(*password.given, space);
  return length;
}

Owned<BIO> memory_bio(const OpenSsl& lib, Bytes bytes) {
  return {lib.BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())), lib.BIO_vfree};
}

Result<Bytes> CredentialFiles::read(std::string_view what, const std::string& path) {
  if (const auto known = read_.find(path); known != read_.end()) return known->second;
  const auto trouble = [&](const std::string& why) {
    return usage(fmt::format("cannot read {} {}: {}", what, quoted(path), why));
  };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return trouble(system_error(errno));
  Buffer content;
  std::array<char, 16 * 1024> piece{};
  ssize_t count = 0;
  int error = 0;
  do {
    count = ::read(file, piece.data(), piece.size());
    error = count < 0 ? errno : 0;
    if (count > 0) content.append(piece.data(), static_cast<std::size_t>(count));
  } while ((count > 0 && content.size() <= most_credential_bytes) || error == EINTR);
  ::close(file);
  if (error != 0) return trouble(system_error(error));
  if (content.size() > most_credential_bytes) return trouble("it is larger than 32 MiB");
  return read_.emplace(path, std::move(content)).first->second;
}

Result<void> present(const OpenSsl& lib, SSL_CTX* context, const TlsOptions& options,
                     CredentialFiles& files) {
  if (options.certificate.empty() && options.key.empty()) return {};
  return Presenter(lib, context, options, files).present();
}

}  // namespace mq
