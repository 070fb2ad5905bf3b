#include "net/opening.hpp"

#include <fmt/core.h>

#include <utility>

#include "net/address.hpp"

namespace mq {

struct Opening::Impl : std::enable_shared_from_this<Impl> {
  Impl(Loop& l, Endpoint e, OpenOptions o, Opened h)
      : loop(l), endpoint(std::move(e)), options(std::move(o)), opened(std::move(h)), deadline(l) {}

  void start() {
    patience = options.dial.timeout;
    const Time now = loop.now();
    until = patience < Time::max() - now ? now + patience : Time::max();
    deadline.set(until, [this] { timed_out(); });
    if (endpoint.srv)
      look_up();
    else
      dial();
  }

  void look_up() {
    doing = "the look-up of its SRV records";
    srv.emplace(loop, endpoint.tls ? SrvService::secure_mqtt : SrvService::mqtt, endpoint.host,
                options.srv_resolver, [this](Result<std::vector<Endpoint>> found) {
                  if (!found) return fail_with(std::move(found.error()));
                  targets = std::move(*found);
                  next_target();
                });
  }

  // The name that the user gave stays the one that a certificate must have (RFC 6125, 6.2.1: an SRV answer is
  // no proof).
  void next_target() {
    target = targets[next++];
    dial();
  }

  void dial() {
    doing = {};
    Endpoint to = options.connect_to.value_or(endpoint);
    if (endpoint.srv && !options.connect_to) {
      to.host = target.host;
      to.port = target.port;
    }
    through_proxy =
        to.unix_path.empty() && options.proxy && !bypasses_proxy(options.no_proxy, to.host, to.port);
    goal = to;
    if (through_proxy) {
      to.host = options.proxy->host;
      to.port = options.proxy->port;
    }
    // A silent host leaves the others of the list their share of the time.
    const auto shares = static_cast<Duration::rep>(targets.size() - next + 1);
    options.dial.timeout = (until - loop.now()) / shares;
    dialing.emplace(loop, to, options.dial, [this](Result<std::unique_ptr<Transport>> transport) {
      dialing.reset();
      if (!transport) return dial_failed(std::move(transport.error()));
      if (through_proxy)
        ask_proxy(std::move(*transport));
      else
        secure(std::move(*transport));
    });
  }

  void dial_failed(Error error) {
    if (through_proxy) error.text = fmt::format("the proxy {}: {}", options.proxy->text(), error.text);
    fail_target(std::move(error));
  }

  // One host is not to be had: the next of the domain's, while there is time.
  void fail_target(Error error) {
    if (next < targets.size() && loop.now() < until) return next_target();
    fail_with(std::move(error));
  }

  void ask_proxy(std::unique_ptr<Transport> transport) {
    watch("waiting for the proxy's answer");
    step = begin_proxy(loop, std::move(transport), *options.proxy, goal.host, goal.port,
                       [this](Result<std::unique_ptr<Transport>> through) {
                         if (!through) return fail_target(std::move(through.error()));
                         secure(std::move(*through));
                       });
  }

  void secure(std::unique_ptr<Transport> transport) {
    if (!endpoint.tls) return upgrade(std::move(transport));
    watch("the TLS handshake");
    step = begin_tls(loop, std::move(transport), options.tls, endpoint.host,
                     [this](Result<std::unique_ptr<Transport>> secured) {
                       if (!secured) return fail_with(std::move(secured.error()));
                       upgrade(std::move(*secured));
                     });
  }

  void upgrade(std::unique_ptr<Transport> transport) {
    if (!endpoint.web_socket) return finish(std::move(transport));
    watch("the WebSocket handshake");
    const std::uint16_t usual = endpoint.tls ? 443 : 80;
    const std::uint16_t port = endpoint.srv ? target.port : endpoint.port;
    const std::string name =
        endpoint.host.substr(0, endpoint.host.find('%'));  // a zone is this machine's affair
    std::string host = host_and_port(name, port);
    if (port == usual) host.resize(host.rfind(':'));
    step = begin_web_socket(loop, std::move(transport), options.web_socket, host,
                            [this](Result<std::unique_ptr<Transport>> ready) {
                              if (!ready) return fail_with(std::move(ready.error()));
                              finish(std::move(*ready));
                            });
  }

  // Also where the limit has come while Dial was told of it: then it fires at once.
  void watch(std::string_view what) {
    doing = what;
    deadline.set(until, [this] { timed_out(); });
  }

  void timed_out() {
    if (doing.empty()) return;  // Dial says it better, now
    fail_with({ErrorKind::timeout,
               fmt::format("cannot connect to {}: {} took longer than {:g} s", endpoint.text(), doing,
                           std::chrono::duration<double>(patience).count()),
               0,
               {}});
  }

  void fail_with(Error error) {
    if (error.kind == ErrorKind::lost) {
      error.kind = ErrorKind::connect;
      error.text = fmt::format("cannot connect to {}: {}", endpoint.text(), error.text);
    }
    finish(std::unexpected(std::move(error)));
  }

  void finish(Result<std::unique_ptr<Transport>> result) {
    const auto self = shared_from_this();  // the handler may destroy the Opening
    deadline.cancel();
    srv.reset();
    dialing.reset();
    step.reset();
    auto to_call = std::exchange(opened, {});
    if (to_call) to_call(std::move(result));
  }

  void cancel() {
    opened = {};
    deadline.cancel();
    srv.reset();
    dialing.reset();
    step.reset();
  }

  Loop& loop;
  const Endpoint endpoint;
  OpenOptions options;
  Opened opened;
  Timer deadline;
  Duration patience{};
  Time until{};
  std::string_view doing;  // what the time limit is told about; empty while Dial watches it
  std::optional<SrvLookup> srv;
  std::vector<Endpoint> targets;
  std::size_t next = 0;
  Endpoint target;
  bool through_proxy = false;
  Endpoint goal;  // behind the proxy
  std::optional<Dial> dialing;
  std::unique_ptr<Handshake> step;
};

Opening::Opening(Loop& loop, Endpoint endpoint, OpenOptions options, Opened opened)
    : impl_(std::make_shared<Impl>(loop, std::move(endpoint), std::move(options), std::move(opened))) {
  impl_->start();
}

Opening::~Opening() { impl_->cancel(); }

}  // namespace mq
