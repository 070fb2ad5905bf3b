// The TLS options of mosquitto's bridges: each opens the way that mosquitto's own bridge has, or is seen by
// the server.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <string>

#include "e2e/bridge_mosquitto.hpp"
#include "peers/certificates.hpp"

using namespace mq;

namespace {

// At every address of "localhost": mosquitto's bridge tries the first alone, which may be ::1.
MosquittoConfig with_certificates(const std::string& more, const std::string& certificate = "server.pem") {
  return {.lines = "listener {port2} localhost\n" + tls_lines(certificate) + more};
}

BridgeSection secure(const std::string& host, const std::string& lines) {
  return {.lines = fmt::format("address {}:{{remote2}}\ntopic a/# both 1\n{}", host, lines),
          .local = {"a/#"},
          .remote = {"a/#"}};
}

void check_carries(BridgedBy by, const BridgeSection& section, const MosquittoConfig& remote) {
  CAPTURE(section.lines);
  SectionRun ran(by, section, remote);
  ran.await_carrying();
  Process checker(sub(ran.remote.port(), {"-t", "a/#", "-i", "checker", "-F", "%t %p"}));
  ran.remote.await_subscription("checker", "a/#");
  CHECK(run(pub(ran.local.port(), {"-t", "a/1", "-q", "1", "-m", "x"})).code == 0);
  checker.await_out("a/1 x\n");
}

// By mosquitto too.
void check_carries(const BridgeSection& section, const MosquittoConfig& remote) {
  for (const BridgedBy by : {BridgedBy::mosquitto, BridgedBy::mqtt_bridge})
    check_carries(by, section, remote);
}

}  // namespace

TEST_CASE("mosquitto.conf: bridge_cafile, bridge_tls_version, bridge_alpn") {
  if (!have_mosquitto()) return;
  const std::string ca = "bridge_cafile " + made("root.pem") + "\n";
  check_carries(secure("localhost", ca), with_certificates(""));
  check_carries(secure("localhost", ca + "bridge_tls_version tlsv1.2\n"),
                with_certificates("tls_version tlsv1.2\n"));
  check_carries(secure("localhost", ca + "bridge_tls_version tlsv1.3\n"),
                with_certificates("tls_version tlsv1.3\n"));
  check_carries(secure("localhost", ca + "bridge_alpn mqtt\n"), with_certificates(""));
}

// mosquitto 2.0.11 has them for listeners alone.
TEST_CASE("mosquitto.conf: bridge_ciphers and bridge_ciphers_tls1.3, which a server must have one of") {
  if (!have_mosquitto()) return;
  const BridgeSection section = secure("localhost", "bridge_cafile " + made("root.pem") +
                                                        "\nbridge_ciphers ECDHE-ECDSA-AES256-GCM-SHA384\n"
                                                        "bridge_ciphers_tls1.3 TLS_AES_256_GCM_SHA384\n");
  const std::string only = "tls_version tlsv1.3\nciphers_tls1.3 ";
  check_carries(BridgedBy::mqtt_bridge, section, with_certificates(only + "TLS_AES_256_GCM_SHA384\n"));
  SectionRun refused(BridgedBy::mqtt_bridge, section, with_certificates(only + "TLS_AES_128_GCM_SHA256\n"));
  refused.process().await_err("; trying localhost:");
  CHECK_FALSE(holds(refused.remote.log(), " as rid "));
}

TEST_CASE("mosquitto.conf: bridge_insecure, for a name that the certificate does not hold") {
  if (!have_mosquitto()) return;
  const std::string ca = "bridge_cafile " + made("root.pem") + "\n";
  const MosquittoConfig elsewhere = with_certificates("", "elsewhere.pem");
  check_carries(secure("localhost", ca + "bridge_insecure true\n"), elsewhere);
  SectionRun refused(BridgedBy::mqtt_bridge, secure("localhost", ca), elsewhere);
  refused.process().await_err("; trying localhost:");
  CHECK_FALSE(holds(refused.remote.log(), " as rid "));
}

TEST_CASE("mosquitto.conf: bridge_certfile and bridge_keyfile") {
  if (!have_mosquitto()) return;
  check_carries(secure("localhost", "bridge_cafile " + made("root.pem") + "\nbridge_certfile " +
                                        made("client.pem") + "\nbridge_keyfile " + made("leaf.key") + "\n"),
                with_certificates("require_certificate true\n"));
}

TEST_CASE("mosquitto.conf: bridge_identity and bridge_psk") {
  if (!have_mosquitto()) return;
  MosquittoConfig remote{.lines = "listener {port2} 127.0.0.1\npsk_file {dir}/psk\npsk_hint h\n"};
  remote.files = {{"psk", "me:5e5a4e\n"}};
  check_carries(secure("127.0.0.1", "bridge_identity me\nbridge_psk 5e5a4e\n"), remote);
}
