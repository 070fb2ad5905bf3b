// A small HTTP/1.1 server for what a program tells of itself while it runs: GET and HEAD of a few paths,
// nothing else. Everything is bounded: 8 KiB of request, 5 s for it (and between two on one connection), 32
// connections at a time, others wait in the backlog. It keeps its loop running until it is destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "net/loop.hpp"

namespace mq {

struct HttpContent {
  std::string type;  // "text/plain; charset=utf-8"
  Buffer body;
  unsigned status = 200;
};

struct HttpLimits {
  std::size_t request = 8192;  // bytes of header
  Duration patience = std::chrono::seconds(5);
  std::size_t connections = 32;
};

// What HttpServer::listen() takes: "127.0.0.1:9100", "[::1]:9100", "localhost:9100"; ":9100" is every address
// of this host; port 0 is a free one. Kind usage.
Result<void> check_listen_address(std::string_view address);

class HttpServer {
 public:
  using Handler = std::function<HttpContent()>;
  using Paths = std::map<std::string, Handler, std::less<>>;  // "/metrics"; what stands behind '?' is ignored

  // Kind usage when the address is none, io when it can't be listened on.
  static Result<std::unique_ptr<HttpServer>> listen(Loop& loop, std::string_view address, Paths paths,
                                                    HttpLimits limits = {});
  ~HttpServer();  // ends what is under way
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  std::string address() const;  // "127.0.0.1:9100"

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace mq
