#include "engine/epoll_transport.hpp"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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

EpollTransport::EpollTransport(Poller& poller, int socket, Poller::Place place)
    : poller_(poller), socket_(socket), place_(place) {
  poller_.hand_over(place_, *this);
}

EpollTransport::EpollTransport(Poller& poller, int socket) : poller_(poller), socket_(socket) {
  auto place = poller.add(socket, *this);
  if (!place) ::shutdown(socket_, SHUT_RDWR);
  place_ = place ? *place : poller.add(*this);
}

EpollTransport::~EpollTransport() { EpollTransport::close(); }

void EpollTransport::resume_soon() {
  if (std::exchange(resuming_, true)) return;
  poller_.resume_soon(place_);
}

void EpollTransport::ready(std::uint32_t events) {
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable_ = true;
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ended_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) writable_ = true;
  // Written first: reading may well end in the destruction of this.
  if (writable_ && !unwritten_.empty()) {
    send();
    if (unwritten_.empty()) resume_soon();
  }
  if (readable_ && on_read_) receive();
}

void EpollTransport::resume() {
  resuming_ = false;
  const bool read = readable_ && on_read_;
  if (on_written_ && unwritten_.empty()) {
    if (read) resume_soon();  // in the next turn: the handler may destroy this
    return finish_write();
  }
  if (read) receive();
}

void EpollTransport::read_some(ReadHandler handler) {
  on_read_ = std::move(handler);
  if (readable_) resume_soon();
}

void EpollTransport::receive() {
  const std::span<char> buffer = poller_.loop().read_buffer();
  const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  const int error = errno;
  if (count < 0 && error == EINTR) return resume_soon();
  if (count < 0 && would_block(error)) {
    readable_ = ended_;
    return;
  }
  // A read that did not fill the buffer has emptied the socket: the next byte makes an edge.
  readable_ = ended_ || std::cmp_equal(count, buffer.size());
  ReadHandler handler = std::exchange(on_read_, {});
  if (count < 0)
    handler(lost(error));
  else
    handler(Bytes(buffer.data(), static_cast<std::size_t>(count)));
}

void EpollTransport::write(Bytes bytes, WriteHandler handler) {
  on_written_ = std::move(handler);
  unwritten_ = bytes;
  write_error_ = 0;
  if (writable_) send();
  if (unwritten_.empty()) resume_soon();
}

void EpollTransport::send() {
  while (!unwritten_.empty() && write_error_ == 0) {
    const ssize_t count = ::send(socket_, unwritten_.data(), unwritten_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      unwritten_.remove_prefix(static_cast<std::size_t>(count));
    } else if (would_block(errno)) {
      writable_ = false;
      return;
    } else if (errno != EINTR) {
      write_error_ = errno;
    }
  }
  unwritten_ = {};
  if (std::exchange(shut_down_after_write_, false)) ::shutdown(socket_, SHUT_WR);
}

void EpollTransport::finish_write() {
  WriteHandler handler = std::exchange(on_written_, {});
  if (write_error_ != 0)
    handler(lost(write_error_));
  else
    handler({});
}

std::size_t EpollTransport::undelivered() const {
  int unacknowledged = 0;
  if (::ioctl(socket_, SIOCOUTQ, &unacknowledged) != 0) unacknowledged = 0;
  return unwritten_.size() + static_cast<std::size_t>(unacknowledged);
}

void EpollTransport::shut_down() {
  if (unwritten_.empty())
    ::shutdown(socket_, SHUT_WR);
  else
    shut_down_after_write_ = true;
}

void EpollTransport::close() {
  if (socket_ < 0) return;
  poller_.remove(place_);
  ::close(std::exchange(socket_, -1));
  unwritten_ = {};
  on_read_ = {};
  on_written_ = {};
}

std::string EpollTransport::peer() const {
  Address address;
  address.size = sizeof address.storage;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) return {};
  if (address.family() != AF_INET && address.family() != AF_INET6) return "a Unix socket";
  return host_text(address);
}

}  // namespace mq
