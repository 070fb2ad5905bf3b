// The other ways in: WebSockets, proxies, SRV, and what stands in front of the brokers of clouds.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/certificates.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"
#include "peers/nginx.hpp"
#include "peers/proxies.hpp"

using namespace mq;

namespace {

std::string port_of(std::uint16_t port) { return std::to_string(port); }

std::string on_tls(const std::string& more = {}) {
  return "ssl_certificate " + made("server.pem") + ";\nssl_certificate_key " + made("leaf.key") + ";\n" +
         more;
}

}  // namespace

TEST_CASE("WebSockets of mosquitto, plain and with TLS") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "listener {port2} 127.0.0.1\nprotocol websockets\n"});
  const std::string port = port_of(broker.second_port());
  Process reader(sub({"-L", "ws://127.0.0.1:" + port, "-i", "reader", "-t", "t", "-C", "3"}));
  broker.await_subscription("reader", "t");
  CHECK(run(pub({"-L", "ws://127.0.0.1:" + port + "/t", "-m", "url", "-q", "2"})).code == 0);
  CHECK(run(pub({"-h", "127.0.0.1", "-p", port, "--ws", "-t", "t", "-m", "options", "-V", "311", "-q", "1"}))
            .code == 0);
  CHECK(run(pub(broker.port(), {"-t", "t", "-m", std::string(100'000, 'x'), "-q", "1"})).code == 0);
  CHECK(reader.wait().out == "url\noptions\n" + std::string(100'000, 'x') + "\n");
  const Outcome plain = run(pub({"-L", "ws://127.0.0.1:" + port_of(broker.port()), "-t", "t", "-m", "x"}));
  CHECK(plain.code == 3);

  Mosquitto secure({.lines = "listener {port2} 127.0.0.1\nprotocol websockets\n" + tls_lines()});
  CHECK(run(pub({"-L", "wss://localhost:" + port_of(secure.second_port()), "--cafile", made("root.pem"), "-t",
                 "t", "-m", "x", "-q", "1"}))
            .code == 0);
}

TEST_CASE("a cloud that demands a path and a header of WebSockets, and says what it refuses") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "listener {port2} 127.0.0.1\nprotocol websockets\n"});
  const Nginx front(
      "http {\nmap $http_x_token $known { default 0; \"open sesame\" 1; }\nserver {\nlisten "
      "127.0.0.1:{port};\n"
      "location = /secret {\nif ($known = 0) { return 403 \"wrong token\\n\"; }\n"
      "proxy_pass http://127.0.0.1:" +
      port_of(broker.second_port()) +
      "/mqtt;\nproxy_http_version 1.1;\n"
      "proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection upgrade;\n}\n}\n}\n");
  const std::string url = "ws://127.0.0.1:" + port_of(front.port());
  const auto send = [&](const Arguments& more) {
    Arguments arguments{"-L", url, "-t", "t", "-m", "x", "-q", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(pub(arguments));
  };
  CHECK(send({"--ws-path", "/secret", "--ws-header", "X-Token: open sesame"}).code == 0);
  const Outcome refused = send({"--ws-path", "/secret", "--ws-header", "X-Token: guess"});
  CHECK(refused.code == 3);
  CHECK(holds(refused.err, "403"));
  CHECK(holds(refused.err, "wrong token"));
  CHECK_FALSE(holds(refused.err, "guess"));
  const Outcome lost = send({});
  CHECK(lost.code == 3);
  CHECK(holds(lost.err, "404"));
}

TEST_CASE("a cloud that demands an ALPN protocol and a client certificate on one port") {
  if (!have_mosquitto()) return;
  const Mosquitto broker;
  const Nginx front(
      "stream {\nmap $ssl_alpn_protocol $to { x-amzn-mqtt-ca 127.0.0.1:" + port_of(broker.port()) +
      "; default 127.0.0.1:1; }\nserver {\nlisten 127.0.0.1:{port} ssl;\n" +
      on_tls("ssl_alpn x-amzn-mqtt-ca http/1.1;\nssl_verify_client on;\nssl_client_certificate " +
             made("root.pem") + ";\n") +
      "proxy_pass $to;\n}\n}\n");
  const std::string url = "mqtts://localhost:" + port_of(front.port());
  const auto send = [&](const Arguments& more) {
    Arguments arguments{"-L", url, "--cafile", made("root.pem"), "-t", "t", "-m", "x", "-q", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(pub(arguments));
  };
  const Arguments ours{"--cert", made("client.pem"), "--key", made("leaf.key")};
  Arguments right = ours;
  right.insert(right.end(), {"--tls-alpn", "x-amzn-mqtt-ca"});
  CHECK(send(right).code == 0);
  Arguments other = ours;
  other.insert(other.end(), {"--tls-alpn", "mqtt"});
  const Outcome refused = send(other);
  CHECK(refused.code == 3);
  CHECK(holds(refused.err, "no application protocol in common"));
  CHECK(send({"--tls-alpn", "x-amzn-mqtt-ca"}).code != 0);
}

TEST_CASE("a cloud that finds the cluster by SNI and wants a user name and a password") {
  if (!have_mosquitto()) return;
  const Mosquitto broker({.anonymous = false, .users = {{"ann", "sesame"}}});
  const Nginx front("stream {\nmap $ssl_server_name $to { broker.test 127.0.0.1:" + port_of(broker.port()) +
                    "; default 127.0.0.1:1; }\nserver {\nlisten 127.0.0.1:{port} ssl;\n" + on_tls() +
                    "proxy_pass $to;\n}\n}\n");
  const Arguments common{"--cafile",     made("root.pem"),
                         "-u",           "ann",
                         "-t",           "t",
                         "-m",           "x",
                         "-q",           "1",
                         "--connect-to", "127.0.0.1:" + port_of(front.port())};
  const auto send = [&](const std::string& host, const std::string& password) {
    Arguments arguments = common;
    arguments.insert(arguments.end(), {"-L", "mqtts://" + host, "-P", password});
    return run(pub(arguments));
  };
  const Outcome right = send("broker.test", "sesame");
  CHECK(right.code == 0);
  CHECK(right.err.empty());
  CHECK(send("broker.test", "wrong").code == 4);
  CHECK(send("localhost", "sesame").code != 0);
}

TEST_CASE("through a SOCKS5 and an HTTP proxy, named by option and by environment") {
  FakeBroker broker;
  const std::string server = "mqtt://localhost:" + port_of(broker.port()) + "/t";
  const Microsocks socks(ProxyLogin{"pat", "proxy word"});
  const std::string by_socks = "socks5://pat:proxy%20word@" + socks.host() + ":" + port_of(socks.port());
  // microsocks tries a name's first address alone, which may be ::1.
  const std::string by_address = "mqtt://127.0.0.1:" + port_of(broker.port()) + "/t";
  CHECK(run(pub({"-L", by_address, "-m", "x", "--proxy", by_socks})).code == 0);
  const Outcome wrong = run(pub({"-L", server, "-m", "x", "--proxy",
                                 "socks5://pat:guess@" + socks.host() + ":" + port_of(socks.port())}));
  CHECK(wrong.code == 3);
  CHECK_FALSE(holds(wrong.err, "guess"));

  const Tinyproxy http("BasicAuth pat word\n");
  const std::string by_http = "http://pat:word@" + http.host() + ":" + port_of(http.port());
  Launch launch = pub({"-L", server, "-m", "x"});
  launch.environment.emplace_back("ALL_PROXY", by_http);
  CHECK(run(launch).code == 0);
  const int before = broker.connections();
  launch.environment.emplace_back("NO_PROXY", "localhost");
  CHECK(run(launch).code == 0);
  CHECK(broker.connections() == before + 1);
  const Outcome nobody = run(pub({"-L", server, "-m", "x", "--proxy", "socks5://127.0.0.1:1"}));
  CHECK(nobody.code == 3);
  CHECK(holds(nobody.err, "socks5://127.0.0.1:1"));
}
