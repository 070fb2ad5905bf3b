#include "net/http_answer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <optional>

#include "base/text.hpp"

namespace mq {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t header_limit = 8192;
constexpr std::size_t body_limit = 8192;
constexpr std::size_t shown_at_most = 200;
constexpr std::string_view first_bytes = "HTTP/1.";
constexpr std::string_view spaces = " \t\r\n";

std::unexpected<Error> no_http(Bytes bytes) {
  return fail(ErrorKind::connect, fmt::format("the server's answer is no HTTP: {}",
                                              quoted(bytes.substr(0, bytes.find('\n')), 40)));
}

}  // namespace

struct HttpAnswer::Impl {
  Impl() { expect_header(); }

  void expect_header() {
    status = 0;
    header_size = 0;
    parser.emplace();
    parser->header_limit(header_limit);
    parser->body_limit(boost::none);  // no more of it is read than fits into `body`
  }

  Result<State> read_header() {
    while (!parser->is_header_done()) {
      if (!raw.starts_with(first_bytes.substr(0, raw.size()))) return no_http(raw);
      error_code error;
      header_size += parser->put(boost::asio::buffer(Bytes(raw).substr(header_size)), error);
      if (error == http::error::need_more) return State::header;
      if (error == http::error::header_limit || passed_over > header_limit) {
        return fail(ErrorKind::connect, "the server's HTTP header is longer than 8 KiB");
      }
      if (error) return no_http(raw);
      status = parser->get().result_int();
      if (status / 100 == 1 && status != 101) {
        raw.erase(0, header_size);
        passed_over += header_size;
        expect_header();
        if (raw.empty()) return State::header;
      }
    }
    if (status == 101) return State::complete;
    parser->eager(true);
    parser->get().body().data = body.data();
    parser->get().body().size = body.size();
    return read_body();
  }

  State read_body() {
    const Bytes bytes = Bytes(raw).substr(header_size);
    error_code error;
    if (!bytes.empty() && !parser->is_done()) {
      raw.erase(header_size, parser->put(boost::asio::buffer(bytes), error));
    }
    const bool broken = error && error != http::error::need_more;  // full is one of them
    return broken || parser->is_done() || line_is_complete() ? State::complete : State::body;
  }

  Bytes text_of_body() const {
    Bytes text(body.data(), body.size() - parser->get().body().size);
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
    return text;
  }

  bool line_is_complete() const { return text_of_body().contains('\n'); }

  Bytes first_line() const {
    if (!parser->is_header_done() || parser->get().body().data == nullptr) return {};
    const Bytes text = text_of_body();
    const Bytes line = text.substr(0, text.find('\n'));
    return line.substr(0, line.find_last_not_of(spaces) + 1);
  }

  std::optional<http::response_parser<http::buffer_body>> parser;
  std::string raw;              // header, and what is not parsed yet
  std::size_t header_size = 0;  // as far as it is parsed
  std::size_t passed_over = 0;  // of interim answers
  unsigned status = 0;
  std::array<char, body_limit> body{};
};

HttpAnswer::HttpAnswer() : impl_(std::make_unique<Impl>()) {}

HttpAnswer::~HttpAnswer() = default;

Result<HttpAnswer::State> HttpAnswer::put(Bytes bytes) {
  impl_->raw += bytes;
  if (impl_->parser->is_header_done()) return impl_->read_body();
  return impl_->read_header();
}

unsigned HttpAnswer::status() const { return impl_->status; }

Bytes HttpAnswer::header() const { return Bytes(impl_->raw).substr(0, impl_->header_size); }

Bytes HttpAnswer::rest() const { return Bytes(impl_->raw).substr(impl_->header_size); }

std::string HttpAnswer::field(std::string_view name) const {
  std::string all;
  const auto [first, last] = impl_->parser->get().equal_range(name);
  for (auto at = first; at != last; ++at) {
    if (at != first) all += ", ";
    all += at->value();
  }
  return all;
}

std::string HttpAnswer::text() const {
  const http::status known = http::int_to_status(impl_->status);
  std::string text = fmt::format("HTTP {}", impl_->status);
  if (known != http::status::unknown) text.append(" ").append(http::obsolete_reason(known));
  const std::string location = field("Location");
  if (impl_->status / 100 == 3 && !location.empty()) {
    return text + " to " + quoted(location, shown_at_most);
  }
  const Bytes line = impl_->first_line();
  // A page for browsers says nothing in its first line.
  if (line.empty() || line.starts_with('<')) return text;
  return text + ": " + quoted(line, shown_at_most);
}

}  // namespace mq
