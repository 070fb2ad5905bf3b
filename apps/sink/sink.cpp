#include "sink/sink.hpp"

#include <pthread.h>

#include <atomic>
#include <ctime>
#include <thread>
#include <utility>

#include "sink/server.hpp"

namespace mq {

struct Sink::State {
  explicit State(SinkOptions options) : server(std::move(options.faults), options.stored_bytes) {}

  void run() {
    while (!stopping.load(std::memory_order_relaxed)) {
      server.turn();
      if (const auto length = pause.exchange(0, std::memory_order_relaxed); length > 0)
        rest(Duration(length));
    }
  }

  void rest(Duration length) {
    const Time end = server.poller().now() + length;
    while (!stopping.load(std::memory_order_relaxed) && server.poller().now() < end)
      server.poller().pause(end - server.poller().now());
  }

  sink::Server server;
  std::atomic<Duration::rep> pause = 0;
  std::atomic<bool> stopping = false;
  std::thread thread;
};

Sink::Sink(std::unique_ptr<State> state) : state_(std::move(state)) {}

void Sink::begin() {
  state_->thread = std::thread([running = state_.get()] { running->run(); });
}

Sink::~Sink() {
  if (!state_->thread.joinable()) return;
  state_->stopping = true;
  state_->server.poller().wake();
  state_->thread.join();
}

Result<std::unique_ptr<Sink>> Sink::start(SinkOptions options) {
  auto sink = listen(std::move(options));
  if (sink) (*sink)->begin();
  return sink;
}

Result<std::unique_ptr<Sink>> Sink::listen(SinkOptions options) {
  const std::string address = options.address;
  const std::uint16_t port = options.port;
  auto state = std::make_unique<State>(std::move(options));
  if (auto opened = state->server.open(address, port); !opened) return std::unexpected(opened.error());
  return std::unique_ptr<Sink>(new Sink(std::move(state)));
}

std::uint16_t Sink::port() const { return state_->server.port(); }

SinkCounts Sink::counts() const { return state_->server.counts(); }

double Sink::cpu_seconds() const {
  if (!state_->thread.joinable()) return 0;
  clockid_t clock{};
  timespec used{};
  if (::pthread_getcpuclockid(state_->thread.native_handle(), &clock) != 0) return 0;
  ::clock_gettime(clock, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

void Sink::pause(Duration length) {
  state_->pause.store(length.count(), std::memory_order_relaxed);
  state_->server.poller().wake();
}

}  // namespace mq
