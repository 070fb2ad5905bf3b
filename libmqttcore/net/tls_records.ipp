// One TLS connection without anything below it: ciphertext in, plaintext out, and the other way round. For
// net/tls*.cpp alone.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "net/tls_context.ipp"

namespace mq {

class TlsRecords {
 public:
  enum class Step {
    done,
    more,    // all of `incoming` is used up, and more must come; nothing of what was to be done is
    ended,   // the peer said that it has nothing more to say
    failed,  // see fault()
  };

  // `host` as the user named it. An error is of kind usage or tls.
  static Result<std::unique_ptr<TlsRecords>> make(std::shared_ptr<TlsContext> context,
                                                  const std::string& host);
  ~TlsRecords();
  TlsRecords(const TlsRecords&) = delete;
  TlsRecords& operator=(const TlsRecords&) = delete;

  // What came from the peer and is not taken in yet: whoever calls a step sets it, and keeps what is left.
  Bytes incoming{};
  // What is to be sent to the peer, answers of the protocol itself among it; whoever sends it clears it.
  Buffer outgoing{};

  Step handshake();
  // Into `space` until it is full (done) or the last whole record is decrypted; `size` says how much. `space`
  // is no place where `incoming` is.
  Step decrypt(std::span<char> space, std::size_t& size);
  // All of it (done), or nothing of it: while a message of TLS itself has only come in part, such as a ticket
  // in several records, OpenSSL takes the rest of that first, out of `incoming` (more).
  Step encrypt(Bytes plain);
  void say_goodbye();  // close_notify

  // Part of a record has come, or one that did not fit into the space.
  bool holds_anything() const { return lib_.SSL_has_pending(ssl_.get()) == 1; }
  bool holds_plaintext() const { return lib_.SSL_pending(ssl_.get()) > 0; }
  const Error& fault() const { return fault_; }
  TlsContext::Impl& context() const { return context_->impl(); }
  std::shared_ptr<TlsContext> shared_context() const { return context_; }

 private:
  TlsRecords(std::shared_ptr<TlsContext> context, Owned<SSL> ssl);
  Result<void> name_server(const std::string& host);
  Step failed(int result);
  Step succeeded();

  friend int verify_certificate(int, X509_STORE_CTX*);
  friend int note_demand(SSL*, void*);
  friend int keep_session(SSL*, SSL_SESSION*);
  friend struct SpanBio;

  std::shared_ptr<TlsContext> context_;
  const OpenSsl& lib_;
  Owned<SSL> ssl_;
  TlsNotes notes_;
  Error fault_{};
  bool resuming_ = false;  // an earlier session was offered
  bool began_ = false;     // the handshake is over
  bool broken_ = false;    // OpenSSL allows nothing more
};

// The callbacks of a context; each finds the TlsRecords of its SSL.
int verify_certificate(int verified, X509_STORE_CTX* verification);
int note_demand(SSL* ssl, void* unused);  // of a certificate of ours
int keep_session(SSL* ssl, SSL_SESSION* session);

}  // namespace mq
