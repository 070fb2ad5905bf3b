// What the loop is made of, for the few .cpp files of net/ that speak to Asio themselves.
#pragma once

#include <boost/asio/io_context.hpp>
#include <utility>

#include "net/loop.hpp"

namespace mq {

struct Loop::Impl {
  // No locks: nothing but this thread touches the context. Other threads wake it through a descriptor.
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  std::unique_ptr<char[]> read_buffer;
  Time now{};
  bool now_is_known = false;
  bool in_handler = false;

  // Every call of a handler goes through here.
  void turn(Handler handler) {
    now_is_known = false;
    in_handler = true;
    handler();
    in_handler = false;
  }
};

}  // namespace mq
