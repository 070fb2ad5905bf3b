// Connecting while calls fail: over TCP, TLS and WebSocket.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

#include "failures/sweep.hpp"
#include "peers/certificates.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

// A mosquitto with a second listener that is reached one way: "tcp", "tls" or "ws".
class WayIn {
 public:
  explicit WayIn(const std::string& way) : way_(way), broker_({.lines = lines_of(way)}) {}

  Launch subscriber() const {
    const std::string server = "://127.0.0.1:" + std::to_string(broker_.second_port());
    Arguments arguments{"-t", "a/#", "-E", "--retry-delay", "0.05:0.1", "-L"};
    if (way_ == "tls") {
      arguments.insert(arguments.end(), {"mqtts" + server, "--cafile", made("root.pem")});
    } else {
      arguments.push_back((way_ == "ws" ? "ws" : "mqtt") + server);
    }
    return sub(arguments);
  }

 private:
  static std::string lines_of(const std::string& way) {
    std::string listener = "listener {port2} 127.0.0.1\n";
    if (way == "ws") return listener + "protocol websockets\n";
    if (way == "tcp") return listener;
    return listener + "certfile " + made("server.pem") + "\nkeyfile " + made("leaf.key") + "\n";
  }

  std::string way_;
  Mosquitto broker_;
};

constexpr std::array ways{"tcp", "tls", "ws"};

}  // namespace

TEST_CASE("no memory while connecting: an error, never a crash") {
  if (!have_mosquitto() || !memory_can_fail()) return;
  for (const std::string way : ways) {
    CAPTURE(way);
    const WayIn server(way);
    const unsigned stride = way == "tls" ? 797 : 13;
    const unsigned struck = sweep("malloc", "", stride, [&](const Fault& fault) {
      ended_well(fault, run(fault.in(server.subscriber())));
    });
    CHECK(struck > 10);
  }
}

TEST_CASE("memory that has come to its end while connecting: an error, never a crash") {
  if (!have_mosquitto() || !memory_can_fail()) return;
  for (const std::string way : ways) {
    CAPTURE(way);
    const WayIn server(way);
    const unsigned stride = way == "tls" ? 797 : 13;
    sweep("malloc", "+", stride, [&](const Fault& fault) {
      if (ended_well(fault, run(fault.in(server.subscriber())))) CHECK(!fault.struck());
    });
  }
}

TEST_CASE("system calls that fail while connecting: an error, never a crash") {
  if (!have_mosquitto()) return;
  const std::array<std::pair<std::string, std::string>, 10> faults{{{"socket", "EMFILE"},
                                                                    {"connect", "ENETUNREACH"},
                                                                    {"connect", "ECONNREFUSED"},
                                                                    {"send", "ECONNRESET"},
                                                                    {"send", "EPIPE"},
                                                                    {"recv", "ECONNRESET"},
                                                                    {"recv", "ETIMEDOUT"},
                                                                    {"epoll_ctl", "ENOMEM"},
                                                                    {"open", "EMFILE"},
                                                                    {"read", "EIO"}}};
  for (const std::string way : ways) {
    CAPTURE(way);
    const WayIn server(way);
    for (const auto& [call, error] : faults)
      sweep(call, error, 1,
            [&](const Fault& fault) { ended_well(fault, run(fault.in(server.subscriber()))); });
  }
}

TEST_CASE("what is done in single bytes, or interrupted, makes no difference to a connection") {
  if (!have_mosquitto()) return;
  for (const std::string way : ways) {
    CAPTURE(way);
    const WayIn server(way);
    for (const std::string call : {"send", "recv", "read"}) {
      const TempDir dir;
      const Fault fault(dir, call, 1, "+:short");
      CHECK(ended_well(fault, run(fault.in(server.subscriber()))));
      CHECK((fault.struck() || call == "read"));
    }
    for (const std::string call : {"send", "recv", "epoll_wait"})
      sweep(call, "EINTR", 1,
            [&](const Fault& fault) { CHECK(ended_well(fault, run(fault.in(server.subscriber())))); });
  }
}
