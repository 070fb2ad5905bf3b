#include "net/socket_transport.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/system_error.hpp"
#include "net/address.hpp"

namespace mq {
namespace {

std::unexpected<Error> lost(int error) {
  return fail(ErrorKind::lost, error == EPIPE ? "connection closed by peer" : system_error(error));
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

SocketTransport::SocketTransport(Loop& loop, Descriptor socket, std::string peer)
    : loop_(loop), socket_(std::move(socket)), peer_(std::move(peer)) {}

void SocketTransport::read_some(ReadHandler handler) {
  on_read_ = std::move(handler);
  socket_.readable([this] { receive(); }, more_is_there_ ? Descriptor::When::now : Descriptor::When::ready);
}

void SocketTransport::receive() {
  const std::span<char> buffer = loop_.read_buffer();
  const ssize_t count = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  const int error = errno;
  more_is_there_ = std::cmp_equal(count, buffer.size());
  if (count < 0 && (would_block(error) || error == EINTR)) {
    return socket_.readable([this] { receive(); });
  }
  ReadHandler handler = std::exchange(on_read_, {});
  if (count < 0) {
    handler(lost(error));
  } else {
    handler(Bytes(buffer.data(), static_cast<std::size_t>(count)));
  }
}

void SocketTransport::write(Bytes bytes, WriteHandler handler) {
  on_written_ = std::move(handler);
  unwritten_ = bytes;
  write_error_ = 0;
  send(Descriptor::When::now);
}

std::size_t SocketTransport::undelivered() const {
  int unacknowledged = 0;  // by TCP; of a Unix socket, what the peer has not read
  if (::ioctl(socket_.number(), SIOCOUTQ, &unacknowledged) != 0) unacknowledged = 0;
  return unwritten_.size() + static_cast<std::size_t>(unacknowledged);
}

void SocketTransport::send(Descriptor::When answer) {
  while (!unwritten_.empty() && write_error_ == 0) {
    const ssize_t count =
        ::send(socket_.number(), unwritten_.data(), unwritten_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      unwritten_.remove_prefix(static_cast<std::size_t>(count));
    } else if (would_block(errno)) {
      return socket_.writable([this] { send(Descriptor::When::ready); });
    } else if (errno != EINTR) {
      write_error_ = errno;
    }
  }
  unwritten_ = {};
  if (std::exchange(shut_down_after_write_, false)) ::shutdown(socket_.number(), SHUT_WR);
  if (answer == Descriptor::When::now) return socket_.writable([this] { written(); }, answer);
  written();
}

void SocketTransport::written() {
  WriteHandler handler = std::exchange(on_written_, {});
  if (write_error_ != 0) {
    handler(lost(write_error_));
  } else {
    handler({});
  }
}

void SocketTransport::shut_down() {
  if (unwritten_.empty()) {
    ::shutdown(socket_.number(), SHUT_WR);
  } else {
    shut_down_after_write_ = true;
  }
}

void SocketTransport::close() {
  socket_.close();
  unwritten_ = {};
  on_read_ = {};
  on_written_ = {};
}

}  // namespace mq
