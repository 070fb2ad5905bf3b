// What the WebSocket tests share: opening one to a server, and one thing done with it at a time.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "net/testing.hpp"
#include "net/web_socket.hpp"
#include "net/web_socket_peer.hpp"

namespace mq::testing {

inline Result<std::unique_ptr<Transport>> open_web_socket(GuardedLoop& loop, std::unique_ptr<Transport> below,
                                                          const WebSocketOptions& options = {},
                                                          const std::string& host = "localhost:80") {
  Result<std::unique_ptr<Transport>> result;
  bool within = true;
  const auto handshake =
      begin_web_socket(loop, std::move(below), options, host, [&](Result<std::unique_ptr<Transport>> opened) {
        CHECK_FALSE(within);
        result = std::move(opened);
        loop.stop();
      });
  within = false;
  loop.run();
  return result;
}

inline Result<std::unique_ptr<Transport>> open_web_socket(GuardedLoop& loop, const Endpoint& endpoint,
                                                          const WebSocketOptions& options = {},
                                                          const std::string& host = "localhost:80") {
  auto below = dial(loop, endpoint);
  REQUIRE(below.has_value());
  return open_web_socket(loop, std::move(*below), options, host);
}

inline std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

inline std::unique_ptr<Transport> open(GuardedLoop& loop, const WebSocketServer& server) {
  auto opened = open_web_socket(loop, server.endpoint());
  REQUIRE(opened.has_value());
  return std::move(*opened);
}

// What one read gives, or its error's text.
inline std::string read_once(GuardedLoop& loop, Transport& from) {
  std::string text;
  from.read_some([&](Result<Bytes> bytes) {
    text = bytes ? std::string(*bytes) : bytes.error().text;
    loop.stop();
  });
  loop.run();
  return text;
}

inline std::string all_of(GuardedLoop& loop, Transport& from) {
  std::string all;
  read_to_end(from, [&](std::string arrived) {
    all = std::move(arrived);
    loop.stop();
  });
  loop.run();
  return all;
}

inline Result<void> write(GuardedLoop& loop, Transport& to, Bytes bytes) {
  Result<void> result;
  bool within = true;
  to.write(bytes, [&](Result<void> written) {
    CHECK_FALSE(within);
    result = std::move(written);
    loop.stop();
  });
  within = false;
  loop.run();
  return result;
}

}  // namespace mq::testing
