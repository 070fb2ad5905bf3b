// What is wrong with the server's certificate.
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <vector>

#include "base/text.hpp"
#include "net/address.hpp"
#include "net/tls_error.ipp"

namespace mq {
namespace {

constexpr std::size_t most_names = 8;

std::string text_of(const OpenSsl& lib, const ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int length = lib.ASN1_STRING_to_UTF8(&utf8, string);
  if (length < 0) return {};
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  lib.CRYPTO_free(utf8, "", 0);
  return text;
}

// The common name, or else the organisation: what people call it.
std::string name_of(const OpenSsl& lib, const X509_NAME* name) {
  for (const int part : {NID_commonName, NID_organizationalUnitName, NID_organizationName}) {
    const int at = lib.X509_NAME_get_index_by_NID(name, part, -1);
    if (at < 0) continue;
    return quoted(text_of(lib, lib.X509_NAME_ENTRY_get_data(lib.X509_NAME_get_entry(name, at))));
  }
  return "without a name";
}

std::string address_text(const ASN1_STRING* address, const OpenSsl& lib) {
  const unsigned char* bytes = lib.ASN1_STRING_get0_data(address);
  Address to;
  if (lib.ASN1_STRING_length(address) == 4) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(to.storage);
    v4.sin_family = AF_INET;
    to.size = sizeof v4;
    std::copy_n(bytes, 4, reinterpret_cast<unsigned char*>(&v4.sin_addr));
  } else if (lib.ASN1_STRING_length(address) == 16) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(to.storage);
    v6.sin6_family = AF_INET6;
    to.size = sizeof v6;
    std::copy_n(bytes, 16, reinterpret_cast<unsigned char*>(&v6.sin6_addr));
  } else {
    return "an address that is none";
  }
  return host_text(to);
}

// The hosts that a certificate is for: its alternative names, or without any (RFC 6125, 6.4.4) its common
// name.
std::vector<std::string> hosts_of(const OpenSsl& lib, const X509* certificate) {
  std::vector<std::string> hosts;
  auto* names =
      static_cast<GENERAL_NAMES*>(lib.X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  const auto* stack = reinterpret_cast<const OPENSSL_STACK*>(names);
  const int count = names == nullptr ? 0 : lib.OPENSSL_sk_num(stack);
  for (int i = 0; i < count; ++i) {
    const auto* each = static_cast<const GENERAL_NAME*>(lib.OPENSSL_sk_value(stack, i));
    if (each->type == GEN_DNS) hosts.push_back(quoted(text_of(lib, each->d.dNSName)));
    if (each->type == GEN_IPADD) hosts.push_back(quoted(address_text(each->d.iPAddress, lib)));
  }
  lib.GENERAL_NAMES_free(names);
  const X509_NAME* subject = lib.X509_get_subject_name(certificate);
  if (hosts.empty() && lib.X509_NAME_get_index_by_NID(subject, NID_commonName, -1) >= 0) {
    hosts.push_back(name_of(lib, subject));
  }
  return hosts;
}

std::string listed(std::vector<std::string> hosts) {
  const std::size_t more = hosts.size() > most_names ? hosts.size() - most_names : 0;
  hosts.resize(hosts.size() - more);
  const std::string list = fmt::format("{}", fmt::join(hosts, ", "));
  return more == 0 ? list : fmt::format("{} and {} more", list, more);
}

std::string date_text(const OpenSsl& lib, const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || lib.ASN1_TIME_to_tm(time, &parts) != 1) return "a date that is none";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// What a row's text may speak of:
//   {whose}   "the server's certificate 'broker'" or "the authority's certificate 'Our CA'"
//   {issuer}  who signed it: "'Our CA'"
//   {from} {to}  its dates        {names}  its hosts         {wanted}  the name that it must have
//   {list_from} {list_to}  dates of its issuer's revocation list
struct Row {
  int code;
  std::string_view text;
  std::string_view hint = {};
};

constexpr std::string_view give_authority = "if you trust it, name its certificate as the CA file";
constexpr std::string_view look_at_clock = "check this machine's clock";

constexpr std::array rows = std::to_array<Row>({
    {X509_V_ERR_CERT_HAS_EXPIRED, "{whose} expired on {to}", look_at_clock},
    {X509_V_ERR_CERT_NOT_YET_VALID, "{whose} is not valid before {from}", look_at_clock},
    {X509_V_ERR_HOSTNAME_MISMATCH, "{whose} is for {names}, not for {wanted}"},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, "{whose} is for {names}, not for {wanted}"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "{whose} was issued by {issuer}, which is not trusted",
     give_authority},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "{whose} was issued by {issuer}, which is not trusted",
     give_authority},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "{whose} was issued by {issuer}, which is not trusted",
     give_authority},
    {X509_V_ERR_CERT_UNTRUSTED, "{whose} is not trusted", give_authority},
    {X509_V_ERR_CERT_REJECTED, "{whose} is marked as rejected on this machine"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "{whose} is self-signed and not trusted",
     "if you trust it, name it as the CA file"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "{whose} is self-signed and not trusted", give_authority},
    {X509_V_ERR_CERT_REVOKED, "{whose} was revoked by {issuer}"},
    {X509_V_ERR_UNABLE_TO_GET_CRL, "there is no revocation list of {issuer}, who issued {whose}"},
    {X509_V_ERR_CRL_HAS_EXPIRED, "the revocation list of {issuer} expired on {list_to}"},
    {X509_V_ERR_CRL_NOT_YET_VALID, "the revocation list of {issuer} is not valid before {list_from}",
     look_at_clock},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, "the revocation list of {issuer} has a wrong signature"},
    {X509_V_ERR_INVALID_PURPOSE, "{whose} is not meant for servers"},
    {X509_V_ERR_INVALID_CA, "{whose} may not issue certificates, but did"},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, "{whose} may not issue certificates, but did"},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, "{whose} has more authorities below it than it allows"},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, "the chain of the server's certificate is too long"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, "{whose} has a key that is too weak"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, "{whose} has a key that is too weak"},
    {X509_V_ERR_CA_MD_TOO_WEAK, "{whose} is signed with a digest that is too weak"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, "{whose} has a wrong signature: {issuer} did not issue it as it is"},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE,
     "{whose} has a wrong signature: {issuer} did not issue it as it is"},
    {X509_V_ERR_PERMITTED_VIOLATION, "{whose} has a name that an authority above it may not issue"},
    {X509_V_ERR_EXCLUDED_VIOLATION, "{whose} has a name that an authority above it may not issue"},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, "{whose} has a critical extension that OpenSSL does not know"},
});

}  // namespace

Error certificate_fault(const OpenSsl& lib, X509_STORE_CTX* verification, const std::string& name) {
  const int code = lib.X509_STORE_CTX_get_error(verification);
  const int depth = lib.X509_STORE_CTX_get_error_depth(verification);
  X509* certificate = lib.X509_STORE_CTX_get_current_cert(verification);
  const auto row = std::ranges::find(rows, code, &Row::code);
  if (certificate == nullptr || row == rows.end()) {
    return {.kind = ErrorKind::tls,
            .text = fmt::format("the server's certificate cannot be verified: {}",
                                lib.X509_verify_cert_error_string(code)),
            .permanent = true};
  }
  const X509_CRL* list = lib.X509_STORE_CTX_get0_current_crl(verification);
  const std::vector<std::string> hosts = hosts_of(lib, certificate);
  const std::string subject = name_of(lib, lib.X509_get_subject_name(certificate));
  const std::string issuer = name_of(lib, lib.X509_get_issuer_name(certificate));
  const auto date = [&](const ASN1_TIME* time) { return date_text(lib, time); };
  return {.kind = ErrorKind::tls,
          .text = fmt::format(
              fmt::runtime(row->text),
              fmt::arg("whose", fmt::format("{} certificate {}",
                                            depth == 0 ? "the server's" : "the authority's", subject)),
              fmt::arg("issuer", issuer), fmt::arg("from", date(lib.X509_get0_notBefore(certificate))),
              fmt::arg("to", date(lib.X509_get0_notAfter(certificate))),
              fmt::arg("names", hosts.empty() ? "no host" : listed(hosts)), fmt::arg("wanted", quoted(name)),
              fmt::arg("list_from", date(list == nullptr ? nullptr : lib.X509_CRL_get0_lastUpdate(list))),
              fmt::arg("list_to", date(list == nullptr ? nullptr : lib.X509_CRL_get0_nextUpdate(list)))),
          .hint = std::string(row->hint),
          .permanent = true};
}

}  // namespace mq
