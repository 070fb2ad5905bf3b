// Two processes of one program that talk in JSON, a line each, over a socket pair.
#pragma once

#include <functional>
#include <memory>

#include "engine/epoll_transport.hpp"
#include "engine/poller.hpp"
#include "payload/value.hpp"

namespace mq {

class LineLink {
 public:
  using LineHandler = std::move_only_function<void(const Value&)>;

  // Owns the socket. `on_line` is called from a turn for each line, `on_end` once when the other side is
  // gone.
  LineLink(Poller& poller, int socket, LineHandler on_line, Loop::Handler on_end);

  void say(const Value& value);
  // Called from a turn.
  void later(Loop::Handler handler) { poller_.post(std::move(handler)); }
  void close() { transport_.reset(); }

 private:
  void read();
  void write();

  Poller& poller_;
  LineHandler on_line_;
  Loop::Handler on_end_;
  std::unique_ptr<EpollTransport> transport_;
  Buffer input_, output_, writing_;
};

}  // namespace mq
