// A connected TCP or Unix socket as a Transport on a Poller: 120 bytes while it is idle, one system call for
// each read or write, none to wait.
#pragma once

#include <string>

#include "engine/poller.hpp"
#include "net/transport.hpp"

namespace mq {

class EpollTransport final : public Transport, private Poller::Waiter {
 public:
  // Owns `socket`, which is non-blocking and registered at `place`.
  EpollTransport(Poller& poller, int socket, Poller::Place place);
  // Not registered yet. Where it can't be, its end shows at the first read.
  EpollTransport(Poller& poller, int socket);
  ~EpollTransport() override;
  EpollTransport(const EpollTransport&) = delete;
  EpollTransport& operator=(const EpollTransport&) = delete;

  void read_some(ReadHandler handler) override;
  void write(Bytes bytes, WriteHandler handler) override;
  std::size_t undelivered() const override;
  void shut_down() override;
  void close() override;
  std::string peer() const override;

 private:
  void ready(std::uint32_t events) override;
  void resume() override;
  void resume_soon();
  void receive();
  void send();
  void finish_write();

  Poller& poller_;
  int socket_;
  Poller::Place place_;
  bool readable_ = true;  // as far as we know: a read may show that it isn't
  bool ended_ = false;    // the peer has, or an error waits: no edge will tell again
  bool writable_ = true;
  bool resuming_ = false;
  bool shut_down_after_write_ = false;
  int write_error_ = 0;
  Bytes unwritten_;
  ReadHandler on_read_;
  WriteHandler on_written_;
};

}  // namespace mq
