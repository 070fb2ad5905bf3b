#include "net/proxy.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "net/address.hpp"
#include "net/proxy_talk.hpp"
#include "net/surplus.hpp"

namespace mq {
namespace {

constexpr std::size_t longest_host = 255;  // RFC 1928, section 5: one octet of length; DNS allows no more

Result<std::unique_ptr<ProxyTalk>> talk_to(const ProxyOptions& proxy, const std::string& host,
                                           std::uint16_t port) {
  const auto is_alien = [](char c) { return octet(c) <= ' ' || octet(c) == 0x7F; };
  if (host.empty() || host.size() > longest_host || std::ranges::any_of(host, is_alien)) {
    return fail(ErrorKind::usage, fmt::format("{} is no host name", quoted(host)));
  }
  if (auto checked = check_credentials(proxy); !checked) return std::unexpected(checked.error());
  ProxyRequest request{proxy, host, port};
  return proxy.kind == ProxyOptions::Kind::socks5 ? talk_socks5(std::move(request))
                                                  : talk_http_connect(std::move(request));
}

class ProxyHandshake : public Handshake {
 public:
  ProxyHandshake(Loop& loop, std::unique_ptr<Transport> below, const ProxyOptions& proxy,
                 const std::string& host, std::uint16_t port, Opened opened)
      : loop_(loop),
        proxy_(proxy.text()),
        is_http_(proxy.kind == ProxyOptions::Kind::http),
        opened_(std::move(opened)),
        turn_(loop),
        below_(std::move(below)) {
    auto talk = talk_to(proxy, host, port);
    if (!talk) {
      turn_.set(loop_.now(), [this, error = std::move(talk.error())]() mutable {
        finish(std::unexpected(std::move(error)));
      });
      return;
    }
    talk_ = std::move(*talk);
    to_send_ = talk_->opening();
    send();
    receive();
  }

 private:
  void send() {
    if (sending_ || to_send_.empty()) return;
    sending_ = true;
    being_sent_ = std::exchange(to_send_, {});
    below_->write(being_sent_, [this](Result<void> result) {
      sending_ = false;
      // Whatever the proxy said before it left is read first: it says more.
      if (!result) write_error_ = std::move(result.error());
      go_on();
    });
  }

  void receive() {
    below_->read_some([this](Result<Bytes> bytes) { received(std::move(bytes)); });
  }

  void received(Result<Bytes> bytes) {
    if (!bytes) return lost(bytes.error().text);
    if (bytes->empty()) return ended();
    input_.append(*bytes);
    while (!input_.empty()) {
      auto step = talk_->received(input_);
      if (!step) return finish(std::unexpected(std::move(step.error())));
      input_.erase(0, step->taken);
      to_send_.append(step->answer);
      agreed_ = step->agreed;
      if (agreed_ || step->taken == 0) break;
    }
    if (!agreed_) receive();
    go_on();
  }

  void go_on() {
    if (!write_error_) send();
    if (agreed_ && !sending_) agreed();
  }

  void agreed() {
    if (write_error_) return lost(write_error_->text);
    finish(with_surplus(loop_, std::move(below_), std::move(input_)));
  }

  void ended() {
    finish(fail(ErrorKind::lost, fmt::format("the proxy {} closed the connection before it answered", proxy_),
                0, fmt::format("is it {} proxy?", is_http_ ? "an HTTP" : "a SOCKS5")));
  }

  void lost(const std::string& why) {
    finish(fail(ErrorKind::lost, fmt::format("lost the connection to the proxy {}: {}", proxy_, why)));
  }

  // Its last deed: the handler may destroy this.
  void finish(Result<std::unique_ptr<Transport>> outcome) {
    below_.reset();
    auto to_call = std::exchange(opened_, {});
    to_call(std::move(outcome));
  }

  Loop& loop_;
  std::string proxy_;
  bool is_http_;
  Opened opened_;
  Timer turn_;  // for what fails before anything is sent
  std::unique_ptr<ProxyTalk> talk_;
  Buffer input_;
  Buffer to_send_;
  Buffer being_sent_;
  bool sending_ = false;
  bool agreed_ = false;  // but the proxy was quicker than our last write
  std::optional<Error> write_error_;
  std::unique_ptr<Transport> below_;  // goes before what it writes
};

}  // namespace

std::unexpected<Error> ProxyTalk::failed(const std::string& what, bool permanent, std::string hint) const {
  return std::unexpected(Error{.kind = ErrorKind::connect,
                               .text = fmt::format("the proxy {} {}", request_.proxy.text(), what),
                               .reason = 0,
                               .hint = std::move(hint),
                               .permanent = permanent});
}

std::unexpected<Error> ProxyTalk::refused(const std::string& why, bool permanent, std::string hint) const {
  return failed(fmt::format("refused to connect to {}: {}", host_and_port(request_.host, request_.port), why),
                permanent, std::move(hint));
}

std::unexpected<Error> ProxyTalk::wants_credentials() const {
  if (request_.proxy.user_name) return failed("refused the user name and password", true);
  return failed("wants a user name and password", true,
                fmt::format("they stand in its URL: {}://USER:PASSWORD@HOST:PORT",
                            request_.proxy.kind == ProxyOptions::Kind::socks5 ? "socks5" : "http"));
}

std::unique_ptr<Handshake> begin_proxy(Loop& loop, std::unique_ptr<Transport> below,
                                       const ProxyOptions& proxy, const std::string& host, std::uint16_t port,
                                       Opened opened) {
  return std::make_unique<ProxyHandshake>(loop, std::move(below), proxy, host, port, std::move(opened));
}

}  // namespace mq
