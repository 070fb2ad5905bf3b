// Debian's microsocks and tinyproxy as a test's own SOCKS5 and HTTP proxy on a loopback address. Stopped, by
// their process id, when the test ends. A missing program fails the test by its name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

struct ProxyLogin {
  std::string user_name, password;
};

// It resolves names by the system's resolver, and connects to their first address.
class Microsocks {
 public:
  explicit Microsocks(std::optional<ProxyLogin> login = {});

  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }

 private:
  bool try_start(const std::optional<ProxyLogin>& login);

  std::string host_;
  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

class Tinyproxy {
 public:
  // `lines` are added to its configuration: "BasicAuth user password", "ConnectPort 1883".
  explicit Tinyproxy(const std::string& lines = {});

  std::string host() const { return "127.0.0.1"; }
  std::uint16_t port() const { return port_; }

 private:
  TempDir dir_;
  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

}  // namespace mq
