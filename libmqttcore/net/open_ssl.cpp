#include <dlfcn.h>

#include <string>

#include "net/open_ssl.ipp"

namespace mq {
namespace {

std::unexpected<Error> not_loaded() {
  // What dlerror() says names files and symbols: of no use without the package's name.
  const char* why = ::dlerror();
  return fail(ErrorKind::tls,
              std::string("OpenSSL 3 cannot be loaded: ") + (why != nullptr ? why : "no reason given"), 0,
              "install the package that has libssl.so.3 (Debian: libssl3)");
}

bool find(void* library, const char* name, auto& function) {
  function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
  return function != nullptr;
}

Result<OpenSsl> load() {
  // Never closed: OpenSSL leaves threads' data and handlers behind. libcrypto comes with it.
  void* library = ::dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return not_loaded();
  OpenSsl table;
#define MQ_FIND(name) \
  if (!find(library, #name, table.name)) return not_loaded();
  MQ_OPEN_SSL_FUNCTIONS(MQ_FIND)
#undef MQ_FIND
  // No clean-up at exit: the process ends, and the module of a token may still want OpenSSL then.
  if (table.OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) {
    return fail(ErrorKind::tls, "OpenSSL 3 cannot be initialised", 0, "check its configuration, openssl.cnf");
  }
  return table;
}

const Result<OpenSsl>& loaded() {
  static const Result<OpenSsl> table = load();
  return table;
}

}  // namespace

Result<const OpenSsl*> load_open_ssl() {
  const Result<OpenSsl>& table = loaded();
  if (!table) return std::unexpected(table.error());
  return &*table;
}

const OpenSsl& open_ssl() { return *loaded(); }

}  // namespace mq
