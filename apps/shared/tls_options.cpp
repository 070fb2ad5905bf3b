// TLS: whom to trust, who we are, and which TLS.
#include <fmt/core.h>

#include "base/text.hpp"
#include "shared/common_options.hpp"
#include "shared/secrets.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

Result<void> store_version(TlsOptions& tls, std::string_view text) {
  if (text == "1.2" || text == "tlsv1.2") {
    tls.least = tls.most = TlsVersion::v1_2;
  } else if (text == "1.3" || text == "tlsv1.3") {
    tls.least = tls.most = TlsVersion::v1_3;
  } else {
    return usage(fmt::format("{} is not a version of TLS: 1.2 or 1.3", quoted(text)));
  }
  return {};
}

// Those of 1.3 are known by their names.
Result<void> store_ciphers(TlsOptions& tls, std::string_view text) {
  if (text.empty()) return usage("no cipher is named");
  std::string older;
  std::string newer;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(":, "), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string& list = name.starts_with("TLS_") ? newer : older;
    if (!list.empty() && !name.empty()) list += ':';
    list += name;
  }
  tls.ciphers = std::move(older);
  tls.cipher_suites = std::move(newer);
  return {};
}

Result<void> store_alpn(TlsOptions& tls, std::string_view text) {
  if (text.empty() || text.size() > 255)
    return usage(fmt::format("{} is no protocol name of 1 to 255 bytes", quoted(text)));
  tls.alpn.emplace_back(text);
  return {};
}

Result<void> store_psk(TlsOptions& tls, std::string_view text) {
  auto key = from_hex(text);
  if (!key || key->empty() || key->size() > 64)
    return usage("a pre-shared key is 1 to 64 bytes in hexadecimal digits");
  tls.psk = *std::move(key);
  return {};
}

}  // namespace

void tls_options(OptionRows& rows, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::tls;
  TlsOptions& tls = settings.client.tls;
  rows.push_back({.name = "tls",
                  .group = group,
                  .needs_tls = true,
                  .summary = "use TLS",
                  .detail =
                      "Use TLS for the servers of -h. Any other option of this group, and port 8883, mean "
                      "it too. A URL says so with mqtts:// or wss://.",
                  .set = [&settings](OptionValues) -> Result<void> {
                    settings.tls = true;
                    settings.no_tls = false;
                    return {};
                  }});
  rows.push_back({.name = "no-tls",
                  .group = group,
                  .summary = "no TLS, even on port 8883",
                  .detail = "Use no TLS for the servers of -h, even on port 8883.",
                  .set = store_flag(settings.no_tls)});
  rows.push_back({.name = "cafile",
                  .value = "FILE",
                  .group = group,
                  .environment = "MQTTKIT_CAFILE",
                  .completion = Completion::file,
                  .needs_tls = true,
                  .summary = "trust the authorities in FILE (PEM)",
                  .detail = "Trust the certificate authorities in this file (PEM) instead of the system's.",
                  .set = store_path(tls.ca_file)});
  rows.push_back({.name = "capath",
                  .value = "DIRECTORY",
                  .group = group,
                  .completion = Completion::directory,
                  .needs_tls = true,
                  .summary = "trust the authorities in DIRECTORY",
                  .detail =
                      "Trust the certificate authorities in this directory, as openssl rehash prepares it, "
                      "instead of the system's.",
                  .set = store_path(tls.ca_path)});
  rows.push_back({.name = "crlfile",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .needs_tls = true,
                  .summary = "refuse certificates revoked in FILE (PEM)",
                  .detail = "Look the server's certificate up in the revocation lists of this file (PEM).",
                  .set = store_path(tls.revocations)});
  rows.push_back({.name = "cert",
                  .value = "FILE",
                  .group = group,
                  .environment = "MQTTKIT_CERT",
                  .completion = Completion::file,
                  .needs_tls = true,
                  .summary = "our certificate: PEM, PKCS#12 or pkcs11:",
                  .detail =
                      "Certificate that shows the server who we are: a PEM file with its chain, a PKCS#12 "
                      "file, or a pkcs11: URI of one on a token.",
                  .set = store_path(tls.certificate)});
  rows.push_back({.name = "key",
                  .value = "FILE",
                  .group = group,
                  .environment = "MQTTKIT_KEY",
                  .completion = Completion::file,
                  .needs_tls = true,
                  .summary = "our private key, if not with --cert",
                  .detail =
                      "Private key of --cert (PEM), or the pkcs11: URI of a key that stays on its token. "
                      "Without it the key is looked for in the file of --cert.",
                  .set = store_path(tls.key)});
  rows.push_back({.name = "key-password",
                  .value = "PASSWORD",
                  .group = group,
                  .environment = "MQTTKIT_KEY_PASSWORD",
                  .needs_tls = true,
                  .secret = true,
                  .summary = "password of the key (better: a file)",
                  .detail = "Password of an encrypted key or PKCS#12 file, or the PIN of a token. When it is "
                            "needed and not given, it is asked for on the terminal.",
                  .set = after(forget_key_password, settings, store_bytes(tls.key_password))});
  rows.push_back(
      {.name = "key-password-file",
       .value = "FILE",
       .group = group,
       .environment = "MQTTKIT_KEY_PASSWORD_FILE",
       .completion = Completion::file,
       .needs_tls = true,
       .summary = "read the key's password from FILE",
       .detail = "Read the password of the key from a file, without the newline at its end.",
       .set = after(forget_key_password, settings, store_path(settings.secrets.key_password_file))});
  rows.push_back({.name = "insecure",
                  .group = group,
                  .needs_tls = true,
                  .summary = "do not verify the server's certificate",
                  .detail = "Do not verify the server's certificate: anybody between here and there can read "
                            "and change everything. The program says so each time.",
                  .set = [&tls](OptionValues) -> Result<void> {
                    tls.verify = false;
                    return {};
                  }});
  rows.push_back({.name = "tls-version",
                  .value = "VERSION",
                  .group = group,
                  .default_text = {},
                  .choices = "1.2 1.3 tlsv1.2 tlsv1.3",
                  .needs_tls = true,
                  .summary = "use only this version of TLS",
                  .detail =
                      "Use only this version of TLS. Without the option it is the highest that both sides "
                      "have, 1.2 or 1.3.",
                  .set = one_value(tls, store_version)});
  rows.push_back({.name = "ciphers",
                  .value = "LIST",
                  .group = group,
                  .needs_tls = true,
                  .summary = "ciphers to offer, OpenSSL's names",
                  .detail =
                      "Ciphers to offer, in OpenSSL's notation. Those that begin with TLS_ are for TLS 1.3, "
                      "all others for 1.2.",
                  .set = one_value(tls, store_ciphers)});
  rows.push_back(
      {.name = "tls-alpn",
       .value = "PROTOCOL",
       .group = group,
       .repeats = true,
       .needs_tls = true,
       .summary = "protocol to ask for (ALPN)",
       .detail = "Application protocol to ask for in the handshake (ALPN), such as x-amzn-mqtt-ca.",
       .set = one_value(tls, store_alpn)});
  rows.push_back({.name = "sni",
                  .value = "NAME",
                  .group = group,
                  .needs_tls = true,
                  .summary = "name to ask for, and to find in the certificate",
                  .detail =
                      "Name that the server is asked for (SNI) and that its certificate must have, instead "
                      "of the host's.",
                  .set = store_text(tls.server_name)});
  rows.push_back({.name = "psk",
                  .value = "HEX",
                  .group = group,
                  .environment = "MQTTKIT_PSK",
                  .needs_tls = true,
                  .secret = true,
                  .summary = "pre-shared key instead of certificates",
                  .detail = "Pre-shared key in hexadecimal digits, used instead of certificates.",
                  .set = one_value(tls, store_psk)});
  rows.push_back({.name = "psk-identity",
                  .value = "NAME",
                  .group = group,
                  .environment = "MQTTKIT_PSK_IDENTITY",
                  .needs_tls = true,
                  .summary = "identity of the pre-shared key",
                  .detail = "Identity by which the server knows the pre-shared key.",
                  .set = store_text(tls.psk_identity)});
  rows.push_back({.name = "tls-keylog",
                  .value = "FILE",
                  .group = group,
                  .environment = "SSLKEYLOGFILE",
                  .completion = Completion::file,
                  .summary = "write session secrets to FILE, for Wireshark",
                  .detail =
                      "Append the secrets of TLS sessions to this file, so that Wireshark can decipher a "
                      "capture. Whoever can read it can do that too.",
                  .set = store_path(tls.key_log)});
  rows.push_back({.name = "tls-use-os-certs",
                  .group = group,
                  .needs_tls = true,
                  .summary = "trust the system's authorities (as usual)",
                  .detail =
                      "Use TLS and trust the system's certificate authorities, as is done anyway without "
                      "--cafile and --capath; for scripts that give it.",
                  .set = store_flag(settings.tls)});
}

}  // namespace mq
