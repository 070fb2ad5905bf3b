#include "net/http_server.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <list>
#include <optional>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "net/address.hpp"
#include "net/loop.ipp"

namespace mq {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

std::unexpected<Error> no_address(std::string_view text) {
  return fail(ErrorKind::usage, fmt::format("{} is no address to listen on", quoted(text)), 0,
              "HOST:PORT, [HOST]:PORT or :PORT, where HOST is an address of this host");
}

struct Place {
  Tcp::endpoint endpoint;
  bool everywhere = false;
};

Result<Place> place_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return no_address(text);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!port || bracketed != host.contains(':')) return no_address(text);
  if (host.empty()) return Place{{Tcp::v6(), *port}, true};
  if (host == "localhost") host = "127.0.0.1";
  error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  if (error) return no_address(text);
  return Place{{address, *port}};
}

}  // namespace

Result<void> check_listen_address(std::string_view address) {
  if (auto place = place_of(address); !place) return std::unexpected(std::move(place.error()));
  return {};
}

struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
  struct Connection;

  Impl(Loop& given, Paths known, HttpLimits bounds)
      : loop(given.impl()),
        paths(std::move(known)),
        limits(bounds),
        acceptor(loop.context),
        pause(loop.context) {}

  Result<void> open(const Place& place);
  void accept();
  void close();
  void ended(const Connection* connection);

  Loop::Impl& loop;
  Paths paths;
  HttpLimits limits;
  Tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::list<std::shared_ptr<Connection>> connections;
  bool accepting = false;
  bool closed = false;
};

// One client; gone when it ends, its time is up or the server is destroyed.
struct HttpServer::Impl::Connection : std::enable_shared_from_this<Connection> {
  Connection(std::shared_ptr<Impl> its_server, Tcp::socket socket)
      : server(std::move(its_server)), stream(std::move(socket)), buffer(server->limits.request) {}

  void read() {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(server->limits.request));
    stream.expires_after(server->limits.patience);
    http::async_read_header(
        stream, buffer, *parser,
        [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
  }

  void on_read(error_code error) {
    if (server->closed) return;
    head_only = false;
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
      return answer(http::status::request_header_fields_too_large, "the request is too long\n", false);
    // What ends or is late gets no answer.
    if (error && error.category() != make_error_code(http::error::bad_method).category()) return end();
    if (error == http::error::end_of_stream || error == http::error::partial_message) return end();
    if (error) return answer(http::status::bad_request, "this is no HTTP request\n", false);
    // A body is not read: what follows could not be told from it.
    const auto& request = parser->get();
    const bool body = parser->chunked() || parser->content_length().value_or(0) > 0;
    const bool again = request.keep_alive() && !body;
    head_only = request.method() == http::verb::head;
    if (request.method() != http::verb::get && !head_only)
      return answer(http::status::method_not_allowed, "only GET and HEAD are known here\n", again);
    const std::string_view target(request.target().data(), request.target().size());
    const auto found = server->paths.find(target.substr(0, target.find('?')));
    if (found == server->paths.end())
      return answer(http::status::not_found, "there is nothing here\n", again);
    HttpContent content;
    const auto guard = server;  // the handler may destroy the server
    server->loop.turn([&] { content = found->second(); });
    if (guard->closed) return;
    const auto status = http::int_to_status(content.status);
    respond(status, std::move(content), again);
  }

  void answer(http::status status, std::string_view text, bool again) {
    respond(status, {"text/plain; charset=utf-8", Buffer(text)}, again);
  }

  void respond(http::status status, HttpContent content, bool again) {
    response = {};
    response.version(11);
    response.result(status);
    response.set(http::field::content_type, content.type);
    response.set(http::field::cache_control, "no-store");
    if (status == http::status::method_not_allowed) response.set(http::field::allow, "GET, HEAD");
    response.keep_alive(again);
    // RFC 9110, 9.3.2: as GET would have it, without the body.
    response.content_length(content.body.size());
    if (!head_only) response.body() = std::move(content.body);
    stream.expires_after(server->limits.patience);
    http::async_write(stream, response, [self = shared_from_this(), again](error_code error, std::size_t) {
      if (self->server->closed) return;
      if (error) return self->end();
      if (again) return self->read();
      self->leave();
    });
  }

  // A socket that is closed with something unread in it would take the answer away from its reader.
  void leave() {
    error_code ignored;
    stream.socket().shutdown(Tcp::socket::shutdown_send, ignored);
    stream.expires_after(server->limits.patience);
    drain();
  }

  void drain() {
    stream.async_read_some(asio::buffer(rest), [self = shared_from_this()](error_code error, std::size_t) {
      if (self->server->closed) return;
      if (error) return self->end();
      self->drain();
    });
  }

  void end() {
    stream.close();
    server->ended(this);
  }

  std::shared_ptr<Impl> server;
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  std::optional<http::request_parser<http::empty_body>> parser;
  http::response<http::string_body> response;
  bool head_only = false;
  std::array<char, 512> rest{};
};

Result<void> HttpServer::Impl::open(const Place& place) {
  error_code error;
  Tcp::endpoint endpoint = place.endpoint;
  acceptor.open(endpoint.protocol(), error);
  if (error && place.everywhere) {  // a host without IPv6
    endpoint = {Tcp::v4(), endpoint.port()};
    acceptor.open(endpoint.protocol(), error);
  }
  if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == Tcp::v6())
    acceptor.set_option(asio::ip::v6_only(!place.everywhere), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(Tcp::acceptor::max_listen_connections, error);
  if (!error) return {};
  return fail(ErrorKind::io, fmt::format("cannot listen on {}: {}",
                                         host_and_port(endpoint.address().to_string(), endpoint.port()),
                                         system_error(error.value())));
}

void HttpServer::Impl::accept() {
  if (accepting || closed || connections.size() >= limits.connections) return;
  accepting = true;
  acceptor.async_accept([self = shared_from_this()](error_code error, Tcp::socket socket) {
    self->accepting = false;
    if (self->closed) return;
    if (!error) {
      self->connections.push_back(std::make_shared<Connection>(self, std::move(socket)));
      self->connections.back()->read();
      return self->accept();
    }
    // No descriptor is left, for example: asking again at once would only burn time.
    self->pause.expires_after(std::chrono::milliseconds(100));
    self->pause.async_wait([self](error_code cancelled) {
      if (!cancelled) self->accept();
    });
  });
}

void HttpServer::Impl::ended(const Connection* connection) {
  std::erase_if(connections, [connection](const auto& one) { return one.get() == connection; });
  accept();
}

void HttpServer::Impl::close() {
  closed = true;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  for (const auto& connection : connections) connection->stream.close();
  connections.clear();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(Loop& loop, std::string_view address, Paths paths,
                                                       HttpLimits limits) {
  const auto place = place_of(address);
  if (!place) return std::unexpected(place.error());
  auto impl = std::make_shared<Impl>(loop, std::move(paths), limits);
  if (auto opened = impl->open(*place); !opened) return std::unexpected(std::move(opened.error()));
  impl->accept();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { impl_->close(); }

std::uint16_t HttpServer::port() const {
  error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

std::string HttpServer::address() const {
  error_code ignored;
  const Tcp::endpoint endpoint = impl_->acceptor.local_endpoint(ignored);
  return host_and_port(endpoint.address().to_string(), endpoint.port());
}

}  // namespace mq
