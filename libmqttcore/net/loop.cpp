#include "net/loop.hpp"

#include <boost/asio/post.hpp>

#include "net/loop.ipp"

namespace mq {
namespace {

constexpr std::size_t read_buffer_size = 512 * 1024;

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {}

Loop::~Loop() = default;

Time Loop::now() const {
  if (!impl_->in_handler) return Clock::now();
  if (!impl_->now_is_known) {
    impl_->now = Clock::now();
    impl_->now_is_known = true;
  }
  return impl_->now;
}

Time Loop::this_moment() const { return Clock::now(); }

void Loop::run() {
  impl_->context.run();
  impl_->context.restart();
}

void Loop::run_ready() {
  impl_->context.poll();
  impl_->context.restart();
}

void Loop::stop() { impl_->context.stop(); }

void Loop::post(Handler handler) {
  boost::asio::post(impl_->context, [impl = impl_.get(), handler = std::move(handler)]() mutable {
    impl->turn(std::move(handler));
  });
}

std::span<char> Loop::read_buffer() {
  if (!impl_->read_buffer) impl_->read_buffer = std::make_unique_for_overwrite<char[]>(read_buffer_size);
  return {impl_->read_buffer.get(), read_buffer_size};
}

}  // namespace mq
