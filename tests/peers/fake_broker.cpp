#include "peers/fake_broker.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "wire/describe.hpp"

namespace mq {

FakeBroker::FakeBroker(Reactions reactions, const std::string& unix_path)
    : FakeBroker(
          [reactions = std::move(reactions)](FakeBroker& self) {
            while (true) self.accept(std::chrono::hours(1)).serve(reactions);
          },
          unix_path) {}

FakeBroker::FakeBroker(Script script, const std::string& unix_path)
    : listener_(unix_path.empty() ? bind_loopback() : bind_unix(unix_path)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (::listen(listener_.get(), 64) != 0) throw PeerFailure(std::string("listen: ") + std::strerror(errno));
  if (unix_path.empty()) port_ = port_of(listener_);
  thread_ = std::thread([this, script = std::move(script)] { run(script); });
}

FakeBroker::~FakeBroker() noexcept(false) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
  if (error_ && !surfaced_ && std::uncaught_exceptions() == 0) std::rethrow_exception(error_);
}

void FakeBroker::run(const Script& script) {
  std::exception_ptr error;
  try {
    script(*this);
  } catch (const Stopped&) {
  } catch (const std::exception& failure) {
    const std::lock_guard lock(mutex_);
    error = std::make_exception_ptr(PeerFailure(failure.what() + story()));
  }
  const std::lock_guard lock(mutex_);
  error_ = error;
  done_ = true;
  changed_.notify_all();
}

bool FakeBroker::wait_for(int socket, short events, Duration limit) const {
  const Clock::time_point deadline = Clock::now() + limit;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    std::array<pollfd, 2> watched{pollfd{stop_.get(), POLLIN, 0},
                                  pollfd{events == 0 ? -1 : socket, events, 0}};
    const int ready =
        ::poll(watched.data(), watched.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (watched[0].revents != 0) throw Stopped{};
    if (ready > 0) return true;
    if (ready == 0 && left <= 0) return false;
  }
}

Peer FakeBroker::accept(Duration limit) {
  if (!wait_for(listener_.get(), POLLIN, limit)) throw PeerFailure("no client connected");
  FileHandle socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!socket) throw PeerFailure(std::string("accept: ") + std::strerror(errno));
  // Else two packets in a row wait for the client's delayed acknowledgement. Unix sockets refuse it.
  const int on = 1;
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::lock_guard lock(mutex_);
  ++connections_;
  changed_.notify_all();
  return Peer(*this, std::move(socket), connections_);
}

void FakeBroker::keep(RecordPtr record) {
  const std::lock_guard lock(mutex_);
  by_type_[static_cast<std::size_t>(record->type())].push_back(record);
  records_.push_back(std::move(record));
  changed_.notify_all();
}

std::string FakeBroker::story() const {
  std::string text = "\n  connections: " + std::to_string(connections_) + ", packets:";
  const std::size_t first = records_.size() > 20 ? records_.size() - 20 : 0;
  for (std::size_t i = first; i < records_.size(); ++i)
    text.append("\n    ").append(describe(records_[i]->packet, records_[i]->version));
  return text;
}

void FakeBroker::finish(Duration limit) {
  std::unique_lock lock(mutex_);
  const bool done = changed_.wait_for(lock, limit, [this] { return done_; });
  if (error_) {
    surfaced_ = true;
    std::rethrow_exception(error_);
  }
  if (!done) throw PeerFailure("the fake broker's script did not come to its end" + story());
}

std::vector<RecordPtr> FakeBroker::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

std::vector<RecordPtr> FakeBroker::records(PacketType type) const {
  const std::lock_guard lock(mutex_);
  return by_type_[static_cast<std::size_t>(type)];
}

RecordPtr FakeBroker::await(PacketType type, std::size_t count, Duration limit) {
  std::unique_lock lock(mutex_);
  const std::vector<RecordPtr>& of_type = by_type_[static_cast<std::size_t>(type)];
  changed_.wait_for(lock, limit, [&] { return of_type.size() >= count || error_; });
  if (of_type.size() >= count) return of_type[count - 1];
  if (error_) {
    surfaced_ = true;
    std::rethrow_exception(error_);
  }
  throw PeerFailure("waited in vain for " + std::string(name_of(type)) + " number " + std::to_string(count) +
                    story());
}

int FakeBroker::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

}  // namespace mq
