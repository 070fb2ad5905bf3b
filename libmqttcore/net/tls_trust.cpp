// Whom we trust: authorities and revocation lists.
#include <dirent.h>
#include <fmt/core.h>

#include <cerrno>
#include <cstdlib>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "net/tls_context.ipp"

namespace mq {
namespace {

// The system's file of all authorities takes 25 ms to read. Its directory of the same has them by the hash of
// their names, so the file is only read for an issuer that the directory hasn't got.
int find_in_system_file(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* name,
                        X509_OBJECT* found) {
  const OpenSsl& lib = open_ssl();
  if (lib.X509_LOOKUP_get_method_data(lookup) != nullptr || type != X509_LU_X509) return 0;
  static char read_already = 0;
  lib.X509_LOOKUP_set_method_data(lookup, &read_already);
  const char* file = std::getenv(lib.X509_get_default_cert_file_env());
  if (file == nullptr) file = lib.X509_get_default_cert_file();
  lib.X509_load_cert_crl_file(lookup, file, X509_FILETYPE_PEM);
  // Reading has put all of them into the store.
  X509_STORE* store = lib.X509_LOOKUP_get_store(lookup);
  if (lib.X509_STORE_lock(store) != 1) return 0;
  X509_OBJECT* object = lib.X509_OBJECT_retrieve_by_subject(lib.X509_STORE_get0_objects(store), type, name);
  X509* certificate = object == nullptr ? nullptr : lib.X509_OBJECT_get0_X509(object);
  const bool taken = certificate != nullptr && lib.X509_OBJECT_set1_X509(found, certificate) == 1;
  // The caller counts its own reference, and takes none over: the store's keeps the certificate.
  if (taken) lib.X509_free(certificate);
  lib.X509_STORE_unlock(store);
  return taken ? 1 : 0;
}

X509_LOOKUP_METHOD* system_file(const OpenSsl& lib) {
  static X509_LOOKUP_METHOD* const method = [&] {
    X509_LOOKUP_METHOD* made = lib.X509_LOOKUP_meth_new("the system's file, when it is needed");
    if (made != nullptr) lib.X509_LOOKUP_meth_set_get_by_subject(made, find_in_system_file);
    return made;
  }();
  return method;
}

Result<void> trust_system(const OpenSsl& lib, X509_STORE* store) {
  X509_LOOKUP* directory = lib.X509_STORE_add_lookup(store, lib.X509_LOOKUP_hash_dir());
  X509_LOOKUP_METHOD* file = system_file(lib);
  // The system's directory, or the one of SSL_CERT_DIR.
  if (directory == nullptr || file == nullptr ||
      lib.X509_LOOKUP_ctrl(directory, X509_L_ADD_DIR, nullptr, X509_FILETYPE_DEFAULT, nullptr) != 1 ||
      lib.X509_STORE_add_lookup(store, file) == nullptr) {
    return fail(ErrorKind::tls, "OpenSSL cannot use the system's trusted certificates");
  }
  return {};
}

// All certificates, and the revocation lists among them.
Result<void> trust_file(const OpenSsl& lib, X509_STORE* store, CredentialFiles& files,
                        const std::string& path) {
  const auto content = files.read("CA file", path);
  if (!content) return std::unexpected(content.error());
  const Owned<BIO> bio = memory_bio(lib, *content);
  STACK_OF(X509_INFO)* found =
      bio ? lib.PEM_X509_INFO_read_bio(bio.get(), nullptr, nullptr, nullptr) : nullptr;
  auto* rest = reinterpret_cast<OPENSSL_STACK*>(found);
  int count = 0;
  bool taken = true;
  while (auto* each = static_cast<X509_INFO*>(lib.OPENSSL_sk_shift(rest))) {
    if (each->x509 != nullptr) {
      taken = lib.X509_STORE_add_cert(store, each->x509) == 1 && taken;
      ++count;
    }
    if (each->crl != nullptr) taken = lib.X509_STORE_add_crl(store, each->crl) == 1 && taken;
    lib.X509_INFO_free(each);
  }
  lib.OPENSSL_sk_free(rest);
  lib.ERR_clear_error();
  if (count == 0 || !taken) {
    return fail(ErrorKind::usage, fmt::format("CA file {} has no certificate in PEM", quoted(path)));
  }
  return {};
}

Result<void> trust_directory(const OpenSsl& lib, SSL_CTX* context, const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) {
    return fail(ErrorKind::usage,
                fmt::format("cannot read CA directory {}: {}", quoted(path), system_error(errno)));
  }
  ::closedir(directory);
  if (lib.SSL_CTX_load_verify_dir(context, path.c_str()) != 1) {
    return fail(ErrorKind::usage, fmt::format("cannot use CA directory {}", quoted(path)));
  }
  return {};
}

Result<void> know_revocations(const OpenSsl& lib, X509_STORE* store, CredentialFiles& files,
                              const std::string& path) {
  const auto content = files.read("revocation list", path);
  if (!content) return std::unexpected(content.error());
  const Owned<BIO> bio = memory_bio(lib, *content);
  int count = 0;
  while (bio) {
    const Owned<X509_CRL> list(lib.PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr),
                               lib.X509_CRL_free);
    if (!list || lib.X509_STORE_add_crl(store, list.get()) != 1) break;
    ++count;
  }
  lib.ERR_clear_error();
  if (count == 0) {
    return fail(ErrorKind::usage, fmt::format("{} has no revocation list in PEM", quoted(path)));
  }
  lib.X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return {};
}

}  // namespace

Result<void> trust(const OpenSsl& lib, SSL_CTX* context, const TlsOptions& options, CredentialFiles& files) {
  X509_STORE* store = lib.SSL_CTX_get_cert_store(context);
  Result<void> done;
  if (!options.ca_file.empty()) done = trust_file(lib, store, files, options.ca_file);
  if (done && !options.ca_path.empty()) done = trust_directory(lib, context, options.ca_path);
  if (done && options.ca_file.empty() && options.ca_path.empty() && options.verify) {
    done = trust_system(lib, store);
  }
  if (done && !options.revocations.empty()) done = know_revocations(lib, store, files, options.revocations);
  return done;
}

}  // namespace mq
