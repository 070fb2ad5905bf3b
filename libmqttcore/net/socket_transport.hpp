// A Transport over a connected stream socket, TCP or Unix.
#pragma once

#include <memory>
#include <string>

#include "net/descriptor.hpp"
#include "net/transport.hpp"

namespace mq {

class SocketTransport : public Transport {
 public:
  SocketTransport(Loop& loop, Descriptor socket, std::string peer);

  void read_some(ReadHandler handler) override;
  void write(Bytes bytes, WriteHandler handler) override;
  std::size_t undelivered() const override;
  void shut_down() override;
  void close() override;
  std::string peer() const override { return peer_; }

 private:
  void receive();
  void send(Descriptor::When answer);
  void written();

  Loop& loop_;
  Descriptor socket_;
  ReadHandler on_read_;
  WriteHandler on_written_;
  Bytes unwritten_;
  int write_error_ = 0;
  bool more_is_there_ = false;  // the last read filled the buffer
  bool shut_down_after_write_ = false;
  std::string peer_;
};

}  // namespace mq
