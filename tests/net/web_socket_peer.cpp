#include "net/web_socket_peer.hpp"

#include <sys/socket.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "peers/failure.hpp"

namespace mq::testing {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;
using boost::system::error_code;

struct WebSocketPeer::Impl {
  explicit Impl(boost::asio::io_context& context) : socket(context), stream(socket) {
    stream.auto_fragment(false);
    stream.read_message_max(0);
    stream.control_callback([this](websocket::frame_type type, beast::string_view payload) {
      if (type == websocket::frame_type::pong) pongs.append(payload).append(";");
    });
  }

  tcp::socket socket;
  websocket::stream<tcp::socket&, false> stream;
  beast::http::request<beast::http::string_body> request;
  std::string pongs;
};

std::string WebSocketPeer::request() {
  std::string text;
  boost::asio::read_until(impl_.socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
  return text;
}

void WebSocketPeer::send(std::string_view bytes) {
  boost::asio::write(impl_.socket, boost::asio::buffer(bytes));
}

std::string WebSocketPeer::read_to_end() {
  std::string all;
  error_code error;
  boost::asio::read(impl_.socket, boost::asio::dynamic_buffer(all), error);
  return all;
}

void WebSocketPeer::accept(const std::string& protocol) {
  beast::flat_buffer buffer;
  beast::http::read(impl_.socket, buffer, impl_.request);
  impl_.stream.set_option(websocket::stream_base::decorator([&](websocket::response_type& answer) {
    if (!protocol.empty()) answer.set("Sec-WebSocket-Protocol", protocol);
  }));
  impl_.stream.accept(impl_.request);
}

std::string WebSocketPeer::header(std::string_view name) const {
  std::string all;
  const auto [first, last] = impl_.request.equal_range(name);
  for (auto at = first; at != last; ++at) all.append(all.empty() ? "" : "|").append(at->value());
  return all;
}

std::string WebSocketPeer::target() const { return impl_.request.target(); }

void WebSocketPeer::write(std::string_view message) {
  impl_.stream.binary(true);
  impl_.stream.write(boost::asio::buffer(message));
}

void WebSocketPeer::write_text(std::string_view message) {
  impl_.stream.text(true);
  impl_.stream.write(boost::asio::buffer(message));
}

void WebSocketPeer::write_frame(std::string_view bytes, bool last) {
  impl_.stream.binary(true);
  impl_.stream.write_some(last, boost::asio::buffer(bytes));
}

void WebSocketPeer::ping(const std::string& payload) { impl_.stream.ping({payload.data(), payload.size()}); }

std::string WebSocketPeer::read() {
  beast::flat_buffer buffer;
  impl_.stream.read(buffer);
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

bool WebSocketPeer::read_binary() const { return impl_.stream.got_binary(); }

std::string WebSocketPeer::pongs() const { return impl_.pongs; }

void WebSocketPeer::close(std::uint16_t code, const std::string& reason) {
  error_code ignored;  // the other side may have left by then
  impl_.stream.close({static_cast<websocket::close_code>(code), reason}, ignored);
}

std::uint16_t WebSocketPeer::read_to_close() {
  error_code error;
  while (!error) {
    beast::flat_buffer buffer;
    impl_.stream.read(buffer, error);
  }
  return impl_.stream.reason().code;
}

struct WebSocketServer::State {
  State(Script s, const std::string& address)
      : script(std::move(s)), acceptor(context, {boost::asio::ip::make_address(address), 0}) {}

  void run() {
    while (true) {
      WebSocketPeer::Impl impl(context);
      error_code error;
      acceptor.accept(impl.socket, error);
      {
        const std::lock_guard lock(mutex);
        if (stopped || error) return;
        current = &impl.socket;
      }
      std::exception_ptr thrown;
      try {
        WebSocketPeer peer(impl);
        script(peer);
      } catch (...) {
        thrown = std::current_exception();
      }
      const std::lock_guard lock(mutex);
      current = nullptr;
      ++finished;
      if (thrown) failure = thrown;
      changed.notify_all();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopped = true;
      error_code ignored;
      if (current != nullptr) current->shutdown(tcp::socket::shutdown_both, ignored);
      ::shutdown(acceptor.native_handle(), SHUT_RDWR);  // ends an accept
    }
    thread.join();
  }

  Script script;
  boost::asio::io_context context;
  tcp::acceptor acceptor;
  std::mutex mutex;
  std::condition_variable changed;
  tcp::socket* current = nullptr;
  bool stopped = false;
  unsigned finished = 0;
  unsigned awaited = 0;
  std::exception_ptr failure;
  std::thread thread;
};

WebSocketServer::WebSocketServer(Script script, const std::string& address)
    : state_(std::make_unique<State>(std::move(script), address)) {
  endpoint_ = {.host = address, .port = state_->acceptor.local_endpoint().port(), .unix_path = {}};
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

WebSocketServer::~WebSocketServer() { state_->stop(); }

void WebSocketServer::finish() {
  std::unique_lock lock(state_->mutex);
  ++state_->awaited;
  if (!state_->changed.wait_for(lock, patience, [&] { return state_->finished >= state_->awaited; })) {
    throw PeerFailure("the script of the WebSocket server did not come to its end");
  }
  if (state_->failure) std::rethrow_exception(std::exchange(state_->failure, {}));
}

}  // namespace mq::testing
