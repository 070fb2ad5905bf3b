#include "net/memory_transport.hpp"

#include <algorithm>
#include <utility>

namespace mq {
namespace {

std::unexpected<Error> reset() { return fail(ErrorKind::lost, "connection reset by peer"); }

}  // namespace

struct MemoryTransport::End : std::enable_shared_from_this<End> {
  End(Loop& l, MemoryFaults f) : loop(l), faults(f) {}

  // Calls a member from the loop, unless the end is closed by then.
  void soon(void (End::*member)()) {
    loop.post([self = shared_from_this(), member] {
      if (!self->closed) ((*self).*member)();
    });
  }

  std::size_t unread() const { return incoming.size() - read; }

  void deliver() {
    const bool empty = unread() == 0;
    if (!on_read || (empty && !ended && !lost)) return;
    ReadHandler handler = std::exchange(on_read, {});
    if (empty && lost) return handler(reset());
    const Buffer piece = incoming.substr(read, faults.read_at_most);
    read += piece.size();
    if (unread() == 0) {
      incoming.clear();
      read = 0;
    }
    handler(Bytes(piece));
  }

  void written() {
    WriteHandler handler = std::exchange(on_written, {});
    if (write_failed) return handler(reset());
    handler({});
  }

  void send() {
    held = false;
    const auto peer = other.lock();
    if (lost || !peer || peer->closed) return sent(false);
    const std::size_t count = std::min(unsent.size(), faults.cut_after - sent_in_all);
    const bool all = count == unsent.size();
    peer->incoming.append(unsent.substr(0, count));
    peer->soon(&End::deliver);
    sent_in_all += count;
    sent(all);
    if (sent_in_all == faults.cut_after) cut();
  }

  void sent(bool all) {
    held = false;
    unsent = {};
    write_failed = !all;
    soon(&End::written);
    if (shut_down_after_write) end();
  }

  void end() {
    const auto peer = other.lock();
    if (!peer) return;
    peer->ended = true;
    peer->soon(&End::deliver);
  }

  void cut() {
    if (const auto peer = other.lock()) peer->lose();
    lose();
  }

  void lose() {
    if (lost || closed) return;
    lost = true;
    if (held) sent(false);
    soon(&End::deliver);
  }

  void close() {
    if (closed) return;
    closed = true;
    on_read = {};
    on_written = {};
    const auto peer = other.lock();
    if (unread() > 0 && peer) return peer->lose();
    end();
  }

  Loop& loop;
  MemoryFaults faults;
  std::weak_ptr<End> other;
  Buffer incoming;
  std::size_t read = 0;  // of incoming
  bool ended = false;    // nothing follows `incoming`
  bool lost = false;
  bool closed = false;
  ReadHandler on_read;
  WriteHandler on_written;
  Bytes unsent;
  bool held = false;
  bool write_failed = false;
  bool shut_down_after_write = false;
  std::size_t sent_in_all = 0;
};

MemoryTransport::MemoryTransport(std::shared_ptr<End> end) : end_(std::move(end)) {}

MemoryTransport::~MemoryTransport() { end_->close(); }

std::pair<std::unique_ptr<MemoryTransport>, std::unique_ptr<MemoryTransport>> MemoryTransport::pair(
    Loop& loop, MemoryFaults faults) {
  const auto first = std::make_shared<End>(loop, faults);
  const auto second = std::make_shared<End>(loop, MemoryFaults{});
  first->other = second;
  second->other = first;
  return {std::unique_ptr<MemoryTransport>(new MemoryTransport(first)),
          std::unique_ptr<MemoryTransport>(new MemoryTransport(second))};
}

void MemoryTransport::read_some(ReadHandler handler) {
  if (end_->closed) return;
  end_->on_read = std::move(handler);
  end_->soon(&End::deliver);
}

void MemoryTransport::write(Bytes bytes, WriteHandler handler) {
  if (end_->closed) return;
  end_->on_written = std::move(handler);
  end_->unsent = bytes;
  end_->held = end_->faults.hold_writes && !end_->lost;
  if (!end_->held) end_->send();
}

std::size_t MemoryTransport::undelivered() const { return end_->unsent.size(); }

void MemoryTransport::shut_down() {
  if (end_->held) {
    end_->shut_down_after_write = true;
  } else {
    end_->end();
  }
}

void MemoryTransport::close() { end_->close(); }

std::string MemoryTransport::peer() const { return "memory"; }

void MemoryTransport::release() {
  end_->faults.hold_writes = false;
  if (end_->held) end_->send();
}

void MemoryTransport::cut() { end_->cut(); }

}  // namespace mq
