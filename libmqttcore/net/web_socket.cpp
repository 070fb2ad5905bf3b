#include "net/web_socket.hpp"

#include <fmt/core.h>
#include <sys/random.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <span>

#include "base/text.hpp"
#include "net/http_answer.hpp"
#include "net/read_ahead.hpp"
#include "net/transport_stream.ipp"
#include "net/web_socket_request.hpp"

namespace mq {

// What Beast looks for where it would end a TCP connection: ending it is left to shut_down() and close().
template <class Handler>
void async_teardown(boost::beast::role_type /*role*/, TransportStream& stream, Handler&& handler) {
  boost::asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
    handler(boost::system::error_code{});
  });
}

void beast_close_socket(TransportStream& /*stream*/) {}

namespace {

namespace websocket = boost::beast::websocket;
using boost::system::error_code;

// Without compression, which is not even compiled.
using Stream = websocket::stream<TransportStream, false>;
using Link = TransportStream::Link;

// How long the rest of a refusal may take to come, when its status is known already.
constexpr auto patience_for_body = std::chrono::milliseconds(300);

// Beast masks in a buffer that it keeps between messages: let it be no larger than the message wants.
std::size_t mask_buffer(std::size_t message) {
  constexpr std::size_t small = 512;
  constexpr std::size_t medium = 4096;
  constexpr std::size_t large = 65536;
  if (message <= small) return small;
  return message <= medium ? medium : large;
}

constexpr const char* other_protocol = "the port may be one for another protocol, or want TLS";

// RFC 6455, 5.5.1. Beast's async_close would throw away what arrives from then on.
Buffer close_frame(std::uint16_t code) {
  std::array<char, 4> mask{};
  if (::getrandom(mask.data(), mask.size(), 0) < 0) mask = {};  // what it hides is no secret
  const auto high = static_cast<char>(code >> 8U);
  const auto low = static_cast<char>(code & 0xFFU);
  Buffer frame = "\x88\x82";
  frame.append(mask.data(), mask.size());
  frame += static_cast<char>(high ^ mask[0]);
  frame += static_cast<char>(low ^ mask[1]);
  return frame;
}

// "The WebSocket frame was masked" as the end of a sentence of ours.
std::string in_sentence(const error_code& error) {
  std::string text = error.message();
  if (text.starts_with("The ")) text[0] = 't';
  return text;
}

// For what may be called by one of Beast's own completions, which come from the loop without a turn.
template <class Call>
void in_turn(Loop& loop, Call call) {
  if (loop.impl().in_handler) return call();
  loop.impl().turn(std::move(call));
}

// The conversation after the handshake. Beast's completions hold it weakly, so that it goes when its owner
// goes.
class Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(Loop& loop, std::unique_ptr<Transport> below)
      : loop_(loop), link_(std::make_shared<Link>(loop, std::move(below))), stream_(TransportStream(link_)) {
    stream_.binary(true);  // [MQTT-6.0.0-1]
    stream_.auto_fragment(false);
    stream_.read_message_max(0);  // messages go through in pieces
  }

  Link& link() { return *link_; }
  Stream& stream() { return stream_; }

  void opened() {
    link_->when_dry([weak = weak_from_this()] {
      if (const auto self = weak.lock(); self && !self->ahead_.empty()) self->ready();
    });
  }

  void read_some(Transport::ReadHandler handler);
  void write(Bytes bytes, Transport::WriteHandler handler);
  std::size_t undelivered() const;
  void shut_down(websocket::close_code code);
  void close();

 private:
  void pump();
  void arrived(const error_code& error, std::size_t count);
  void stop(std::optional<Error> error);
  std::optional<Error> cause(const error_code& error) const;
  void ready();
  void deliver();
  void written(std::optional<Error> error);
  void end_direction();

  Loop& loop_;
  std::shared_ptr<Link> link_;
  Stream stream_;

  // Frames are gathered in it until Beast has to wait for the network. A read under way writes into its room.
  ReadAhead ahead_;
  Transport::ReadHandler on_read_;
  bool reading_ = false;
  bool delivery_is_posted_ = false;
  bool delivering_ = false;
  bool over_ = false;           // nothing follows what is read but
  std::optional<Error> error_;  // this, or the end of the stream

  Transport::WriteHandler on_written_;
  bool writing_ = false;
  std::size_t message_ = 0;          // that is being written: its size,
  std::uint64_t passed_before_ = 0;  // and what had gone to the link before it
  std::optional<websocket::close_code> shut_down_;
  bool closed_ = false;
};

void Socket::read_some(Transport::ReadHandler handler) {
  if (closed_) return;
  on_read_ = std::move(handler);
  if (delivering_) return;
  if (!ahead_.empty() || over_) return ready();
  pump();
}

// Keeps one read of Beast's under way while there is room. It is what answers pings, too: when the owner
// doesn't read and the buffer is full, nothing does.
void Socket::pump() {
  if (reading_ || over_ || closed_) return;
  if (ahead_.full()) return;
  reading_ = true;
  const std::span<char> room = ahead_.room();
  stream_.async_read_some(boost::asio::buffer(room.data(), room.size()),
                          [weak = weak_from_this()](const error_code& error, std::size_t count) {
                            const auto self = weak.lock();
                            if (self && !self->closed_) self->arrived(error, count);
                          });
}

void Socket::arrived(const error_code& error, std::size_t count) {
  reading_ = false;
  if (stream_.got_text() && (!error || error == websocket::error::bad_frame_payload)) {
    stop(Error{ErrorKind::lost,
               "the server sent a text message through the WebSocket: only binary ones are allowed"});
    return shut_down(websocket::close_code::unknown_data);
  }
  ahead_.added(count);
  if (error) return stop(cause(error));
  if (ahead_.full()) return ready();
  // While a write is held up Beast may stand still before a pong: what has come is not kept back for it.
  if (writing_ && !ahead_.empty()) ready();
  pump();
}

void Socket::stop(std::optional<Error> error) {
  over_ = true;
  error_ = std::move(error);
  ready();
}

std::optional<Error> Socket::cause(const error_code& error) const {
  if (error == boost::asio::error::eof) return std::nullopt;
  if (link_->read_error()) return link_->read_error();
  if (error != websocket::error::closed) {
    return Error{ErrorKind::lost, "the server broke the WebSocket protocol: " + in_sentence(error)};
  }
  const websocket::close_reason& reason = stream_.reason();
  const auto is = [&](websocket::close_code code) { return reason.code == code; };
  if (is(websocket::close_code::none) || is(websocket::close_code::normal) ||
      is(websocket::close_code::going_away)) {
    return std::nullopt;
  }
  std::string text = fmt::format("the server closed the WebSocket: {}", reason.code);
  if (!reason.reason.empty()) text += ' ' + quoted({reason.reason.data(), reason.reason.size()}, 125);
  return Error{ErrorKind::lost, std::move(text)};
}

void Socket::ready() {
  if (delivery_is_posted_) return;
  delivery_is_posted_ = true;
  loop_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && !self->closed_) self->deliver();
  });
}

void Socket::deliver() {
  delivery_is_posted_ = false;
  if (!on_read_ || (ahead_.empty() && !over_)) return;
  Transport::ReadHandler handler = std::exchange(on_read_, {});
  if (ahead_.empty()) return handler(error_ ? Result<Bytes>(std::unexpected(*error_)) : Bytes());
  const auto self = shared_from_this();
  delivering_ = true;
  handler(ahead_.take());
  delivering_ = false;
  if (closed_) return;
  if (!reading_) ahead_.recycle();
  if (on_read_) read_some(std::move(on_read_));
}

void Socket::write(Bytes bytes, Transport::WriteHandler handler) {
  if (closed_) return;
  on_written_ = std::move(handler);
  if (bytes.empty() || shut_down_) {
    loop_.post([weak = weak_from_this(), refused = !bytes.empty()] {
      const auto self = weak.lock();
      if (!self || self->closed_) return;
      self->written(refused ? std::optional(Error{ErrorKind::lost, "the WebSocket is closed"})
                            : std::nullopt);
    });
    return;
  }
  writing_ = true;
  message_ = bytes.size();
  passed_before_ = link_->passed_on();
  stream_.write_buffer_bytes(mask_buffer(bytes.size()));
  stream_.async_write(boost::asio::buffer(bytes),
                      [weak = weak_from_this()](const error_code& error, std::size_t) {
                        const auto self = weak.lock();
                        if (!self || self->closed_) return;
                        self->writing_ = false;
                        if (self->shut_down_) self->end_direction();
                        if (!error) return self->written(self->link_->write_error());
                        self->written(Error{ErrorKind::lost, "the server has closed the WebSocket"});
                      });
}

std::size_t Socket::undelivered() const {
  const std::uint64_t passed = link_->passed_on() - passed_before_;
  const std::uint64_t held = writing_ && passed < message_ ? message_ - passed : 0;
  return static_cast<std::size_t>(held) + link_->below().undelivered();
}

void Socket::written(std::optional<Error> error) {
  Transport::WriteHandler handler = std::exchange(on_written_, {});
  in_turn(loop_, [&] { handler(error ? Result<void>(std::unexpected(std::move(*error))) : Result<void>()); });
}

void Socket::shut_down(websocket::close_code code) {
  if (shut_down_ || closed_) return;
  shut_down_ = code;
  if (!writing_) end_direction();
}

// Between frames: what Beast writes meanwhile (a pong) goes out whole before.
void Socket::end_direction() {
  link_->finish(stream_.is_open() ? close_frame(static_cast<std::uint16_t>(*shut_down_)) : Buffer());
}

void Socket::close() {
  closed_ = true;
  on_read_ = {};
  on_written_ = {};
  link_->close();
}

class WebSocketTransport final : public Transport {
 public:
  explicit WebSocketTransport(std::shared_ptr<Socket> socket) : socket_(std::move(socket)) {}
  ~WebSocketTransport() override { socket_->close(); }

  void read_some(ReadHandler handler) override { socket_->read_some(std::move(handler)); }
  void write(Bytes bytes, WriteHandler handler) override { socket_->write(bytes, std::move(handler)); }
  std::size_t undelivered() const override { return socket_->undelivered(); }
  void shut_down() override { socket_->shut_down(websocket::close_code::normal); }
  void close() override { socket_->close(); }
  std::string peer() const override { return socket_->link().below().peer(); }

 private:
  std::shared_ptr<Socket> socket_;
};

// The handshake is Beast's, but it sees the server's answer only when that is complete and agrees: a refusal
// is read here, since Beast would read a body of any length before it said no.
class Opening : public std::enable_shared_from_this<Opening> {
 public:
  Opening(Loop& loop, std::unique_ptr<Transport> below, WebSocketOptions options, Opened opened)
      : loop_(loop),
        options_(std::move(options)),
        opened_(std::move(opened)),
        socket_(std::make_shared<Socket>(loop, std::move(below))),
        patience_(loop) {}

  void begin(const std::string& host);

  void cancel() {
    opened_ = {};
    patience_.cancel();
    if (socket_) std::exchange(socket_, {})->close();
  }

 private:
  void send(const std::string& host);
  void read_answer();
  void read(Bytes bytes);
  void refuse();
  void agree(const error_code& error);
  void finish(Result<std::unique_ptr<Transport>> result);

  Loop& loop_;
  WebSocketOptions options_;
  Opened opened_;
  std::shared_ptr<Socket> socket_;
  HttpAnswer answer_;
  Timer patience_;
  bool body_is_awaited_ = false;
};

void Opening::begin(const std::string& host) {
  Result<void> possible = check_request(options_, host);
  try {
    if (possible) send(host);
  } catch (const std::exception& thrown) {  // a header of 64 KiB; no source of randomness
    possible =
        fail(ErrorKind::usage, fmt::format("the WebSocket's request can't be made: {}", thrown.what()));
  }
  if (possible) return read_answer();
  loop_.post([weak = weak_from_this(), error = std::move(possible.error())]() mutable {
    if (const auto self = weak.lock()) self->finish(std::unexpected(std::move(error)));
  });
}

void Opening::send(const std::string& host) {
  Stream& stream = socket_->stream();
  stream.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
    request.set("Sec-WebSocket-Protocol", options_.protocol);  // [MQTT-6.0.0-3]
    request.set("User-Agent", "mqttkit");
    for (const auto& [name, value] : options_.headers) request.erase(name);
    for (const auto& [name, value] : options_.headers) request.insert(name, value);
  }));
  socket_->link().hold();
  stream.async_handshake(host, options_.path, [weak = weak_from_this()](const error_code& error) {
    if (const auto self = weak.lock()) self->agree(error);
  });
  stream.set_option(websocket::stream_base::decorator([](websocket::request_type&) {}));
}

void Opening::read_answer() {
  socket_->link().below().read_some([this](Result<Bytes> bytes) {
    const auto self = shared_from_this();
    if (!bytes && answer_.status() == 0) {
      if (bytes.error().hint.empty()) bytes.error().hint = other_protocol;
      return finish(std::unexpected(std::move(bytes.error())));
    }
    read(bytes ? *bytes : Bytes());
  });
}

void Opening::read(Bytes bytes) {
  if (bytes.empty()) {
    if (answer_.status() != 0) return refuse();
    return finish(fail(ErrorKind::lost, "the connection ended before the WebSocket handshake was answered", 0,
                       other_protocol));
  }
  auto state = answer_.put(bytes);
  if (!state) {
    state.error().hint = other_protocol;
    return finish(std::unexpected(std::move(state.error())));
  }
  if (*state == HttpAnswer::State::complete) {
    if (answer_.status() != 101) return refuse();
    return socket_->link().give(answer_.header());
  }
  if (*state == HttpAnswer::State::body && !body_is_awaited_) {
    body_is_awaited_ = true;
    patience_.set(loop_.now() + patience_for_body, [this] {
      const auto self = shared_from_this();
      refuse();
    });
  }
  read_answer();
}

void Opening::refuse() { finish(std::unexpected(refusal(answer_, options_))); }

void Opening::agree(const error_code& error) {
  const auto disagree = [&](std::string text) {
    finish(std::unexpected(Error{.kind = ErrorKind::connect, .text = std::move(text), .permanent = true}));
  };
  if (error) return disagree("the server's handshake is none of WebSocket: " + in_sentence(error));
  if (answer_.field("Sec-WebSocket-Protocol") != options_.protocol) {  // [MQTT-6.0.0-4]
    return disagree("the server did not agree to the sub-protocol " + options_.protocol);
  }
  // RFC 6455, 4.1: what was not asked for can't be used.
  if (const std::string extensions = answer_.field("Sec-WebSocket-Extensions"); !extensions.empty()) {
    return disagree("the server uses WebSocket extensions that were not asked for: " + quoted(extensions));
  }
  Link& link = socket_->link();
  link.give(answer_.rest());
  link.release();
  socket_->opened();
  finish(std::make_unique<WebSocketTransport>(std::exchange(socket_, {})));
}

void Opening::finish(Result<std::unique_ptr<Transport>> result) {
  Opened opened = std::exchange(opened_, {});
  cancel();
  in_turn(loop_, [&] { opened(std::move(result)); });
}

class WebSocketHandshake final : public Handshake {
 public:
  explicit WebSocketHandshake(std::shared_ptr<Opening> opening) : opening_(std::move(opening)) {}
  ~WebSocketHandshake() override { opening_->cancel(); }

 private:
  std::shared_ptr<Opening> opening_;
};

}  // namespace

std::unique_ptr<Handshake> begin_web_socket(Loop& loop, std::unique_ptr<Transport> below,
                                            const WebSocketOptions& options, const std::string& host,
                                            Opened opened) {
  auto opening = std::make_shared<Opening>(loop, std::move(below), options, std::move(opened));
  opening->begin(host);
  return std::make_unique<WebSocketHandshake>(std::move(opening));
}

}  // namespace mq
