// TLS against mosquitto: certificates of both sides, pre-shared keys, what is wrong said in words, and much
// data.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/cable.hpp"
#include "peers/certificates.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

// A second listener with TLS, beside the plain one of every Mosquitto.
MosquittoConfig with_tls(const std::string& more = {}) {
  return {.lines = "listener {port2} 127.0.0.1\n" + tls_lines() + more};
}

Arguments at_tls(const Mosquitto& broker, const Arguments& more) {
  Arguments arguments{"-L", "mqtts://localhost:" + std::to_string(broker.second_port())};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

Arguments trusting(const Arguments& more) {
  Arguments arguments{"--cafile", made("root.pem"), "-t", "t", "-m", "x"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// Whether the server's first words, a ServerHello of TLS 1.3 (RFC 8446, 4.1.3), choose a session of before.
bool takes_up_session(Bytes said) {
  const auto number = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(said.at(at)) << 8U |
                                    static_cast<unsigned char>(said.at(at + 1)));
  };
  constexpr std::size_t pre_shared_key = 41;
  REQUIRE(said.starts_with("\x16\x03\x03"));
  // Record and message header, version, random; session identifier, cipher suite, compression.
  std::size_t at = 5 + 4 + 2 + 32;
  at += 1 + static_cast<unsigned char>(said.at(at)) + 2 + 1;
  const std::size_t end = at + 2 + number(at);
  for (at += 2; at < end; at += 4 + number(at + 2))
    if (number(at) == pre_shared_key) return true;
  return false;
}

}  // namespace

TEST_CASE("a message goes through TLS, in both directions, by URL and by options") {
  if (!have_mosquitto()) return;
  Mosquitto broker(with_tls());
  const std::string port = std::to_string(broker.second_port());
  for (const char* version : {"1.2", "1.3"}) {
    CAPTURE(std::string(version));
    const std::string id = std::string("reader") + version;
    Process reader(sub(at_tls(
        broker, {"--cafile", made("root.pem"), "--tls-version", version, "-i", id, "-t", "t", "-C", "3"})));
    broker.await_subscription(id, "t");
    CHECK(run(pub(at_tls(broker, trusting({"-q", "2", "--tls-version", version})))).code == 0);
    CHECK(run(pub(trusting({"-h", "localhost", "-p", port, "-q", "1"}))).code == 0);
    CHECK(run(pub(trusting({"-h", "127.0.0.1", "-p", port, "--sni", "broker.test"}))).code == 0);
    const Outcome read = reader.wait();
    CHECK(read.out == "x\nx\nx\n");
    CHECK(read.err.empty());
  }
}

TEST_CASE(
    "what is wrong with a certificate is said in words, the exit code is 3, and nothing is tried again") {
  if (!have_mosquitto()) return;
  Mosquitto broker(with_tls());
  const auto says = [&](const Arguments& more) {
    const Outcome outcome = run(pub(at_tls(broker, more)));
    CHECK(outcome.code == 3);
    CHECK(count_of("\n", outcome.err) <= 2);
    return outcome.err;
  };
  CHECK(holds(says({"-t", "t", "-m", "x", "--retries", "5"}), "Test Root"));
  CHECK(holds(says({"--cafile", made("other.pem"), "-t", "t", "-m", "x", "--retries", "5"}), "Test Root"));
  CHECK(holds(says(trusting({"--sni", "somewhere.test"})), "somewhere.test"));
  CHECK(holds(says(trusting({"--sni", "somewhere.test"})), "broker.test"));
  const Outcome insecure = run(pub(at_tls(broker, {"--insecure", "-t", "t", "-m", "x"})));
  CHECK(insecure.code == 0);
  CHECK(count_of("warning: --insecure: ", insecure.err) == 1);
  // The plain port is no port for TLS, and the other way round.
  CHECK(failed_with(
      run(pub({"-L", "mqtts://localhost:" + std::to_string(broker.port()), "-t", "t", "-m", "x"})), 3));
  const Outcome plain = run(pub(broker.second_port(), {"-t", "t", "-m", "x"}));
  CHECK(plain.code != 0);
  CHECK(plain.err.starts_with("error: "));
}

TEST_CASE("files that can't be used end a run before it connects, with exit code 2") {
  const TempDir dir;
  const std::string rubbish = dir.write("rubbish", "no PEM at all\n");
  const auto refused = [](const Arguments& more) {
    Arguments arguments{"-L", "mqtts://localhost:1", "-t", "t", "-m", "x"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(pub(arguments));
    CHECK(outcome.code == 2);
    return outcome.err;
  };
  CHECK(holds(refused({"--cafile", dir.file("none")}), "no such file"));
  CHECK(holds(refused({"--cafile", rubbish}), rubbish));
  CHECK(holds(refused({"--cert", made("client.pem"), "--key", made("root.key")}), "does not belong"));
  CHECK(holds(refused({"--cert", made("client.pem"), "--key", made("encrypted.key")}), "encrypted"));
  CHECK(holds(refused({"--ciphers", "NONSENSE"}), "NONSENSE"));
}

TEST_CASE("a server that wants a certificate of ours gets it, or says that it is missing") {
  if (!have_mosquitto()) return;
  Mosquitto broker(with_tls("require_certificate true\nuse_identity_as_username true\n"));
  const TempDir dir;
  const std::string password = dir.write("password", "open\n");
  CHECK(run(pub(at_tls(broker, trusting({"--cert", made("client.pem"), "--key", made("leaf.key")})))).code ==
        0);
  CHECK(run(pub(at_tls(broker, trusting({"--cert", made("client_and_key.pem")})))).code == 0);
  CHECK(run(pub(at_tls(broker, trusting({"--cert", made("client.pem"), "--key", made("encrypted.key"),
                                         "--key-password-file", password}))))
            .code == 0);
  CHECK(run(pub(at_tls(broker, trusting({"--cert", made("client.p12"), "--key-password", "open"})))).code ==
        0);
  for (const char* version : {"1.2", "1.3"}) {
    CAPTURE(std::string(version));
    const Outcome without = run(pub(at_tls(broker, trusting({"--tls-version", version, "-q", "1"}))));
    CHECK(without.code == 3);
    CHECK(holds(without.err, "certificate"));
    const Outcome other =
        run(pub(at_tls(broker, trusting({"--tls-version", version, "--cert", made("client_other.pem"),
                                         "--key", made("leaf.key")}))));
    CHECK(other.code == 3);
  }
}

TEST_CASE("a pre-shared key takes the place of certificates") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "listener {port2} 127.0.0.1\npsk_hint hint\npsk_file {dir}/keys\n",
                    .files = {{"keys", "me:00112233445566778899aabbccddeeff\n"}}});
  const std::string key = "00112233445566778899aabbccddeeff";
  CHECK(run(pub(at_tls(broker, {"--psk", key, "--psk-identity", "me", "-t", "t", "-m", "x", "-q", "1"})))
            .code == 0);
  const Outcome wrong =
      run(pub(at_tls(broker, {"--psk", "0011", "--psk-identity", "me", "-t", "t", "-m", "x"})));
  CHECK(wrong.code == 3);
  CHECK_FALSE(holds(wrong.err, "0011"));
  CHECK(run(pub(at_tls(broker, {"--psk", key, "--psk-identity", "you", "-t", "t", "-m", "x"}))).code == 3);
}

TEST_CASE("a million lines through TLS 1.3 at QoS 0: the last one arrives") {
  if (!have_mosquitto()) return;
  Mosquitto broker(with_tls());
  const std::size_t count = sanitized ? 50'000 : 1'000'000;
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) lines.append("line ").append(std::to_string(i)).append("\n");
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "t", "-F", "%l", "-T", "nothing", "-t", "end",
                                     "-C", std::to_string(count + 1)}));
  broker.await_subscription("reader", "end");
  const Outcome written = run(
      with_input(pub(at_tls(broker, {"--cafile", made("root.pem"), "--tls-version", "1.3", "-t", "t", "-l"})),
                 lines),
      60s);
  CHECK(written.code == 0);
  CHECK(written.err.empty());
  CHECK(run(pub(broker.port(), {"-t", "end", "-m", "end", "-q", "1"})).code == 0);
  const Outcome read = reader.wait(60s);
  CHECK(read.code == 0);
  CHECK(count_of("\n", read.out) == count + 1);
}

TEST_CASE("after a cut the TLS session is taken up again, without certificates") {
  if (!have_mosquitto()) return;
  Mosquitto broker(with_tls());
  Cable cable(broker.second_port());
  Process reader(sub({"-L", "mqtts://localhost:" + std::to_string(cable.port()), "--cafile", made("root.pem"),
                      "-i", "reader", "-t", "t", "-C", "3", "--retry-delay", "0.05"}));
  for (int round = 0; round < 3; ++round) {
    broker.await_subscription("reader", "t");
    CHECK(run(pub(broker.port(), {"-t", "t", "-m", "x"})).code == 0);
    reader.await_lines(static_cast<std::size_t>(round) + 1);
    if (round < 2) cable.cut();
  }
  CHECK(reader.wait().code == 0);
  const std::vector<Cable::Record> records = cable.records();
  REQUIRE(records.size() == 3);
  CHECK_FALSE(takes_up_session(records[0].to_client));
  CHECK(takes_up_session(records[1].to_client));
  CHECK(takes_up_session(records[2].to_client));
}

TEST_CASE("certificates and keys may come from pipes, which are read once for the whole run") {
  if (!have_mosquitto()) return;
  Mosquitto broker(with_tls("require_certificate true\n"));
  Cable cable(broker.second_port());
  const auto through_pipes = [](Launch launch, const std::string& key, const std::string& more) {
    Arguments command{"/bin/bash", "-c",
                      "exec \"$@\" --cafile <(cat '" + made("root.pem") + "') --cert <(cat '" +
                          made("client.pem") + "') --key <(cat '" + made(key) + "')" + more,
                      "bash"};
    command.insert(command.end(), launch.command.begin(), launch.command.end());
    launch.command = std::move(command);
    return launch;
  };
  Process reader(through_pipes(sub({"-L", "mqtts://localhost:" + std::to_string(cable.port()), "-i", "reader",
                                    "-t", "t", "-C", "4", "--retry-delay", "0.05"}),
                               "leaf.key", ""));
  broker.await_subscription("reader", "t");
  cable.cut();
  broker.await_subscription("reader", "t");
  CHECK(run(through_pipes(pub(at_tls(broker, {"-t", "t", "-m", "1"})), "leaf.key", "")).code == 0);
  CHECK(run(through_pipes(pub(at_tls(broker, {"-t", "t", "-m", "2"})), "encrypted.key",
                          " --key-password-file <(echo open)"))
            .code == 0);
  // Without a key of its own it is looked for behind the certificate.
  Launch behind = pub(at_tls(broker, trusting({"--cert", "/dev/stdin"})));
  const std::string together = "cat '" + made("client.pem") + "' '" + made("leaf.key") + "' | \"$@\"";
  behind.command.insert(behind.command.begin(), {"/bin/bash", "-c", together, "bash"});
  CHECK(run(behind).code == 0);
  // All in one.
  Launch one = pub(at_tls(broker, {"--cafile", "/dev/stdin", "--cert", "/dev/stdin", "-t", "t", "-m", "4"}));
  const std::string three =
      "cat '" + made("client.pem") + "' '" + made("root.pem") + "' '" + made("leaf.key") + "' | \"$@\"";
  one.command.insert(one.command.begin(), {"/bin/bash", "-c", three, "bash"});
  CHECK(run(one).code == 0);
  CHECK(reader.wait().out == "1\n2\nx\n4\n");
}
