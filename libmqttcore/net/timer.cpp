#include <boost/asio/basic_waitable_timer.hpp>
#include <utility>

#include "net/loop.ipp"

namespace mq {
namespace {

using AsioTimer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>,
                                                    boost::asio::io_context::executor_type>;

}  // namespace

struct Timer::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(Loop::Impl& l) : loop(l), timer(l.context) {}

  void wait() {
    armed = when;
    waiting = true;
    timer.expires_at(armed);
    timer.async_wait([self = shared_from_this(), asked = ++ticket](const boost::system::error_code&) {
      if (self->ticket == asked) self->expired();
    });
  }

  void expired() {
    if (when > armed) return wait();  // put off in the meantime
    waiting = false;
    loop.turn(std::exchange(handler, {}));
  }

  void cancel() {
    handler = {};
    if (!waiting) return;
    waiting = false;
    ++ticket;
    timer.cancel();
  }

  Loop::Impl& loop;
  AsioTimer timer;
  Time when{};   // what is asked for
  Time armed{};  // what the kernel knows, never later than `when` while waiting
  bool waiting = false;
  unsigned ticket = 0;  // a completion that was under way when things changed holds an older one
  Loop::Handler handler;
};

Timer::Timer(Loop& loop) : impl_(std::make_shared<Impl>(loop.impl())) {}

Timer::~Timer() { impl_->cancel(); }

void Timer::set(Time when, Loop::Handler handler) {
  impl_->when = when;
  impl_->handler = std::move(handler);
  if (!impl_->waiting || when < impl_->armed) impl_->wait();
}

void Timer::cancel() { impl_->cancel(); }

}  // namespace mq
