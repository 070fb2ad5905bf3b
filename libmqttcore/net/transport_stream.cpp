#include <algorithm>
#include <boost/asio/error.hpp>

#include "net/transport_stream.ipp"

namespace mq {

TransportStream::executor_type TransportStream::get_executor() const noexcept {
  return link_->loop_.impl().context.get_executor();
}

TransportStream::Link::Link(Loop& loop, std::unique_ptr<Transport> below)
    : loop_(loop), below_(std::move(below)) {}

void TransportStream::Link::soon(void (Link::*member)()) {
  loop_.post([weak = weak_from_this(), member] {
    const auto self = weak.lock();
    if (self && !self->closed_) ((*self).*member)();
  });
}

void TransportStream::Link::read(const Places& places, Completion completion) {
  if (closed_) return;
  places_ = places;
  on_read_ = std::move(completion);
  if (!unread_.empty() || ended_) return soon(&Link::deliver);
  if (on_dry_) on_dry_();
  if (!held_) read_below();
}

void TransportStream::Link::read_below() {
  below_->read_some([this](Result<Bytes> bytes) { arrived(bytes); });
}

void TransportStream::Link::arrived(Result<Bytes> bytes) {
  const auto self = shared_from_this();
  ended_ = !bytes || bytes->empty();
  if (!bytes) read_error_ = std::move(bytes.error());
  if (ended_) return deliver();
  const std::size_t count = buffer_copy(places_, boost::asio::buffer(*bytes));
  unread_ = bytes->substr(count);
  taken_ = 0;
  std::exchange(on_read_, {})({}, count);
}

void TransportStream::Link::deliver() {
  if (!on_read_ || (unread_.empty() && !ended_)) return;
  Completion completion = std::exchange(on_read_, {});
  if (unread_.empty()) {
    return completion(
        read_error_ ? boost::asio::error::connection_reset : make_error_code(boost::asio::error::eof), 0);
  }
  const std::size_t count =
      buffer_copy(places_, boost::asio::buffer(unread_.data() + taken_, unread_.size() - taken_));
  taken_ += count;
  if (taken_ == unread_.size()) {
    unread_ = {};  // idle connections keep none
    taken_ = 0;
  }
  completion({}, count);
}

void TransportStream::Link::give(Bytes bytes) {
  if (bytes.empty()) return;
  unread_ += bytes;
  soon(&Link::deliver);
}

void TransportStream::Link::release() {
  held_ = false;
  if (on_read_ && unread_.empty()) read_below();
}

// Whether there is room for more.
bool TransportStream::Link::gather(Bytes piece) {
  if (piece.empty()) return true;
  if (piece_.empty() && gathered_.empty()) {
    piece_ = piece;
    return piece.size() < gathered_at_most;
  }
  if (gathered_.empty()) gathered_ = std::exchange(piece_, {});
  gathered_ += piece.substr(0, gathered_at_most - gathered_.size());
  return gathered_.size() < gathered_at_most;
}

void TransportStream::Link::write(Completion completion) {
  if (closed_) return;
  on_written_ = std::move(completion);
  const Bytes bytes = gathered_.empty() ? std::exchange(piece_, {}) : Bytes(gathered_);
  if (bytes.empty() || finished_ || write_error_) {
    loop_.post([weak = weak_from_this(), count = bytes.size()] {
      const auto self = weak.lock();
      if (self && !self->closed_) self->written(count);
    });
    return;
  }
  writing_ = true;
  below_->write(bytes, [this, count = bytes.size()](Result<void> result) {
    const auto self = shared_from_this();
    writing_ = false;
    if (!result) write_error_ = std::move(result.error());
    if (finished_) write_last();
    written(count);
  });
}

void TransportStream::Link::written(std::size_t count) {
  gathered_ = {};
  passed_on_ += count;
  std::exchange(on_written_, {})({}, count);
}

void TransportStream::Link::finish(Buffer last) {
  if (finished_ || closed_) return;
  finished_ = true;
  last_ = std::move(last);
  if (!writing_) write_last();
}

void TransportStream::Link::write_last() {
  if (!last_.empty() && !write_error_) below_->write(last_, [](Result<void>) {});
  below_->shut_down();
}

void TransportStream::Link::close() {
  if (closed_) return;
  closed_ = true;
  below_->close();
  // Destroying what waits may destroy us.
  const auto self = shared_from_this();
  on_read_ = {};
  on_written_ = {};
  on_dry_ = {};
}

}  // namespace mq
