// Keys in a token: SoftHSM as the token, Debian's engine as the way to it.
#include <cstdlib>

#include "net/tls_testing.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

constexpr const char* module = "/usr/lib/softhsm/libsofthsm2.so";

void do_run(std::vector<std::string> command) {
  const std::string what = command.front();
  const Outcome outcome = run({.command = std::move(command)});
  if (outcome.code != 0) throw PeerFailure(what + " failed; is it installed? " + outcome.err);
}

// A token with PIN 5678 that has the key and certificate of "Test Client".
void make_token() {
  static const TempDir dir;
  static const bool is_made = [] {
    const std::string configuration =
        dir.write("softhsm2.conf", "directories.tokendir = " + dir.path() + "\nlog.level = ERROR\n");
    ::setenv("SOFTHSM2_CONF", configuration.c_str(), 1);  // for the module in this process too
    do_run(
        {"softhsm2-util", "--init-token", "--free", "--label", "full", "--so-pin", "1234", "--pin", "5678"});
    const auto put = [](const std::string& type, const std::string& file) {
      do_run({"pkcs11-tool", "--module", module, "--token-label", "full", "--login", "--pin", "5678",
              "--write-object", made(file), "--type", type, "--id", "07", "--label", "client"});
    };
    put("privkey", "der.key");
    put("cert", "client.der");
    return true;
  }();
  REQUIRE(is_made);
}

const std::string uri = "pkcs11:token=full;object=client?module-path=" + std::string(module);

TlsServer demanding(const std::string& version) {
  return TlsServer({"-Verify", "1", "-verify_return_error", "-CAfile", made("root.pem"), version});
}

TlsOptions showing(const std::string& certificate, const std::string& key, std::optional<std::string> pin) {
  TlsOptions options = trusting();
  options.certificate = certificate;
  options.key = key;
  options.key_password = std::move(pin);
  return options;
}

}  // namespace

// In this order: a process that has logged in to a token stays so.
TEST_CASE("tls: a token that wants a PIN is not asked for without one") {
  make_token();
  const auto result = TlsContext::make(showing(made("client.pem"), uri, std::nullopt));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().text ==
        "cannot use key 'pkcs11:token=full;object=client': the token wants a PIN and none was given");
}

TEST_CASE("tls: what a token does not give is a usage error in words") {
  make_token();
  const std::string absent = "pkcs11:token=full;object=nothing?module-path=" + std::string(module);
  const auto error_of = [](const TlsOptions& options) {
    const auto result = TlsContext::make(options);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == ErrorKind::usage);
    return result.error().text;
  };
  CHECK(error_of(showing(made("client.pem"), uri, "0000")) ==
        "cannot use key 'pkcs11:token=full;object=client': no token has it, or the PIN is wrong");
  CHECK(error_of(showing(absent, "", "5678")) ==
        "cannot use certificate 'pkcs11:token=full;object=nothing': no token has it, or the PIN is wrong");
  CHECK(error_of(showing(made("client.pem"), absent, "5678")) ==
        "cannot use key 'pkcs11:token=full;object=nothing': no token has it, or the PIN is wrong");
  CHECK(error_of(showing(made("client.pem"), absent + "&pin-value=5678", "5678")).find("pin-value") ==
        std::string::npos);
}

TEST_CASE("tls: a token's key and certificate open a connection to a server that demands them") {
  make_token();
  const std::string file = made("client.pem");
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    for (const auto& [certificate, key] :
         {std::pair(uri, uri), std::pair(uri, std::string()), std::pair(file, uri)}) {
      CAPTURE(certificate);
      TlsServer server = demanding(version);
      GuardedLoop loop;
      auto connection = connect(loop, server, context(showing(certificate, key, "5678")));
      if (!connection) FAIL(connection.error().text);
      REQUIRE(write_all(loop, **connection, "signed by a token\n").has_value());
      server.process().await_out("signed by a token");
      server.process().await_out("Client certificate");
    }
  }
}
