// What TlsOptions say: whom to trust, who we are, what is offered; and what in them is wrong.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "net/tls_testing.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

using Options = std::vector<std::string>;

std::string content_of(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

// Empty, or why the connection did not come about.
std::string trouble(const TlsServer& server, const TlsOptions& options,
                    const std::string& host = "broker.test") {
  GuardedLoop loop;
  const auto connection = connect(loop, server, context(options), host);
  return connection ? "" : connection.error().text;
}

std::string said_by(TlsServer& server, const TlsOptions& options, std::string_view awaited) {
  GuardedLoop loop;
  auto connection = connect(loop, server, context(options));
  if (!connection) return connection.error().text;
  // The server has printed all about the handshake before it prints what we say.
  REQUIRE(write_all(loop, **connection, "hello, server\n").has_value());
  server.process().await_out("hello, server");
  const std::string out = server.process().out();
  return out.find(awaited) == std::string::npos ? out : std::string(awaited);
}

std::string usage_of(const TlsOptions& options) {
  const auto result = TlsContext::make(options);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == ErrorKind::usage);
  return result.error().text;
}

// For the process: OpenSSL reads it when a context is made, or when it looks for an issuer.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

const std::string psk = std::string("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);

}  // namespace

TEST_CASE("tls: names, addresses and a name of one's own are found in the certificate") {
  const TlsServer server;
  for (const std::string host :
       {"broker.test", "BROKER.test", "broker.test.", "127.0.0.1", "::1", "localhost"}) {
    CHECK(trouble(server, trusting(), host) == "");
  }
  TlsOptions named = trusting();
  named.server_name = "broker.test";
  CHECK(trouble(server, named, "elsewhere.test") == "");
  CHECK(trouble(server, named, "") == "");
  const TlsServer wild({}, {.chain = "elsewhere.pem"});
  CHECK(trouble(wild, trusting(), "any.elsewhere.test") == "");
  CHECK(trouble(wild, trusting(), "one.two.elsewhere.test") != "");
}

TEST_CASE("tls: without verification anything is accepted, a missing name too") {
  const TlsServer server({}, {.chain = "expired.pem"});
  CHECK(trouble(server, {.verify = false}) == "");
  CHECK(trouble(server, {.verify = false}, "") == "");
}

TEST_CASE("tls: the system's authorities come from its directory, or else from its file") {
  const TlsServer server;
  const TempDir dir;
  CHECK(trouble(server, {}) ==
        "the server's certificate 'broker.test' was issued by 'Test Root', which is not trusted");
  {
    const Environment no_directory("SSL_CERT_DIR", dir.file("none"));
    const Environment file("SSL_CERT_FILE", made("root.pem"));
    CHECK(trouble(server, {}) == "");
    CHECK(trouble(server, {}) == "");
  }
  dir.write("root.pem", content_of(made("root.pem")));
  REQUIRE(run({.command = {"openssl", "rehash", dir.path()}}).code == 0);
  {
    const Environment directory("SSL_CERT_DIR", dir.path());
    CHECK(trouble(server, {}) == "");
  }
  CHECK(trouble(server, {.ca_path = dir.path()}) == "");
}

TEST_CASE("tls: a chain with an authority between, and revocation lists that revoke others") {
  CHECK(trouble(TlsServer({}, {.chain = "chain.pem"}), trusting()) == "");
  TlsOptions options = trusting();
  options.revocations = made("root.crl");
  CHECK(trouble(TlsServer(), options) == "");
}

TEST_CASE("tls: SNI carries names, not addresses") {
  const Options named{"-servername", "other.test", "-cert2", made("server.pem"), "-key2", made("leaf.key")};
  TlsServer server(named);
  CHECK(said_by(server, trusting(), "Hostname in TLS extension: \"broker.test\"") ==
        "Hostname in TLS extension: \"broker.test\"");
  TlsServer numeric(named);
  CHECK(trouble(numeric, trusting(), "127.0.0.1") == "");
  CHECK(numeric.process().out().find("Hostname") == std::string::npos);
}

TEST_CASE("tls: ALPN, versions and ciphers are what was asked for") {
  struct Case {
    Options server;
    TlsOptions client;
    std::string seen;
  };
  const std::string root = made("root.pem");
  for (const Case& each : {
           Case{{"-alpn", "h2,mqtt"},
                {.ca_file = root, .alpn = {"mqtt", "other"}},
                "ALPN protocols selected: mqtt"},
           {{}, {.ca_file = root, .alpn = {"mqtt"}}, "CIPHER is"},  // one that knows no ALPN
           {{}, {.ca_file = root, .most = TlsVersion::v1_2}, "CIPHER is ECDHE-ECDSA-AES256-GCM-SHA384"},
           {{},
            {.ca_file = root, .most = TlsVersion::v1_2, .ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305"},
            "CIPHER is ECDHE-ECDSA-CHACHA20-POLY1305"},
           {{},
            {.ca_file = root, .least = TlsVersion::v1_3, .cipher_suites = "TLS_CHACHA20_POLY1305_SHA256"},
            "CIPHER is TLS_CHACHA20_POLY1305_SHA256"},
       }) {
    TlsServer server(each.server);
    CHECK(said_by(server, each.client, each.seen) == each.seen);
  }
}

TEST_CASE("tls: a client certificate from PEM, with an encrypted key, and from PKCS#12") {
  struct Case {
    std::string certificate, key;
    std::optional<std::string> password;
  };
  for (const Case& each : {
           Case{"client.pem", "leaf.key", {}},
           {"client_and_key.pem", "", {}},
           {"client.pem", "encrypted.key", "open"},
           {"client.p12", "", "open"},
           {"client.p12", "leaf.key", "open"},
           {"client_empty.p12", "", {}},
           {"client_empty.p12", "", ""},
       }) {
    CAPTURE(each.certificate);
    TlsServer server({"-Verify", "1", "-verify_return_error", "-CAfile", made("root.pem")});
    TlsOptions options = trusting();
    options.certificate = made(each.certificate);
    if (!each.key.empty()) options.key = made(each.key);
    options.key_password = each.password;
    CHECK(said_by(server, options, "Client certificate") == "Client certificate");
  }
}

TEST_CASE("tls: a pre-shared key instead of certificates") {
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    TlsServer server({version, "-nocert", "-psk", "00112233445566778899aabbccddeeff", "-psk_identity", "me"},
                     {.chain = ""});
    const std::string seen = version == "-tls1_2" ? "CIPHER is DHE-PSK" : "Reused session-id";
    CHECK(said_by(server, {.psk = psk, .psk_identity = "me"}, seen) == seen);
  }
}

TEST_CASE("tls: secrets are appended to the key log") {
  const TempDir dir;
  TlsOptions options = trusting();
  options.key_log = dir.write("keys", "# before\n");
  CHECK(trouble(TlsServer(Options{"-tls1_3"}), options) == "");
  CHECK(trouble(TlsServer(Options{"-tls1_2"}), options) == "");
  const std::string log = content_of(options.key_log);
  CHECK(log.starts_with("# before\n"));
  for (const Bytes label : {Bytes("\nCLIENT_TRAFFIC_SECRET_0 "), Bytes("\nSERVER_TRAFFIC_SECRET_0 "),
                            Bytes("\nCLIENT_HANDSHAKE_TRAFFIC_SECRET "), Bytes("\nCLIENT_RANDOM ")}) {
    CAPTURE(label);
    CHECK(log.find(label) != std::string::npos);
  }
  CHECK(log.ends_with('\n'));
}

TEST_CASE("tls: what is wrong with the options is said before anything is sent") {
  const TempDir dir;
  const std::string none = dir.file("none");
  const std::string text = dir.write("text", "nothing of use\n");
  const std::string client = made("client.pem");
  const auto credentials = [](const std::string& certificate, const std::string& key,
                              std::optional<std::string> password = {}) {
    return TlsOptions{.certificate = certificate, .key = key, .key_password = std::move(password)};
  };
  struct Case {
    TlsOptions options;
    std::string text;
  };
  for (const Case& each : {
           Case{{.ca_file = none}, fmt::format("cannot read CA file '{}': no such file or directory", none)},
           {{.ca_file = dir.path()}, fmt::format("cannot read CA file '{}': it is a directory", dir.path())},
           {{.ca_file = text}, fmt::format("CA file '{}' has no certificate in PEM", text)},
           {{.ca_path = none}, fmt::format("cannot read CA directory '{}': no such file or directory", none)},
           {{.revocations = none},
            fmt::format("cannot read revocation list '{}': no such file or directory", none)},
           {{.revocations = text}, fmt::format("'{}' has no revocation list in PEM", text)},
           {credentials(none, ""),
            fmt::format("cannot read certificate file '{}': no such file or directory", none)},
           {credentials(text, ""), fmt::format("certificate file '{}' is neither PEM nor PKCS#12", text)},
           {credentials(made("leaf.key"), ""),
            fmt::format("certificate file '{}' has no certificate", made("leaf.key"))},
           {credentials(client, ""),
            fmt::format("certificate file '{}' has no key, and no key file was given", client)},
           {credentials(client, none),
            fmt::format("cannot read key file '{}': no such file or directory", none)},
           {credentials(client, text), fmt::format("key file '{}' has no private key in PEM", text)},
           {credentials(client, made("root.key")),
            fmt::format("the key in '{}' does not belong to the certificate in '{}'", made("root.key"),
                        client)},
           {credentials("", made("leaf.key")), "a key was given without a certificate"},
           {credentials(client, made("encrypted.key")),
            fmt::format("cannot read key file '{}': the key is encrypted and no password was given",
                        made("encrypted.key"))},
           {credentials(client, made("encrypted.key"), "shut"),
            fmt::format("wrong password for key file '{}'", made("encrypted.key"))},
           {credentials(client, made("encrypted.key"), std::string(5000, 'x')),
            fmt::format("wrong password for key file '{}'", made("encrypted.key"))},
           {credentials(made("client.p12"), ""),
            fmt::format("cannot read '{}': the key is encrypted and no password was given",
                        made("client.p12"))},
           {credentials(made("client.p12"), "", "shut"),
            fmt::format("wrong password for '{}'", made("client.p12"))},
           {{.least = TlsVersion::v1_3, .most = TlsVersion::v1_2},
            "the lowest TLS version is above the highest"},
           {{.ciphers = "NONE-SUCH"}, "OpenSSL has no cipher of TLS 1.2 for 'NONE-SUCH'"},
           {{.cipher_suites = "NONE_SUCH"},
            "OpenSSL does not know all cipher suites of TLS 1.3 in 'NONE_SUCH'"},
           {{.alpn = {""}}, "'' can be no application protocol: it must have 1 to 255 bytes"},
           {{.psk = psk}, "a pre-shared key was given without its identity"},
           {{.psk_identity = "me"}, "a pre-shared key's identity was given without the key"},
           {{.certificate = client, .psk = psk, .psk_identity = "me"},
            "a pre-shared key and a certificate exclude each other"},
           {{.psk = std::string(600, 'k'), .psk_identity = "me"},
            "the pre-shared key is longer than 512 bytes"},
           {{.psk = psk, .psk_identity = std::string(300, 'i')},
            "the pre-shared key's identity is longer than 256 bytes or has a NUL in it"},
           {{.key_log = dir.path()}, fmt::format("cannot write key log '{}': it is a directory", dir.path())},
       }) {
    CHECK(usage_of(each.options) == each.text);
  }
}

TEST_CASE(
    "tls options: a pipe that is named for several things is read once, or not if somebody has read it") {
  TlsServer server;
  std::string all = content_of(made("root.pem")) + content_of(made("leaf.key"));
  all = content_of(made("client.pem")) + all;
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const Open out(ends[0]);
  Open in(ends[1]);
  const std::string path = "/dev/fd/" + std::to_string(out.number());
  TlsOptions options{.ca_file = path, .certificate = path, .key = path};
  SUBCASE("once") { REQUIRE(std::cmp_equal(::write(in.number(), all.data(), all.size()), all.size())); }
  SUBCASE("before") { options.contents = {{path, all}}; }
  in = Open();
  CHECK(trouble(server, options) == "");
}
