// What goes wrong in TLS, in words: for net/tls*.cpp alone. All that a peer says (names in certificates) is
// quoted before it is shown.
#pragma once

#include <string>

#include "net/open_ssl.ipp"
#include "net/tls_context.ipp"

namespace mq {

// The verdict of OpenSSL's verification, as X509_STORE_CTX_get_error() has it, on the certificate `depth`
// steps above the server's; `name` is the one that it must have.
Error certificate_fault(const OpenSsl& lib, X509_STORE_CTX* verification, const std::string& name);

// Why the last call for `ssl` failed, from OpenSSL's queue of errors, which is empty afterwards. `began`: the
// handshake is over.
Error tls_fault(const OpenSsl& lib, SSL* ssl, const TlsContext::Impl& context, const TlsNotes& notes,
                bool began);

}  // namespace mq
