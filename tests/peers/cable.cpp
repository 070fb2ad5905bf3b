#include "peers/cable.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <list>
#include <mutex>
#include <random>
#include <thread>

#include "peers/failure.hpp"
#include "peers/file_handle.hpp"

namespace mq {
namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t most_held = 256U << 10;  // each way, between the two sockets

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void reset(const FileHandle& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// One direction of a connection.
struct Way {
  struct Piece {
    Time due;
    std::size_t size;
  };

  bool takes() const { return !ended && held.size() < most_held; }
  // What may go on by now.
  std::size_t due(Time now) const {
    std::size_t size = 0;
    for (const Piece& piece : pieces) {
      if (piece.due > now) break;
      size += piece.size;
    }
    return size;
  }
  void gone(std::size_t count) {
    held.erase(0, count);
    while (count > 0) {
      const std::size_t of_this = std::min(count, pieces.front().size);
      pieces.front().size -= of_this;
      count -= of_this;
      if (pieces.front().size == 0) pieces.pop_front();
    }
  }

  Buffer held{};
  std::deque<Piece> pieces{};  // of `held`
  bool ended = false;          // nothing more comes
  bool told = false;           // and the other side knows
};

struct Link {
  FileHandle client;
  FileHandle broker;
  std::size_t record = 0;
  Way to_broker{}, to_client{};
};

}  // namespace

struct Cable::State {
  explicit State(std::uint16_t to) : broker_port(to) {
    listener = FileHandle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    wake = FileHandle(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener.get(), 64) != 0 ||
        ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw PeerFailure("a cable can't listen");
    port = ntohs(address.sin_port);
    thread = std::thread([this] { run(); });
  }

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    poke();
    thread.join();
  }

  void poke() const {
    const std::uint64_t one = 1;
    (void)!::write(wake.get(), &one, sizeof one);
  }

  void accept_one() {
    FileHandle client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    FileHandle broker(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(broker_port);
    if (client.get() < 0) return;
    if (::connect(broker.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return reset(client);  // nobody there: the client sees its connection go
    // What is recorded as gone through must be: a cut takes with it what TCP still holds back.
    for (const int socket : {client.get(), broker.get()}) {
      const int at_once = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    }
    const std::lock_guard lock(mutex);
    links.push_back({.client = std::move(client), .broker = std::move(broker), .record = all.size()});
    all.emplace_back();
  }

  // True while the link lives.
  bool move(FileHandle& from, FileHandle& to, Way& way, Buffer& record) {
    const Time now = Clock::now();
    if (way.takes()) {
      std::array<char, 64 << 10> piece;
      const ssize_t count = ::recv(from.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (count == 0) way.ended = true;
      if (count < 0 && errno != EAGAIN && errno != EINTR) {
        reset(to);
        return false;
      }
      if (count > 0) {
        const auto size = static_cast<std::size_t>(count);
        way.held.append(piece.data(), size);
        const Time before = way.pieces.empty() ? now : way.pieces.back().due;
        way.pieces.push_back({std::max(before, now + time_under_way()), size});
      }
    }
    if (const std::size_t due = way.due(now); due > 0) {
      const std::size_t allowed = static_cast<std::size_t>(std::min<std::uint64_t>(due, left));
      const ssize_t count = ::send(to.get(), way.held.data(), allowed, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN && errno != EINTR) {
        reset(from);
        return false;
      }
      if (count > 0) {
        record.append(way.held, 0, static_cast<std::size_t>(count));
        way.gone(static_cast<std::size_t>(count));
        if (left != never) left -= static_cast<std::uint64_t>(count);
      }
      if (left == 0) cut_now = true;
    }
    if (way.ended && way.held.empty() && !way.told) {
      way.told = true;
      ::shutdown(to.get(), SHUT_WR);
    }
    return true;
  }

  Duration time_under_way() {
    if (most_delay == Duration::zero()) return {};
    return Duration(std::uniform_int_distribution<Duration::rep>(0, most_delay.count())(random));
  }

  void cut_all() {
    for (const Link& link : links) {
      reset(link.client);
      reset(link.broker);
    }
    links.clear();
    cut_now = false;
    left = never;
  }

  void run() {
    while (true) {
      std::vector<pollfd> waits{{wake.get(), POLLIN, 0}, {listener.get(), POLLIN, 0}};
      int limit = -1;
      {
        const std::lock_guard lock(mutex);
        if (stopping) return;
        if (cut_now) cut_all();
        const Time now = Clock::now();
        for (Link& link : links) {
          if (stalled) continue;
          const auto add = [&](const FileHandle& socket, const Way& from, const Way& to) {
            const bool writes = to.due(now) > 0;
            const auto events = static_cast<short>((from.takes() ? POLLIN : 0) | (writes ? POLLOUT : 0));
            if (events != 0) waits.push_back({socket.get(), events, 0});
            if (writes || to.pieces.empty()) return;
            const int left_ms =
                static_cast<int>((to.pieces.front().due - now) / std::chrono::milliseconds(1));
            limit = limit < 0 ? left_ms + 1 : std::min(limit, left_ms + 1);
          };
          add(link.client, link.to_broker, link.to_client);
          add(link.broker, link.to_client, link.to_broker);
        }
      }
      if (::poll(waits.data(), waits.size(), limit) < 0 && errno != EINTR) return;
      std::uint64_t count = 0;
      (void)!::read(wake.get(), &count, sizeof count);
      if ((waits[1].revents & POLLIN) != 0) accept_one();
      const std::lock_guard lock(mutex);
      if (stalled) continue;
      for (auto link = links.begin(); link != links.end();) {
        Record& record = all[link->record];
        const bool alive = move(link->client, link->broker, link->to_broker, record.to_broker) &&
                           move(link->broker, link->client, link->to_client, record.to_client) &&
                           !(link->to_broker.told && link->to_client.told);
        link = alive ? std::next(link) : links.erase(link);
      }
    }
  }

  std::uint16_t broker_port;
  std::uint16_t port = 0;
  FileHandle listener, wake;
  mutable std::mutex mutex;
  // With the mutex held:
  std::list<Link> links;
  std::vector<Record> all;
  std::uint64_t left = never;  // bytes until all is cut
  bool cut_now = false;
  std::minstd_rand random;
  Duration most_delay{};
  bool stalled = false;
  bool stopping = false;
  std::thread thread;
};

Cable::Cable(std::uint16_t broker_port) : state_(std::make_unique<State>(broker_port)) {}

Cable::~Cable() = default;

std::uint16_t Cable::port() const { return state_->port; }

void Cable::cut() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->cut_now = true;
  }
  state_->poke();
}

void Cable::cut_at(std::uint64_t bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->left = bytes;
}

void Cable::stall(bool on) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stalled = on;
  }
  state_->poke();
}

void Cable::delay(std::uint32_t seed, Duration most) {
  const std::lock_guard lock(state_->mutex);
  state_->random.seed(seed);
  state_->most_delay = most;
}

int Cable::connections() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int>(state_->all.size());
}

std::vector<Cable::Record> Cable::records() const {
  const std::lock_guard lock(state_->mutex);
  return state_->all;
}

}  // namespace mq
