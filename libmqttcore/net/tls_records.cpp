#include "net/tls_records.ipp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "net/address.hpp"
#include "net/tls_error.ipp"

namespace mq {

// OpenSSL reads and writes through this: straight out of `incoming` and behind `outgoing`, so that what has
// arrived is copied once, into OpenSSL's record, and never kept by us.
struct SpanBio {
  static TlsRecords& of(BIO* bio) { return *static_cast<TlsRecords*>(open_ssl().BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int size) {
    TlsRecords& records = of(bio);
    open_ssl().BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
    if (records.incoming.empty()) {
      open_ssl().BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
      return -1;
    }
    const std::size_t count = std::min(static_cast<std::size_t>(size), records.incoming.size());
    std::memcpy(to, records.incoming.data(), count);
    records.incoming.remove_prefix(count);
    return static_cast<int>(count);
  }

  static int write(BIO* bio, const char* from, int size) {
    open_ssl().BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
    of(bio).outgoing.append(from, static_cast<std::size_t>(size));
    return size;
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*argument*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static BIO_METHOD* method(const OpenSsl& lib) {
    static BIO_METHOD* const made = [&] {
      BIO_METHOD* m = lib.BIO_meth_new(lib.BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "span");
      if (m != nullptr) {
        lib.BIO_meth_set_read(m, read);
        lib.BIO_meth_set_write(m, write);
        lib.BIO_meth_set_ctrl(m, control);
      }
      return m;
    }();
    return made;
  }
};

namespace {

std::unexpected<Error> out_of_memory() { return fail(ErrorKind::tls, "OpenSSL cannot begin a connection"); }

// As a certificate has it: without the dot at the end, or the zone of an address.
std::string bare_name(const std::string& host, bool numeric) {
  if (numeric) return host.substr(0, host.find('%'));
  return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

}  // namespace

TlsRecords::TlsRecords(std::shared_ptr<TlsContext> context, Owned<SSL> ssl)
    : context_(std::move(context)), lib_(context_->impl().lib), ssl_(std::move(ssl)) {}

TlsRecords::~TlsRecords() {
  // A connection that was cut leaves a session as good as one that was closed (RFC 5246, 7.2.1), but OpenSSL
  // would let nobody take it up again.
  if (began_ && !broken_) lib_.SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

Result<std::unique_ptr<TlsRecords>> TlsRecords::make(std::shared_ptr<TlsContext> context,
                                                     const std::string& host) {
  const OpenSsl& lib = context->impl().lib;
  Owned<SSL> ssl(lib.SSL_new(context->impl().context.get()), lib.SSL_free);
  BIO_METHOD* method = SpanBio::method(lib);
  BIO* bio = method == nullptr ? nullptr : lib.BIO_new(method);
  if (!ssl || bio == nullptr) return out_of_memory();
  std::unique_ptr<TlsRecords> records(new TlsRecords(std::move(context), std::move(ssl)));
  lib.BIO_set_data(bio, records.get());
  lib.BIO_set_init(bio, 1);
  lib.SSL_set_bio(records->ssl_.get(), bio, bio);  // which owns it
  lib.SSL_set_ex_data(records->ssl_.get(), 0, records.get());
  lib.SSL_set_connect_state(records->ssl_.get());
  if (const auto named = records->name_server(host); !named) return std::unexpected(named.error());
  return records;
}

Result<void> TlsRecords::name_server(const std::string& host) {
  TlsContext::Impl& context = context_->impl();
  const std::string& wanted = context.options.server_name.empty() ? host : context.options.server_name;
  const bool numeric = numeric_address(wanted, 0).has_value();
  notes_.name = bare_name(wanted, numeric);
  X509_VERIFY_PARAM* parameters = lib_.SSL_get0_param(ssl_.get());
  if (notes_.name.empty()) {
    if (!context.options.verify || !context.options.psk.empty()) return {};
    return fail(ErrorKind::usage, "there is no host name that the server's certificate could be checked for",
                0, "give the server name that its certificate has");
  }
  bool taken = true;
  if (numeric) {
    taken = lib_.X509_VERIFY_PARAM_set1_ip_asc(parameters, notes_.name.c_str()) == 1;
  } else {
    lib_.X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    taken = lib_.X509_VERIFY_PARAM_set1_host(parameters, notes_.name.data(), notes_.name.size()) == 1 &&
            lib_.SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                          notes_.name.data()) == 1;
  }
  lib_.ERR_clear_error();
  if (!taken) return fail(ErrorKind::usage, fmt::format("{} can be no server's name", quoted(notes_.name)));
  if (const auto known = context.sessions.find(notes_.name); known != context.sessions.end()) {
    lib_.SSL_set_session(ssl_.get(), known->second.get());
    resuming_ = true;
  }
  return {};
}

TlsRecords::Step TlsRecords::handshake() {
  lib_.ERR_clear_error();
  const int result = lib_.SSL_do_handshake(ssl_.get());
  return result == 1 ? succeeded() : failed(result);
}

TlsRecords::Step TlsRecords::succeeded() {
  // A server that knows nothing of ALPN chooses none and goes on (RFC 7301, 3.2); one that minds has said so.
  began_ = true;
  return Step::done;
}

TlsRecords::Step TlsRecords::failed(int result) {
  switch (lib_.SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Step::more;
    case SSL_ERROR_ZERO_RETURN:
      return Step::ended;
    default:
      break;
  }
  broken_ = true;
  TlsContext::Impl& context = context_->impl();
  fault_ = tls_fault(lib_, ssl_.get(), context, notes_, began_);
  // Whatever it was, the next handshake begins from nothing; and one that only a resumption may have failed
  // is worth it.
  context.sessions.erase(notes_.name);
  if (resuming_ && !began_ && !notes_.verdict && fault_.kind == ErrorKind::tls) {
    fault_.kind = ErrorKind::connect;
    fault_.permanent = false;
  }
  return Step::failed;
}

TlsRecords::Step TlsRecords::decrypt(std::span<char> space, std::size_t& size) {
  size = 0;
  lib_.ERR_clear_error();
  while (size < space.size()) {
    std::size_t count = 0;
    const int result = lib_.SSL_read_ex(ssl_.get(), space.data() + size, space.size() - size, &count);
    if (result != 1) return failed(result);
    size += count;
  }
  return Step::done;
}

TlsRecords::Step TlsRecords::encrypt(Bytes plain) {
  if (broken_) return Step::failed;
  if (plain.empty()) return Step::done;
  lib_.ERR_clear_error();
  std::size_t written = 0;
  const int result = lib_.SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
  if (result == 1) return Step::done;
  const Step step = failed(result);
  if (step != Step::ended) return step;
  fault_ = {.kind = ErrorKind::lost, .text = "the connection ended in the middle of a message of TLS"};
  return Step::failed;
}

void TlsRecords::say_goodbye() {
  if (broken_) return;
  lib_.ERR_clear_error();
  lib_.SSL_shutdown(ssl_.get());
}

int verify_certificate(int verified, X509_STORE_CTX* verification) {
  const OpenSsl& lib = open_ssl();
  auto* ssl = static_cast<SSL*>(
      lib.X509_STORE_CTX_get_ex_data(verification, lib.SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& records = *static_cast<TlsRecords*>(lib.SSL_get_ex_data(ssl, 0));
  TlsNotes& notes = records.notes_;
  if (!records.context().options.psk.empty()) {
    notes.verdict = Error{.kind = ErrorKind::tls,
                          .text =
                              "the server does not know the pre-shared key's identity, and showed a "
                              "certificate instead",
                          .permanent = true};
    return 0;
  }
  if (verified != 1 && records.context().options.verify && !notes.verdict) {
    notes.verdict = certificate_fault(lib, verification, notes.name);
  }
  return verified;
}

int note_demand(SSL* ssl, void* /*unused*/) {
  static_cast<TlsRecords*>(open_ssl().SSL_get_ex_data(ssl, 0))->notes_.certificate_demanded = true;
  return 1;
}

int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto& records = *static_cast<TlsRecords*>(open_ssl().SSL_get_ex_data(ssl, 0));
  TlsContext::Impl& context = records.context();
  auto& sessions = context.sessions;
  const std::string& name = records.notes_.name;
  if (const auto known = sessions.find(name); known != sessions.end()) {
    known->second.reset(session);
    return 1;  // it is ours now
  }
  if (sessions.size() == TlsContext::Impl::most_sessions) sessions.erase(sessions.begin());
  sessions.emplace(name, Owned<SSL_SESSION>(session, context.lib.SSL_SESSION_free));
  return 1;
}

}  // namespace mq
