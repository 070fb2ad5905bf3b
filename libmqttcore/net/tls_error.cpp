#include "net/tls_error.ipp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace mq {
namespace {

// What may have to be so for a row to hold.
enum class When {
  always,
  before_hello,             // the server has not chosen anything yet
  without_our_certificate,  // it demanded one of us and got none
  with_our_certificate,
  with_psk,
};

// {name}: the server's name as we sent it; {versions}: ours; {alpn}: the protocols that we offered.
struct Row {
  int code;
  When when;
  std::string_view text;
  std::string_view hint = {};
};

constexpr std::string_view is_this_tls = "is this its port for TLS?";
constexpr std::string_view need_certificate = "the server demands a client certificate, and none was given";

// What the server says by an alert (RFC 8446, 6; RFC 5246, 7.2). The first row that holds is taken.
constexpr std::array alerts = std::to_array<Row>({
    {SSL_AD_UNEXPECTED_MESSAGE, When::always, "the server broke off the handshake: unexpected message"},
    {SSL_AD_BAD_RECORD_MAC, When::with_psk, "the server has another pre-shared key for this identity"},
    {SSL_AD_BAD_RECORD_MAC, When::always, "the server received data that had been changed on the way"},
    {SSL_AD_RECORD_OVERFLOW, When::always, "the server received a record that it found too long"},
    {SSL_AD_HANDSHAKE_FAILURE, When::without_our_certificate, need_certificate},
    {SSL_AD_HANDSHAKE_FAILURE, When::with_psk, "the server does not know the pre-shared key's identity"},
    {SSL_AD_HANDSHAKE_FAILURE, When::before_hello, "no cipher in common with the server"},
    {SSL_AD_HANDSHAKE_FAILURE, When::always, "the server refused the handshake without saying why"},
    {SSL_AD_BAD_CERTIFICATE, When::without_our_certificate, need_certificate},
    {SSL_AD_BAD_CERTIFICATE, When::always, "the server refused our certificate as bad"},
    {SSL_AD_UNSUPPORTED_CERTIFICATE, When::always,
     "the server refused our certificate: it is not of a kind or for a purpose that it accepts"},
    {SSL_AD_CERTIFICATE_REVOKED, When::always, "the server refused our certificate: it was revoked"},
    {SSL_AD_CERTIFICATE_EXPIRED, When::always, "the server refused our certificate: it has expired"},
    {SSL_AD_CERTIFICATE_UNKNOWN, When::always,
     "the server refused our certificate without saying what is wrong with it"},
    {SSL_AD_ILLEGAL_PARAMETER, When::with_psk, "the server has another pre-shared key for this identity"},
    {SSL_AD_ILLEGAL_PARAMETER, When::always, "the server broke off the handshake: illegal parameter"},
    {SSL_AD_UNKNOWN_CA, When::always, "the server refused our certificate: it does not trust who issued it"},
    {SSL_AD_ACCESS_DENIED, When::always, "the server refused our certificate: access denied"},
    {SSL_AD_DECODE_ERROR, When::always, "the server broke off the handshake: it could not read a message"},
    {SSL_AD_DECRYPT_ERROR, When::with_psk, "the server has another pre-shared key for this identity"},
    {SSL_AD_DECRYPT_ERROR, When::with_our_certificate,
     "the server refused our certificate: a signature is wrong, or the key is not the certificate's"},
    {SSL_AD_DECRYPT_ERROR, When::always, "the server broke off the handshake: a signature is wrong"},
    {SSL_AD_PROTOCOL_VERSION, When::always, "no TLS version in common with the server, ours: {versions}"},
    {SSL_AD_INSUFFICIENT_SECURITY, When::always, "the server demands stronger ciphers than ours"},
    {SSL_AD_INTERNAL_ERROR, When::always, "the server broke off the handshake: internal error on its side"},
    {SSL_AD_USER_CANCELLED, When::always, "the server cancelled the handshake"},
    {SSL_AD_MISSING_EXTENSION, When::always, "the server broke off the handshake: it misses an extension"},
    {SSL_AD_UNRECOGNIZED_NAME, When::always, "the server does not know the name {name}"},
    {SSL_AD_UNKNOWN_PSK_IDENTITY, When::always, "the server does not know the pre-shared key's identity"},
    {SSL_AD_CERTIFICATE_REQUIRED, When::always, need_certificate},
    {SSL_AD_NO_APPLICATION_PROTOCOL, When::always,
     "no application protocol in common with the server, ours: {alpn}"},
});

// What we find ourselves.
constexpr std::array faults = std::to_array<Row>({
    {SSL_R_WRONG_VERSION_NUMBER, When::before_hello, "the server does not speak TLS", is_this_tls},
    {SSL_R_PACKET_LENGTH_TOO_LONG, When::before_hello, "the server does not speak TLS", is_this_tls},
    {SSL_R_RECORD_LENGTH_MISMATCH, When::before_hello, "the server does not speak TLS", is_this_tls},
    {SSL_R_UNEXPECTED_MESSAGE, When::before_hello, "the server does not speak TLS", is_this_tls},
    {SSL_R_BAD_RECORD_TYPE, When::before_hello, "the server does not speak TLS", is_this_tls},
    {SSL_R_UNSUPPORTED_PROTOCOL, When::always, "no TLS version in common with the server, ours: {versions}"},
    {SSL_R_WRONG_SSL_VERSION, When::always, "no TLS version in common with the server, ours: {versions}"},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, When::always,
     "no TLS version is left: OpenSSL's configuration or the ciphers rule out {versions}"},
    {SSL_R_NO_CIPHERS_AVAILABLE, When::always, "no cipher is left for TLS {versions}"},
    {SSL_R_WRONG_CIPHER_RETURNED, When::always, "the server chose a cipher that was not offered"},
    {SSL_R_UNKNOWN_CIPHER_RETURNED, When::always, "the server chose a cipher that was not offered"},
    {SSL_R_DH_KEY_TOO_SMALL, When::always, "the server's Diffie-Hellman key is too weak"},
    {SSL_R_BAD_SIGNATURE, When::always,
     "the server's signature is wrong: it has not the key of its certificate"},
    {SSL_R_WRONG_SIGNATURE_TYPE, When::always, "the server signs in a way that was not offered"},
    {SSL_R_DIGEST_CHECK_FAILED, When::always, "the handshake was changed on the way, or the keys differ"},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, When::always,
     "the data was changed on the way: a record does not decrypt"},
    {SSL_R_BAD_EXTENSION, When::always, "the server answered with an extension that makes no sense"},
    {SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, When::always,
     "the server is too old: it lacks secure renegotiation"},
    {SSL_R_UNEXPECTED_MESSAGE, When::always, "the server sent a TLS message that does not belong here"},
});

constexpr int unknown = -1;

// The last fault of the TLS layer itself: an X.509 or cipher error below it says less.
int last_reason(const OpenSsl& lib, std::string& words) {
  int reason = unknown;
  while (const unsigned long code = lib.ERR_get_error()) {
    if (ERR_GET_LIB(code) != ERR_LIB_SSL && reason != unknown) continue;
    if (ERR_GET_LIB(code) == ERR_LIB_SSL) reason = ERR_GET_REASON(code);
    if (const char* text = lib.ERR_reason_error_string(code)) words = text;
  }
  return reason;
}

std::string versions_of(const TlsOptions& options) {
  const bool both = options.least.value_or(TlsVersion::v1_2) == TlsVersion::v1_2 &&
                    options.most.value_or(TlsVersion::v1_3) == TlsVersion::v1_3;
  if (both) return "1.2 and 1.3";
  return options.least == TlsVersion::v1_3 ? "1.3" : "1.2";
}

}  // namespace

Error tls_fault(const OpenSsl& lib, SSL* ssl, const TlsContext::Impl& context, const TlsNotes& notes,
                bool began) {
  std::string words = "no reason given";
  int reason = last_reason(lib, words);
  if (notes.verdict) return *notes.verdict;

  const bool from_server = reason > SSL_AD_REASON_OFFSET;
  if (from_server) reason -= SSL_AD_REASON_OFFSET;
  const TlsOptions& options = context.options;
  const auto holds = [&](When when) {
    switch (when) {
      case When::before_hello:
        return !began && lib.SSL_get_current_cipher(ssl) == nullptr;
      case When::without_our_certificate:
        return notes.certificate_demanded && !context.has_certificate;
      case When::with_our_certificate:
        return notes.certificate_demanded && context.has_certificate;
      case When::with_psk:
        return !options.psk.empty();
      case When::always:
        break;
    }
    return true;
  };
  const auto search = [&](const auto& table) -> const Row* {
    const auto row =
        std::ranges::find_if(table, [&](const Row& each) { return each.code == reason && holds(each.when); });
    return row == table.end() ? nullptr : &*row;
  };
  Error error{.kind = ErrorKind::tls, .text = {}, .permanent = true};
  if (const Row* row = from_server ? search(alerts) : search(faults)) {
    std::vector<std::string> protocols;
    for (const std::string& each : options.alpn) protocols.push_back(quoted(each));
    error.text =
        fmt::format(fmt::runtime(row->text), fmt::arg("name", quoted(notes.name)),
                    fmt::arg("versions", versions_of(options)), fmt::arg("alpn", fmt::join(protocols, ", ")));
    error.hint = row->hint;
  } else if (from_server) {
    error.text = fmt::format("the server broke off TLS with alert {}", reason);
  } else {
    error.text = fmt::format("{}: {}", began ? "TLS failed" : "the TLS handshake failed", words);
  }
  return error;
}

}  // namespace mq
