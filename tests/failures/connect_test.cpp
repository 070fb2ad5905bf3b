// Connecting while calls fail: over TCP, TLS, WebSocket and both.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

#include "failures/sweep.hpp"
#include "peers/certificates.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

bool encrypted(const std::string& way) { return way == "tls" || way == "wss"; }

// A mosquitto with a second listener that is reached one way: "tcp", "tls", "ws" or "wss".
class WayIn {
 public:
  explicit WayIn(const std::string& way) : way_(way), broker_({.lines = lines_of(way)}) {}

  Launch subscriber() const {
    const std::string server = "://127.0.0.1:" + std::to_string(broker_.second_port());
    Arguments arguments{"-t", "a/#", "-E", "--retry-delay", "0.05:0.1", "-L"};
    const char* scheme = way_ == "tcp" ? "mqtt" : way_ == "tls" ? "mqtts" : way_.c_str();
    arguments.push_back(scheme + server);
    if (encrypted(way_)) arguments.insert(arguments.end(), {"--cafile", made("root.pem")});
    return sub(arguments);
  }

 private:
  static std::string lines_of(const std::string& way) {
    std::string listener = "listener {port2} 127.0.0.1\n";
    if (way.starts_with("ws")) listener += "protocol websockets\n";
    if (!encrypted(way)) return listener;
    return listener + tls_lines();
  }

  std::string way_;
  Mosquitto broker_;
};

constexpr std::array ways{"tcp", "tls", "ws", "wss"};

// TLS asks for memory thousands of times.
unsigned stride_of(const std::string& way) { return encrypted(way) ? 797 : 13; }

}  // namespace

TEST_CASE("no memory while connecting: an error, never a crash") {
  if (!have_mosquitto() || !memory_can_fail()) return;
  for (const std::string way : ways) {
    CAPTURE(way);
    const WayIn server(way);
    const unsigned struck = sweep("malloc", "", stride_of(way), [&](const Fault& fault) {
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
    sweep("malloc", "+", stride_of(way), [&](const Fault& fault) {
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
