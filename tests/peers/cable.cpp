#include "peers/cable.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <list>
#include <mutex>
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

struct Link {
  FileHandle client;
  FileHandle broker;
  std::size_t record = 0;
  Buffer held_to_broker{}, held_to_client{};
  bool client_ended = false, broker_ended = false;
  bool told_broker = false, told_client = false;
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
    const std::lock_guard lock(mutex);
    links.push_back({.client = std::move(client), .broker = std::move(broker), .record = all.size()});
    all.emplace_back();
  }

  // True while the link lives.
  bool move(Link& link, FileHandle& from, FileHandle& to, Buffer& held, bool& ended, bool& told,
            Buffer& record) {
    if (!ended && held.size() < most_held) {
      std::array<char, 64 << 10> piece;
      const ssize_t count = ::recv(from.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (count == 0) ended = true;
      if (count < 0 && errno != EAGAIN && errno != EINTR) {
        reset(to);
        return false;
      }
      if (count > 0) held.append(piece.data(), static_cast<std::size_t>(count));
    }
    if (!held.empty()) {
      const std::size_t allowed = static_cast<std::size_t>(std::min<std::uint64_t>(held.size(), left));
      const ssize_t count = ::send(to.get(), held.data(), allowed, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN && errno != EINTR) {
        reset(from);
        return false;
      }
      if (count > 0) {
        record.append(held, 0, static_cast<std::size_t>(count));
        held.erase(0, static_cast<std::size_t>(count));
        if (left != never) left -= static_cast<std::uint64_t>(count);
      }
      if (left == 0) cut_now = true;
    }
    if (ended && held.empty() && !told) {
      told = true;
      ::shutdown(to.get(), SHUT_WR);
    }
    return !(link.told_broker && link.told_client);
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
      {
        const std::lock_guard lock(mutex);
        if (stopping) return;
        if (cut_now) cut_all();
        for (Link& link : links) {
          if (stalled) continue;
          const auto add = [&waits](const FileHandle& socket, bool reads, bool writes) {
            const auto events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
            if (events != 0) waits.push_back({socket.get(), events, 0});
          };
          add(link.client, !link.client_ended && link.held_to_broker.size() < most_held,
              !link.held_to_client.empty());
          add(link.broker, !link.broker_ended && link.held_to_client.size() < most_held,
              !link.held_to_broker.empty());
        }
      }
      if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      std::uint64_t count = 0;
      (void)!::read(wake.get(), &count, sizeof count);
      if ((waits[1].revents & POLLIN) != 0) accept_one();
      const std::lock_guard lock(mutex);
      if (stalled) continue;
      for (auto link = links.begin(); link != links.end();) {
        const bool alive = move(*link, link->client, link->broker, link->held_to_broker, link->client_ended,
                                link->told_broker, all[link->record].to_broker) &&
                           move(*link, link->broker, link->client, link->held_to_client, link->broker_ended,
                                link->told_client, all[link->record].to_client);
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

int Cable::connections() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int>(state_->all.size());
}

std::vector<Cable::Record> Cable::records() const {
  const std::lock_guard lock(state_->mutex);
  return state_->all;
}

}  // namespace mq
