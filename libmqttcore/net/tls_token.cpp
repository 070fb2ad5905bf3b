// Keys that never leave their token (smart card, HSM), by PKCS#11: through OpenSSL's provider of that name,
// or else through its engine, which Debian 12 has.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "net/tls_context.ipp"

namespace mq {
namespace {

using Pin = std::optional<std::string>;

std::unexpected<Error> token_fault(std::string_view what, const std::string& uri, const Password& password) {
  const bool no_pin = password.asked && !password.given;
  return fail(ErrorKind::usage,
              fmt::format("cannot use {} {}: {}", what, shown_source(uri),
                          no_pin ? "the token wants a PIN and none was given"
                                 : "no token has it, or the PIN is wrong"),
              0, no_pin ? "" : "p11tool --list-tokens and pkcs11-tool --list-objects show what there is");
}

// A URI for the engine, which takes the module's path (RFC 7512, 2.4) another way.
struct EngineUri {
  std::string without_module;
  std::string module_path;
};

EngineUri engine_uri(std::string_view uri) {
  constexpr std::string_view wanted = "module-path=";
  const auto query = uri.find('?');
  EngineUri parts{.without_module = std::string(uri.substr(0, query)), .module_path = {}};
  if (query == std::string_view::npos) return parts;
  char before = '?';
  uri.remove_prefix(query + 1);
  while (!uri.empty()) {
    const std::string_view each = uri.substr(0, uri.find('&'));
    uri.remove_prefix(std::min(each.size() + 1, uri.size()));
    if (each.starts_with(wanted)) {
      const std::string_view path = each.substr(wanted.size());
      parts.module_path = percent_decoded(path).value_or(std::string(path));
    } else {
      parts.without_module += std::exchange(before, '&');
      parts.without_module += each;
    }
  }
  return parts;
}

// What the provider's store has at `uri`, taken out by `take` (nullptr: not what is looked for).
template <class T, class Take>
T* from_store(const OpenSsl& lib, const std::string& uri, int type, Password& password, Take take) {
  const Owned<UI_METHOD> answers(lib.UI_UTIL_wrap_read_pem_callback(Password::answer, 0),
                                 lib.UI_destroy_method);
  OSSL_STORE_CTX* store = lib.OSSL_STORE_open(uri.c_str(), answers.get(), &password, nullptr, nullptr);
  T* found = nullptr;
  if (store != nullptr) {
    lib.OSSL_STORE_expect(store, type);
    while (found == nullptr && lib.OSSL_STORE_eof(store) == 0) {
      const Owned<OSSL_STORE_INFO> info(lib.OSSL_STORE_load(store), lib.OSSL_STORE_INFO_free);
      if (!info) break;
      if (lib.OSSL_STORE_INFO_get_type(info.get()) == type) found = take(info.get());
    }
    lib.OSSL_STORE_close(store);
  }
  lib.ERR_clear_error();
  return found;
}

bool has_provider(const OpenSsl& lib) {
  static const bool there = [&] {
    const bool loaded = lib.OSSL_PROVIDER_try_load(nullptr, "pkcs11", 1) != nullptr;
    lib.ERR_clear_error();
    return loaded;
  }();
  return there;
}

// Begun once, never ended: keys refer to it.
Result<ENGINE*> engine(const OpenSsl& lib, const std::string& module_path, const Pin& pin) {
  static ENGINE* begun = nullptr;
  if (begun == nullptr) {
    lib.OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC, nullptr);
    ENGINE* found = lib.ENGINE_by_id("pkcs11");
    if (found == nullptr) {
      lib.ERR_clear_error();
      return fail(ErrorKind::usage, "OpenSSL has no way to use PKCS#11 tokens", 0,
                  "install its engine or provider (Debian: libengine-pkcs11-openssl)");
    }
    lib.ENGINE_ctrl_cmd_string(found, "QUIET", nullptr, 0);  // it would write on standard error
    if (!module_path.empty()) {
      lib.ENGINE_ctrl_cmd_string(found, "MODULE_PATH", module_path.c_str(), 0);
    }
    if (lib.ENGINE_init(found) != 1) {
      lib.ENGINE_free(found);
      lib.ERR_clear_error();
      return fail(ErrorKind::usage, "the PKCS#11 module cannot be used: " +
                                        (module_path.empty() ? "the system's" : quoted(module_path, 200)));
    }
    begun = found;
  }
  // An empty one would be tried, and three tries may be all that a token allows.
  if (pin && !pin->empty()) lib.ENGINE_ctrl_cmd_string(begun, "PIN", pin->c_str(), 0);
  return begun;
}

}  // namespace

Result<Owned<X509>> token_certificate(const OpenSsl& lib, const std::string& uri, const Pin& pin) {
  Password password{pin};
  X509* found = nullptr;
  if (has_provider(lib)) {
    found = from_store<X509>(lib, uri, OSSL_STORE_INFO_CERT, password, lib.OSSL_STORE_INFO_get1_CERT);
  } else {
    const EngineUri asked = engine_uri(uri);
    const auto with = engine(lib, asked.module_path, pin);
    if (!with) return std::unexpected(with.error());
    struct {
      const char* uri;
      X509* certificate;
    } question{asked.without_module.c_str(), nullptr};
    if (lib.ENGINE_ctrl_cmd(*with, "LOAD_CERT_CTRL", 0, &question, nullptr, 1) == 1) {
      found = question.certificate;
    }
    lib.ERR_clear_error();
  }
  if (found == nullptr) return token_fault("certificate", uri, password);
  return Owned<X509>(found, lib.X509_free);
}

Result<Owned<EVP_PKEY>> token_key(const OpenSsl& lib, const std::string& uri, const Pin& pin) {
  Password password{pin};
  EVP_PKEY* found = nullptr;
  if (has_provider(lib)) {
    found = from_store<EVP_PKEY>(lib, uri, OSSL_STORE_INFO_PKEY, password, lib.OSSL_STORE_INFO_get1_PKEY);
  } else {
    const EngineUri asked = engine_uri(uri);
    const auto with = engine(lib, asked.module_path, pin);
    if (!with) return std::unexpected(with.error());
    const Owned<UI_METHOD> answers(lib.UI_UTIL_wrap_read_pem_callback(Password::answer, 0),
                                   lib.UI_destroy_method);
    found = lib.ENGINE_load_private_key(*with, asked.without_module.c_str(), answers.get(), &password);
    lib.ERR_clear_error();
  }
  if (found == nullptr) return token_fault("key", uri, password);
  return Owned<EVP_PKEY>(found, lib.EVP_PKEY_free);
}

}  // namespace mq
