// A WebSocket server for tests, by Beast's own server side: a script in a thread of its own that speaks with
// one connection after the other through blocking calls. What goes wrong in it is thrown by finish().
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "net/dial.hpp"

namespace mq::testing {

// One accepted connection. Its end is an exception, unless a call says otherwise.
class WebSocketPeer {
 public:
  struct Impl;
  explicit WebSocketPeer(Impl& impl) : impl_(impl) {}

  // Without a WebSocket: the request's header up to its empty line, bytes, and what the other side sends
  // until it closes.
  std::string request();
  void send(std::string_view bytes);
  std::string read_to_end();

  // The handshake: agrees to `protocol` (none when empty). What was asked can be looked at afterwards.
  void accept(const std::string& protocol = "mqtt");
  std::string header(std::string_view name) const;
  std::string target() const;

  void write(std::string_view message);
  void write_text(std::string_view message);
  void write_frame(std::string_view bytes, bool last);  // of one message
  void ping(const std::string& payload);
  std::string read();         // one message
  bool read_binary() const;   // whether the last one was
  std::string pongs() const;  // payloads received while reading
  void close(std::uint16_t code, const std::string& reason = {});
  std::uint16_t read_to_close();  // the other side's code, after all messages; 0 when it just ends

 private:
  Impl& impl_;
};

class WebSocketServer {
 public:
  using Script = std::function<void(WebSocketPeer&)>;

  explicit WebSocketServer(Script script, const std::string& address = "127.0.0.1");
  ~WebSocketServer();

  const Endpoint& endpoint() const { return endpoint_; }
  // Waits for the end of the script for the first connection, or of the nth one.
  void finish();

 private:
  struct State;
  Endpoint endpoint_;
  std::unique_ptr<State> state_;
};

}  // namespace mq::testing
