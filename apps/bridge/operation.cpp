#include "bridge/operation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "bridge/health.hpp"
#include "bridge/metrics.hpp"
#include "shared/exposition.hpp"

namespace mq {
namespace {

// Counts change with every message; a status that did would be traffic of its own.
constexpr Duration between_counts = std::chrono::seconds(10);

}  // namespace

Operation::Operation(Loop& loop, const BridgePlan& plan, std::function<BridgeFigures()> figures,
                     const Environment& environment)
    : loop_(loop),
      plan_(plan),
      figures_(std::move(figures)),
      manager_(environment),
      tick_(loop),
      watchdog_(loop),
      soon_(loop) {}

Result<void> Operation::listen() {
  if (plan_.http_address.empty() || http_) return {};
  const auto metrics = [this] {
    HttpContent content{.type = std::string(open_metrics_type), .body = {}};
    append_bridge_metrics(figures_(), content.body);
    return content;
  };
  const auto health = [this] {
    const BridgeFigures now = figures_();
    return HttpContent{
        .type = "application/json", .body = health_json(now), .status = ailments(now).empty() ? 200U : 503U};
  };
  auto server = HttpServer::listen(loop_, plan_.http_address, {{"/metrics", metrics}, {"/health", health}});
  if (!server) return std::unexpected(std::move(server.error()));
  http_ = std::move(*server);
  const std::string address = http_->address();
  plan_.log.notice("http", fmt::format("http://{}/metrics and /health", address), {{"address", address}});
  return {};
}

StatusPost* Operation::add_post(Client& client, const EndpointPlan& endpoint) {
  if (plan_.status_topic.empty()) return nullptr;
  posts_.push_back(std::make_unique<StatusPost>(client, endpoint, plan_.status_topic, figures_));
  return posts_.back().get();
}

void Operation::drop_post(const StatusPost& post) {
  std::erase_if(posts_, [&post](const auto& each) { return each.get() == &post; });
}

void Operation::reloading(bool under_way) {
  if (under_way) return manager_.tell("RELOADING=1");
  manager_.tell("READY=1");
  changed();
}

void Operation::begin() {
  running_ = true;
  told_ = health_line(figures_());
  // Ready without its servers: they may be away for days, and what waits for the bridge needs it meanwhile.
  manager_.tell("READY=1\nSTATUS=" + told_);
  tick();
  if (manager_.watchdog_interval() > Duration::zero()) feed_watchdog();
}

void Operation::changed() {
  if (running_) soon_.set(loop_.now(), [this] { tell(); });
}

void Operation::stopping() { manager_.tell("STOPPING=1\nSTATUS=ends what is under way"); }

bool Operation::left() {
  if (!std::exchange(leaving_, true))
    for (const auto& post : posts_) post->leave();
  return std::ranges::all_of(posts_, &StatusPost::left,
                             [](const auto& post) -> const StatusPost& { return *post; });
}

void Operation::tell() {
  for (const auto& post : posts_) post->renew();
  if (leaving_) return;
  if (std::string line = health_line(figures_()); line != told_) {
    told_ = std::move(line);
    manager_.tell("STATUS=" + told_);
  }
}

void Operation::tick() {
  tell();
  tick_.set(loop_.now() + between_counts, [this] { tick(); });
}

void Operation::feed_watchdog() {
  manager_.tell("WATCHDOG=1");
  watchdog_.set(loop_.now() + manager_.watchdog_interval(), [this] { feed_watchdog(); });
}

}  // namespace mq
