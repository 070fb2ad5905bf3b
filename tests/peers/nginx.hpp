// Debian's nginx as what stands in front of a cloud's brokers: it ends TLS, demands what the cloud demands
// (ALPN, SNI, client certificates, headers and paths of WebSockets) and hands on to a broker of the test.
// Stopped, by its process id, when the test ends. A missing program fails the test by its name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

class Nginx {
 public:
  // `blocks`: "stream { ... }" or "http { ... }", listening on "127.0.0.1:{port}".
  explicit Nginx(const std::string& blocks);

  std::uint16_t port() const { return port_; }

 private:
  TempDir dir_;
  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

}  // namespace mq
