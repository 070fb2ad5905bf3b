// Wrong certificates and set-ups, and the sentence that each of them gets.
#include <fmt/core.h>

#include "net/memory_transport.hpp"
#include "net/tls_testing.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::string_literals;

namespace {

using Options = std::vector<std::string>;

struct Fault {
  std::string what;
  TlsServer::Certificate certificate{};
  Options server{};
  TlsOptions client{};
  std::string host = "broker.test";
  std::string text{};
  ErrorKind kind = ErrorKind::tls;
};

TlsServer::Certificate shows(const std::string& chain, const std::string& key = "leaf.key") {
  return {.chain = chain, .key = key};
}

// The file "root.pem" as CA file unless another is named.
TlsOptions client(TlsOptions options = {}) {
  options.ca_file = made(options.ca_file.empty() ? "root.pem" : options.ca_file);
  for (std::string* file : {&options.certificate, &options.key, &options.revocations}) {
    if (!file->empty()) *file = made(*file);
  }
  return options;
}

// The handshake's error, or the one of the first read: TLS 1.3 tells a client late what is wrong with it.
std::optional<Error> error_of(const Fault& fault) {
  GuardedLoop loop;
  const TlsServer server(fault.server, fault.certificate);
  auto connection = connect(loop, server, context(client(fault.client)), fault.host);
  if (!connection) return connection.error();
  std::optional<Error> error;
  (*connection)->read_some([&](Result<Bytes> bytes) {
    if (!bytes) error = bytes.error();
    loop.stop();
  });
  loop.run();
  return error;
}

void check(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    CAPTURE(fault.what);
    const auto error = error_of(fault);
    REQUIRE(error.has_value());
    CHECK(error->text == fault.text);
    CHECK(error->kind == fault.kind);
  }
}

const Options any_strength{"-cipher", "DEFAULT@SECLEVEL=0"};
const std::string key_of_psk = "00112233445566778899aabbccddeeff";
const std::string psk = "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"s;

}  // namespace

TEST_CASE("tls: what is wrong with a server's certificate is said in words") {
  check({
      {.what = "expired",
       .certificate = shows("expired.pem"),
       .text = "the server's certificate 'expired.test' expired on 2021-02-03 04:05:06 UTC"},
      {.what = "not valid yet",
       .certificate = shows("future.pem"),
       .text = "the server's certificate 'future.test' is not valid before 2058-01-02 03:04:05 UTC"},
      {.what = "another name",
       .certificate = shows("elsewhere.pem"),
       .text = "the server's certificate 'elsewhere.test' is for 'elsewhere.test', '*.elsewhere.test', "
               "not for 'broker.test'"},
      {.what = "many other names",
       .certificate = shows("many.pem"),
       .text = "the server's certificate 'a.test' is for 'a.test', 'b.test', 'c.test', 'd.test', 'e.test', "
               "'f.test', 'g.test', '192.0.2.1' and 2 more, not for 'broker.test'"},
      {.what = "a common name alone",
       .certificate = shows("common_name.pem"),
       .text = "the server's certificate 'elsewhere.test' is for 'elsewhere.test', not for 'broker.test'"},
      {.what = "another address",
       .certificate = shows("many.pem"),
       .host = "127.0.0.1",
       .text = "the server's certificate 'a.test' is for 'a.test', 'b.test', 'c.test', 'd.test', 'e.test', "
               "'f.test', 'g.test', '192.0.2.1' and 2 more, not for '127.0.0.1'"},
      {.what = "the server name that was given",
       .client = {.server_name = "given.test"},
       .text =
           "the server's certificate 'broker.test' is for 'broker.test', 'localhost', '127.0.0.1', '::1', "
           "not for 'given.test'"},
      {.what = "unknown issuer",
       .certificate = shows("by_other.pem"),
       .text = "the server's certificate 'broker.test' was issued by 'Other Root', which is not trusted"},
      {.what = "missing intermediate",
       .certificate = shows("below_middle.pem"),
       .text = "the server's certificate 'broker.test' was issued by 'Test Middle', which is not trusted"},
      {.what = "escape sequence in a name",
       .certificate = shows("evil.pem"),
       .text = "the server's certificate 'evil\\x1b[31m' was issued by 'Other Root', which is not trusted"},
      {.what = "self-signed",
       .certificate = shows("self.pem"),
       .text = "the server's certificate 'broker.test' is self-signed and not trusted"},
      {.what = "self-signed root in the chain",
       .certificate = shows("other_chain.pem"),
       .text = "the authority's certificate 'Other Root' is self-signed and not trusted"},
      {.what = "client certificate",
       .certificate = shows("client_only.pem"),
       .text = "the server's certificate 'broker.test' is not meant for servers"},
      {.what = "issuer that is no authority",
       .certificate = shows("no_authority.pem"),
       .text = "the authority's certificate 'Mere Server' may not issue certificates, but did"},
      {.what = "path too long",
       .certificate = shows("too_long.pem"),
       .text = "the authority's certificate 'Short Authority' has more authorities below it than it allows"},
      {.what = "name constraints",
       .certificate = shows("excluded.pem"),
       .text = "the server's certificate 'broker.test' has a name that an authority above it may not issue"},
      {.what = "weak key",
       .certificate = shows("weak.pem", "weak.key"),
       .server = any_strength,
       .text = "the server's certificate 'broker.test' has a key that is too weak"},
      {.what = "weak digest",
       .certificate = shows("sha1.pem"),
       .server = any_strength,
       .text = "the server's certificate 'broker.test' is signed with a digest that is too weak"},
      {.what = "wrong signature",
       .certificate = shows("forged.pem"),
       .text =
           "the server's certificate 'broker.test' has a wrong signature: 'Test Root' did not issue it as "
           "it is"},
      {.what = "critical extension",
       .certificate = shows("critical.pem"),
       .text = "the server's certificate 'broker.test' has a critical extension that OpenSSL does not know"},
      {.what = "expired authority",
       .certificate = shows("below_old.pem"),
       .client = {.ca_file = "old.pem"},
       .text = "the authority's certificate 'Old Root' expired on 2020-02-02 02:02:02 UTC"},
      {.what = "revoked",
       .certificate = shows("revoked.pem"),
       .client = {.revocations = "root.crl"},
       .text = "the server's certificate 'revoked.test' was revoked by 'Test Root'"},
      {.what = "no revocation list",
       .certificate = shows("by_other.pem"),
       .client = {.ca_file = "other.pem", .revocations = "root.crl"},
       .text =
           "there is no revocation list of 'Other Root', who issued the server's certificate 'broker.test'"},
      {.what = "old revocation list",
       .client = {.revocations = "old.crl"},
       .text = "the revocation list of 'Test Root' expired on 2021-02-03 04:05:06 UTC"},
      {.what = "future revocation list",
       .client = {.revocations = "future.crl"},
       .text = "the revocation list of 'Test Root' is not valid before 2058-01-02 03:04:05 UTC"},
  });
}

TEST_CASE("tls: settings that don't fit together are said in words") {
  const Options demands{"-Verify", "1", "-verify_return_error", "-CAfile", made("root.pem")};
  const auto with = [](Options first, const Options& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  };
  const auto we_show = [](const std::string& name) {
    return TlsOptions{.certificate = name, .key = "leaf.key"};
  };
  check({
      {.what = "only 1.2 there",
       .server = {"-tls1_2"},
       .client = {.least = TlsVersion::v1_3},
       .text = "no TLS version in common with the server, ours: 1.3"},
      {.what = "only 1.3 there",
       .server = {"-tls1_3"},
       .client = {.most = TlsVersion::v1_2},
       .text = "no TLS version in common with the server, ours: 1.2"},
      {.what = "only 1.1 there",
       .server = with({"-tls1_1"}, any_strength),
       .text = "no TLS version in common with the server, ours: 1.2 and 1.3"},
      {.what = "ciphers of 1.2",
       .server = {"-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"},
       .client = {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"},
       .text = "no cipher in common with the server"},
      {.what = "cipher suites of 1.3",
       .server = {"-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"},
       .client = {.cipher_suites = "TLS_AES_128_GCM_SHA256"},
       .text = "no cipher in common with the server"},
      {.what = "no client certificate, 1.3",
       .server = demands,
       .text = "the server demands a client certificate, and none was given"},
      {.what = "no client certificate, 1.2",
       .server = with({"-tls1_2"}, demands),
       .text = "the server demands a client certificate, and none was given"},
      {.what = "client certificate of another authority",
       .server = demands,
       .client = we_show("client_other.pem"),
       .text = "the server refused our certificate: it does not trust who issued it"},
      {.what = "client certificate of another authority, 1.2",
       .server = with({"-tls1_2"}, demands),
       .client = we_show("client_other.pem"),
       .text = "the server refused our certificate: it does not trust who issued it"},
      {.what = "expired client certificate",
       .server = demands,
       .client = we_show("client_expired.pem"),
       .text = "the server refused our certificate: it has expired"},
      {.what = "revoked client certificate",
       .server = with({"-crl_check", "-CRL", made("root.crl")}, demands),
       .client = we_show("client_revoked.pem"),
       .text = "the server refused our certificate: it was revoked"},
      {.what = "other application protocols",
       .server = {"-alpn", "h2"},
       .client = {.alpn = {"mqtt", "x-mqtt"}},
       .text = "no application protocol in common with the server, ours: 'mqtt', 'x-mqtt'"},
      {.what = "unknown name",
       .server = {"-servername", "known.test", "-servername_fatal", "-cert2", made("server.pem"), "-key2",
                  made("leaf.key")},
       .text = "the server does not know the name 'broker.test'"},
      {.what = "wrong key, 1.3",
       .certificate = shows(""),
       .server = {"-nocert", "-psk", "99", "-psk_identity", "me"},
       .client = {.psk = psk, .psk_identity = "me"},
       .text = "the server has another pre-shared key for this identity"},
      {.what = "wrong key, 1.2",
       .certificate = shows(""),
       .server = {"-nocert", "-tls1_2", "-psk", "99", "-psk_identity", "me"},
       .client = {.psk = psk, .psk_identity = "me"},
       .text = "the server has another pre-shared key for this identity"},
      {.what = "unknown identity, 1.3",
       .certificate = shows(""),
       .server = {"-nocert", "-psk", key_of_psk, "-psk_identity", "you"},
       .client = {.psk = psk, .psk_identity = "me"},
       .text = "the server does not know the pre-shared key's identity"},
      {.what = "a certificate instead",
       .client = {.psk = psk, .psk_identity = "me"},
       .text = "the server does not know the pre-shared key's identity, and showed a certificate instead"},
      {.what = "a certificate instead, 1.2",
       .server = {"-tls1_2"},
       .client = {.psk = psk, .psk_identity = "me"},
       .text = "the server does not know the pre-shared key's identity"},
  });
}

namespace {

// What begin_tls makes of a peer that answers the ClientHello with `answer` and then leaves.
Error error_of_answer(Bytes answer, TlsOptions options = client()) {
  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop);
  far->read_some([&, &peer = far](Result<Bytes> hello) {
    REQUIRE(hello.has_value());
    peer->write(answer, [&](Result<void>) { peer->shut_down(); });
  });
  auto connection = connect(loop, std::move(near), context(options));
  REQUIRE_FALSE(connection.has_value());
  return connection.error();
}

}  // namespace

TEST_CASE("tls: mosquitto refuses pre-shared keys in words too") {
  const Mosquitto broker({.lines = "listener {port2} 127.0.0.1\npsk_file {dir}/keys\npsk_hint hint\n",
                          .files = {{"keys", "me:" + key_of_psk + "\n"}}});
  const auto text_of = [&](TlsOptions options) {
    GuardedLoop loop;
    auto below = dial(loop, {.host = "127.0.0.1", .port = broker.second_port(), .unix_path = {}});
    REQUIRE(below.has_value());
    auto connection = connect(loop, std::move(*below), context(options));
    return connection ? "connected" : connection.error().text;
  };
  for (const auto most : {TlsVersion::v1_2, TlsVersion::v1_3}) {
    CHECK(text_of({.most = most, .psk = psk, .psk_identity = "me"}) == "connected");
    CHECK(text_of({.most = most, .psk = psk, .psk_identity = "you"}) ==
          "the server does not know the pre-shared key's identity");
    CHECK(text_of({.most = most, .psk = "another key", .psk_identity = "me"}) ==
          "the server has another pre-shared key for this identity");
  }
}

TEST_CASE("tls: a server that speaks something else is not taken for a TLS server") {
  for (const Bytes answer :
       {Bytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), Bytes("\x20\x02\x00\x05", 4),
        Bytes("\xe0\x02\x81\x00\xe0\x02\x81\x00", 8), Bytes("SSH-2.0-OpenSSH_9.2p1\r\n")}) {
    CAPTURE(answer);
    const Error error = error_of_answer(answer);
    if (answer.size() > 4) {
      CHECK(error.kind == ErrorKind::tls);
      CHECK(error.text == "the server does not speak TLS");
    } else {
      CHECK(error.text == "the server closed the connection during the TLS handshake");
    }
    CHECK(error.hint == "is this its port for TLS?");
  }
}

TEST_CASE("tls: a server that leaves during the handshake is lost") {
  const Error silent = error_of_answer("");
  CHECK(silent.kind == ErrorKind::lost);
  CHECK(silent.text == "the server closed the connection during the TLS handshake");
  CHECK(silent.hint == "is this its port for TLS?");

  // A close_notify instead, and half of a ServerHello.
  CHECK(error_of_answer({"\x15\x03\x03\x00\x02\x01\x00", 7}).text == silent.text);
  const Error half = error_of_answer({"\x16\x03\x03\x00\x7a\x02\x00", 7});
  CHECK(half.text == silent.text);
  CHECK(half.hint.empty());

  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop);
  far->read_some([&peer = far](Result<Bytes>) { peer->cut(); });
  auto connection = connect(loop, std::move(near), context(client()));
  REQUIRE_FALSE(connection.has_value());
  CHECK(connection.error().kind == ErrorKind::lost);
  CHECK(connection.error().text ==
        "the connection was lost during the TLS handshake: connection reset by peer");
}

TEST_CASE("tls: every alert has its sentence") {
  const auto said = [](int number) {
    const std::string alert = "\x15\x03\x03\x00\x02\x02"s + static_cast<char>(number);
    const Error error = error_of_answer(alert);
    CHECK(error.kind == ErrorKind::tls);
    CHECK(error.permanent);
    return error.text;
  };
  CHECK(said(10) == "the server broke off the handshake: unexpected message");
  CHECK(said(20) == "the server received data that had been changed on the way");
  CHECK(said(40) == "no cipher in common with the server");
  CHECK(said(42) == "the server refused our certificate as bad");
  CHECK(said(43) ==
        "the server refused our certificate: it is not of a kind or for a purpose that it accepts");
  CHECK(said(44) == "the server refused our certificate: it was revoked");
  CHECK(said(45) == "the server refused our certificate: it has expired");
  CHECK(said(46) == "the server refused our certificate without saying what is wrong with it");
  CHECK(said(47) == "the server broke off the handshake: illegal parameter");
  CHECK(said(48) == "the server refused our certificate: it does not trust who issued it");
  CHECK(said(49) == "the server refused our certificate: access denied");
  CHECK(said(50) == "the server broke off the handshake: it could not read a message");
  CHECK(said(51) == "the server broke off the handshake: a signature is wrong");
  CHECK(said(70) == "no TLS version in common with the server, ours: 1.2 and 1.3");
  CHECK(said(71) == "the server demands stronger ciphers than ours");
  CHECK(said(80) == "the server broke off the handshake: internal error on its side");
  CHECK(said(112) == "the server does not know the name 'broker.test'");
  CHECK(said(115) == "the server does not know the pre-shared key's identity");
  CHECK(said(116) == "the server demands a client certificate, and none was given");
  CHECK(said(120) == "no application protocol in common with the server, ours: ");
  CHECK(said(99) == "the server broke off TLS with alert 99");
}
