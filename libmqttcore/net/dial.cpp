#include "net/dial.hpp"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <list>
#include <optional>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "net/address.hpp"
#include "net/lookup.hpp"
#include "net/socket_transport.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_attempts = 250ms;  // RFC 8305, section 5
constexpr Duration full_backlog_pause = 10ms;
constexpr std::chrono::seconds::rep longest_idle = 32767;  // that Linux takes

std::string in_seconds(Duration duration) {
  return fmt::format("{} s", std::chrono::duration<double>(duration).count());
}

// RFC 8305, section 4: the families in turn, beginning with that of the first, each in the order given.
std::vector<Address> interleaved(const std::vector<Address>& addresses) {
  std::vector<Address> rest[2];
  for (const Address& address : addresses) {
    rest[address.family() == addresses.front().family() ? 0 : 1].push_back(address);
  }
  std::vector<Address> mixed;
  for (std::size_t i = 0; mixed.size() < addresses.size(); ++i) {
    for (const auto& family : rest) {
      if (i < family.size()) mixed.push_back(family[i]);
    }
  }
  return mixed;
}

}  // namespace

std::string Endpoint::text() const { return unix_path.empty() ? host_and_port(host, port) : unix_path; }

struct Dial::Impl : std::enable_shared_from_this<Impl> {
  struct Attempt {
    Address address;
    Descriptor socket;
  };

  struct Failure {
    Address address;
    int error;
  };

  Impl(Loop& l, Endpoint e, DialOptions o, Handler h)
      : loop(l),
        endpoint(std::move(e)),
        options(std::move(o)),
        handler(std::move(h)),
        deadline(l),
        stagger(l) {}

  void start() {
    const Time now = loop.now();
    deadline.set(options.timeout < Time::max() - now ? now + options.timeout : Time::max(),
                 [this] { timed_out(); });
    if (!endpoint.unix_path.empty()) {
      const auto address = unix_address(endpoint.unix_path);
      if (!address) return finish(std::unexpected(address.error()));
      to_try.push_back(*address);
      pause = full_backlog_pause;
      return next();
    }

    if (endpoint.host.empty() || endpoint.host.contains('\0')) {
      return finish(fail(ErrorKind::usage, fmt::format("{} is no host name", quoted(endpoint.host))));
    }
    if (!options.bind_address.empty()) {
      bind_to = numeric_address(options.bind_address, 0);
      if (!bind_to) {
        return finish(fail(ErrorKind::usage, fmt::format("bind address {} is no numeric address",
                                                         quoted(options.bind_address))));
      }
      if (!wanted(*bind_to)) {
        return finish(fail(ErrorKind::usage, fmt::format("bind address {} is no {} address",
                                                         options.bind_address, family_name(options.family))));
      }
    }
    if (const auto known = known_addresses(endpoint.host)) return resolved(*known);
    auto started = look_up(loop, options.resolver, endpoint.host, options.family,
                           [this](Result<std::vector<std::string>> found) {
                             lookup.reset();
                             if (found) return resolved(*found);
                             finish(std::unexpected(std::move(found.error())));
                           });
    if (!started) return finish(std::unexpected(std::move(started.error())));
    lookup = std::move(*started);
  }

  void resolved(const std::vector<std::string>& found) {
    std::vector<Address> addresses;
    for (const std::string& text : found) {
      const auto address = numeric_address(text, endpoint.port);
      if (address && wanted(*address) && (!bind_to || bind_to->family() == address->family()))
        addresses.push_back(*address);
    }
    if (!addresses.empty()) {
      to_try = interleaved(addresses);
      return next();
    }
    finish(fail(ErrorKind::connect, no_address_left(found.empty())));
  }

  bool wanted(const Address& address) const {
    return options.family == Family::any || address.family() == address_family(options.family);
  }

  std::string no_address_left(bool none_at_all) const {
    if (none_at_all || (!bind_to && options.family == Family::any))
      return fmt::format("cannot resolve {}: no address", quoted(endpoint.host));
    if (bind_to)
      return fmt::format("cannot connect to {} from {}: it has no address of that family", endpoint.text(),
                         options.bind_address);
    return fmt::format("cannot connect to {}: it has no {} address", endpoint.text(),
                       family_name(options.family));
  }

  // Begins the next attempt, if there is one; gives up when there is nothing left to wait for either.
  void next() {
    stagger.cancel();
    while (!finished && position < to_try.size()) {
      if (!attempt(to_try[position++])) continue;
      if (!finished && position < to_try.size()) stagger.set(loop.now() + pause, [this] { next(); });
      return;
    }
    if (!finished && attempts.empty()) give_up();
  }

  // False when it failed at once.
  bool attempt(const Address& address) {
    Descriptor socket(loop, ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.number() < 0) return failed(address, errno);
    if (address.family() != AF_UNIX && !prepare(socket.number(), address)) return false;
    if (::connect(socket.number(), address.get(), address.size) == 0) {
      connected(std::move(socket), address);
      return true;
    }
    if (errno == EAGAIN && address.family() == AF_UNIX) {  // the listener's backlog is full: the same again
      --position;
      return true;
    }
    if (errno != EINPROGRESS) return failed(address, errno);
    wait(attempts.insert(attempts.end(), Attempt{address, std::move(socket)}));
    return true;
  }

  bool prepare(int socket, const Address& address) {
    const auto set = [socket](int level, int option, auto value) {
      ::setsockopt(socket, level, option, &value, sizeof value);
    };
    if (options.no_delay) set(IPPROTO_TCP, TCP_NODELAY, 1);
    if (options.user_timeout.count() > 0) {
      const auto most = static_cast<std::chrono::milliseconds::rep>(std::numeric_limits<int>::max());
      set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<unsigned>(std::min(options.user_timeout.count(), most)));
    }
    if (options.keep_alive) {
      const auto idle = std::clamp<std::chrono::seconds::rep>(options.keep_alive->count(), 1, longest_idle);
      set(SOL_SOCKET, SO_KEEPALIVE, 1);
      set(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(idle));
      set(IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(std::max<std::chrono::seconds::rep>(idle / 3, 1)));
      set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    }
    if (!bind_to) return true;
    // connect() then chooses the port, which need be free towards the one peer only.
    set(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (::bind(socket, bind_to->get(), bind_to->size) == 0) return true;
    if (errno != EADDRNOTAVAIL) return failed(address, errno);
    finish(fail(ErrorKind::usage,
                fmt::format("bind address {} is none of this machine's", options.bind_address)));
    return false;
  }

  using Place = std::list<Attempt>::iterator;

  void wait(Place place) {
    place->socket.writable([this, place] { answered(place); });
  }

  // The kernel gives the outcome of a connect under way to whoever calls connect again.
  void answered(Place place) {
    const int number = place->socket.number();
    if (::connect(number, place->address.get(), place->address.size) == 0 || errno == EISCONN) {
      return connected(std::move(place->socket), place->address);
    }
    if (errno == EALREADY || errno == EINPROGRESS || errno == EINTR) return wait(place);
    failed(place->address, errno);
    attempts.erase(place);
    next();
  }

  bool failed(const Address& address, int error) {
    failures.push_back({address, error});
    return false;
  }

  void connected(Descriptor socket, const Address& address) {
    std::string peer =
        address.family() == AF_UNIX ? endpoint.unix_path : host_and_port(host_text(address), endpoint.port);
    finish(std::make_unique<SocketTransport>(loop, std::move(socket), std::move(peer)));
  }

  // "::1: network is unreachable; 192.0.2.1: connection refused"
  std::string failures_by_address() const {
    std::string all;
    for (const Failure& each : failures) {
      if (!all.empty()) all += "; ";
      all += fmt::format("{}: {}", host_text(each.address), system_error(each.error));
    }
    return all;
  }

  void give_up() {
    const int first = failures.front().error;
    const bool all_the_same =
        std::ranges::all_of(failures, [first](const Failure& each) { return each.error == first; });
    finish(fail(ErrorKind::connect,
                fmt::format("cannot connect to {}: {}", endpoint.text(),
                            all_the_same ? system_error(first) : failures_by_address()),
                0, first == EMFILE ? "raise the limit of open files (ulimit -n)" : ""));
  }

  void timed_out() {
    const std::string patience = in_seconds(options.timeout);
    if (lookup) {
      return finish(
          fail(ErrorKind::timeout, fmt::format("cannot resolve {}: the name server did not answer within {}",
                                               quoted(endpoint.host), patience)));
    }
    finish(
        fail(ErrorKind::timeout, fmt::format("cannot connect to {}: no answer within {}{}{}", endpoint.text(),
                                             patience, failures.empty() ? "" : "; ", failures_by_address())));
  }

  void finish(Result<std::unique_ptr<Transport>> outcome) {
    stop();
    finished = true;
    result = std::move(outcome);
    loop.post([self = shared_from_this()] {
      if (auto to_call = std::exchange(self->handler, {})) to_call(std::move(self->result));
    });
  }

  void stop() {
    deadline.cancel();
    stagger.cancel();
    lookup.reset();
    attempts.clear();
  }

  void cancel() {
    stop();
    handler = {};
    result = nullptr;
  }

  Loop& loop;
  const Endpoint endpoint;
  const DialOptions options;
  Handler handler;
  std::optional<Address> bind_to;
  Timer deadline;
  Timer stagger;  // until the next address is tried beside those under way
  std::unique_ptr<Question> lookup;
  std::vector<Address> to_try;
  std::size_t position = 0;
  Duration pause = between_attempts;
  std::list<Attempt> attempts;
  std::vector<Failure> failures;
  bool finished = false;
  Result<std::unique_ptr<Transport>> result;  // on its way to the handler
};

Dial::Dial(Loop& loop, Endpoint endpoint, DialOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(loop, std::move(endpoint), std::move(options), std::move(handler))) {
  impl_->start();
}

Dial::~Dial() { impl_->cancel(); }

}  // namespace mq
