// A Transport as Asio's composed operations want it: a stream that reads and writes some, completing from the
// loop and never from within the call. For the .cpp files of net/ that put a library's protocol on top of a
// Transport. The Link owns the transport below and, while a read is not asked for, what came too much of one.
//
// The library above is not told of a failed write, since it would stop reading, and what the peer said before
// it left would be lost: such a write succeeds and write_error() has the cause.
#pragma once

#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "net/loop.ipp"
#include "net/transport.hpp"

namespace mq {

class TransportStream {
 public:
  using executor_type = boost::asio::io_context::executor_type;
  using Completion = std::move_only_function<void(boost::system::error_code, std::size_t)>;
  class Link;

  explicit TransportStream(std::shared_ptr<Link> link) : link_(std::move(link)) {}

  executor_type get_executor() const noexcept;

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token);
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token);

 private:
  std::shared_ptr<Link> link_;
};

// The stream's other end, for the one who put it there.
class TransportStream::Link : public std::enable_shared_from_this<Link> {
 public:
  Link(Loop& loop, std::unique_ptr<Transport> below);

  Transport& below() { return *below_; }
  const std::optional<Error>& read_error() const { return read_error_; }
  const std::optional<Error>& write_error() const { return write_error_; }

  // While held the stream reads nothing but what it is given: whoever holds it may read below().
  void hold() { held_ = true; }
  void release();
  void give(Bytes bytes);
  // Of the stream, to below(), since the beginning.
  std::uint64_t passed_on() const { return passed_on_; }
  // Called from within a call of async_read_some that has to wait for bytes from below.
  void when_dry(Loop::Handler handler) { on_dry_ = std::move(handler); }

  // Writes `last` behind the write under way and shuts the transport down. Later writes go nowhere, and
  // succeed.
  void finish(Buffer last);
  // At once, and no completion is called any more.
  void close();

 private:
  friend class TransportStream;
  using Places = std::array<boost::asio::mutable_buffer, 2>;
  static constexpr std::size_t gathered_at_most = 4096;

  void read(const Places& places, Completion completion);
  void read_below();
  void arrived(Result<Bytes> bytes);
  void deliver();
  bool gather(Bytes piece);
  void write(Completion completion);
  void written(std::size_t count);
  void write_last();
  void soon(void (Link::*member)());

  Loop& loop_;
  std::unique_ptr<Transport> below_;

  Places places_;
  Completion on_read_;
  Loop::Handler on_dry_;
  Buffer unread_;
  std::size_t taken_ = 0;  // of unread_
  bool held_ = false;
  bool ended_ = false;
  std::optional<Error> read_error_;

  Completion on_written_;
  Bytes piece_;      // what to write when it is one piece,
  Buffer gathered_;  // and when it is several: a frame's header must not leave on its own
  Buffer last_;
  std::uint64_t passed_on_ = 0;
  bool writing_ = false;
  bool finished_ = false;
  bool closed_ = false;
  std::optional<Error> write_error_;
};

template <class Buffers, class Token>
auto TransportStream::async_read_some(const Buffers& buffers, Token&& token) {
  const auto start = [this](auto handler, const Buffers& all) {
    Link::Places places;  // "some" bytes need no more places than that
    auto next = places.begin();
    const auto end = boost::asio::buffer_sequence_end(all);
    for (auto at = boost::asio::buffer_sequence_begin(all); at != end && next != places.end(); ++at) {
      const boost::asio::mutable_buffer place = *at;
      if (place.size() > 0) *next++ = place;
    }
    link_->read(places, std::move(handler));
  };
  return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(start, token,
                                                                                          buffers);
}

template <class Buffers, class Token>
auto TransportStream::async_write_some(const Buffers& buffers, Token&& token) {
  const auto start = [this](auto handler, const Buffers& all) {
    const auto end = boost::asio::buffer_sequence_end(all);
    for (auto at = boost::asio::buffer_sequence_begin(all); at != end; ++at) {
      const boost::asio::const_buffer piece = *at;
      if (!link_->gather(Bytes(static_cast<const char*>(piece.data()), piece.size()))) break;
    }
    link_->write(std::move(handler));
  };
  return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(start, token,
                                                                                          buffers);
}

}  // namespace mq
