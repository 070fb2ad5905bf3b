// What the TLS tests share: certificates made once for the process, `openssl s_server` as the other side, and
// connections through TLS to it or to bytes that no TLS server would say.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/testing.hpp"
#include "net/tls.hpp"
#include "peers/certificates.hpp"
#include "peers/process.hpp"

namespace mq::testing {

// Debian's OpenSSL as a server on 127.0.0.1. Without other options it shows the good certificate.
class TlsServer {
 public:
  struct Certificate {
    std::string chain = "server.pem";
    std::string key = "leaf.key";
  };
  TlsServer() : TlsServer({}, {}) {}
  explicit TlsServer(const std::vector<std::string>& options) : TlsServer(options, {}) {}
  TlsServer(const std::vector<std::string>& options, const Certificate& certificate);

  Endpoint endpoint() const { return {.host = "127.0.0.1", .port = port_, .unix_path = {}}; }
  Process& process() { return *process_; }

 private:
  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

// Trusts the root that issued the good certificates.
TlsOptions trusting();
std::shared_ptr<TlsContext> context(const TlsOptions& options = trusting());

using Connection = Result<std::unique_ptr<Transport>>;

// A TCP connection to the server, and what begin_tls makes of it.
Connection connect(GuardedLoop& loop, const TlsServer& server, const std::shared_ptr<TlsContext>& context,
                   const std::string& host = "broker.test");
Connection connect(GuardedLoop& loop, std::unique_ptr<Transport> below,
                   const std::shared_ptr<TlsContext>& context, const std::string& host = "broker.test");

// Until so many bytes are there, the end of the stream, or an error, whose text is then the end of it.
std::string read_bytes(GuardedLoop& loop, Transport& from, std::size_t count);
Result<void> write_all(GuardedLoop& loop, Transport& to, Bytes bytes);

// Hands over what is read below in pieces of at most so many bytes.
std::unique_ptr<Transport> in_pieces(Loop& loop, std::unique_ptr<Transport> below, std::size_t at_most);

}  // namespace mq::testing
