// How a client comes to a connection: dialling, trying again, other servers, an older version of MQTT.
#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <utility>

#include "client/client.hpp"
#include "client/ended.hpp"

namespace mq {

namespace {

// References to other servers are followed so often in a row; a connection that has stood for a while begins
// a new row.
constexpr unsigned most_references = 5;
constexpr Duration reference_peace = std::chrono::seconds(10);

}  // namespace

void Client::start() {
  const bool needs_tls = std::ranges::any_of(config_.endpoints, &Endpoint::tls);
  if (needs_tls && !config_.open.tls) {
    auto context = TlsContext::make(config_.tls);
    if (!context) return finish(std::move(context.error()));
    config_.open.tls = std::move(*context);
    config_.tls.contents.clear();
  }
  dial();
}

void Client::change(ClientConfig config) {
  session_.change(config.session);
  config.session = session_.config();
  config_ = std::move(config);
  servers_ = Servers(config_.endpoints);
  backoff_ = Backoff(config_.retry.least, config_.retry.most, std::random_device{}());
  failures_ = references_ = 0;
  leaving_ = established_ = round_is_worth_it_ = false;
  end_reason_.reset();
  phase_ = Phase::idle;
}

void Client::dial() {
  phase_ = Phase::dialing;
  accepted_ = false;
  OpenOptions options = config_.open;
  // What was sent and stays unacknowledged by TCP for as long as the keep alive shows a dead peer too.
  if (options.dial.user_timeout.count() == 0)
    options.dial.user_timeout = std::chrono::seconds(config_.session.keep_alive);
  opening_.emplace(loop_, servers_.current(), std::move(options),
                   [this](Result<std::unique_ptr<Transport>> transport) {
                     if (transport)
                       opened(std::move(*transport));
                     else
                       connection_over(std::move(transport.error()));
                   });
}

void Client::opened(std::unique_ptr<Transport> transport) {
  phase_ = Phase::open;
  transport_ = std::move(transport);
  read_pending_ = write_pending_ = shut_down_ = false;
  ++connection_;
  let_out_ = 0;
  read_end_.reset();
  write_error_.reset();
  end_reason_.reset();
  sent_trace_ = Trace(Sender::client, session_.config().version, trace_, trace_words_);
  received_trace_ = Trace(Sender::server, session_.config().version, trace_, trace_words_);
  exchange_open_ = false;
  if (config_.authentication) {
    auto data = config_.authentication->begin();
    const auto set = data ? session_.set_authentication_data(*data) : std::unexpected(data.error());
    if (!set) return connection_over(set.error());
  }
  const std::string here = servers_.current().text();
  if (!config_.shared_sessions && !last_server_.empty() && here != last_server_) session_.other_server();
  last_server_ = here;
  session_.transport_up(loop_.now());
  session_.reading(taking_events_, loop_.now());
  pump();
}

void Client::connection_over(Error why) {
  drop_transport();
  if (phase_ == Phase::ended) return;
  if (leaving_) return finish(std::move(why));
  if (accepted_ && loop_.now() - accepted_at_ > reference_peace) references_ = 0;
  const RetryPolicy& policy = config_.retry;
  round_is_worth_it_ = round_is_worth_it_ || policy.against_hope || worth_another_try(why);
  // A server that could not be had at all: the next of the list at once.
  if (!accepted_ && worth_another_server(why) && servers_.next()) {
    phase_ = Phase::waiting;
    owner_.on_retry(why, Duration::zero(), servers_.current());
    if (phase_ == Phase::waiting) dial();
    return;
  }
  const bool loss = established_ || (policy.unanswered_is_loss && why.kind == ErrorKind::lost);
  const bool may_retry =
      loss ? !policy.after_loss || failures_ < *policy.after_loss : failures_ < policy.before_first;
  if (!may_retry || !std::exchange(round_is_worth_it_, false)) return finish(std::move(why));
  ++failures_;
  const Duration pause = backoff_.next();
  phase_ = Phase::waiting;
  phase_timer_.set(loop_.now() + pause, [this] { dial(); });
  owner_.on_retry(why, pause, servers_.current());
}

// Another server than this one, because it says so.
bool Client::follow(ReasonCode reason, Properties properties, const Error& why) {
  const bool for_good = reason == ReasonCode::server_moved;
  const auto reference = properties.bytes(PropertyId::server_reference);
  if ((!for_good && reason != ReasonCode::use_another_server) || !reference) return false;
  if (accepted_ && loop_.now() - accepted_at_ > reference_peace) references_ = 0;
  if (++references_ > most_references) {
    close_for({ErrorKind::refused,
               fmt::format("servers refer to each other, {} times in a row", most_references),
               value_of(reason),
               {}});
    return true;
  }
  if (auto referred = servers_.refer(*reference, for_good, carries_secret(config_)); !referred) {
    close_for(std::move(referred.error()));
    return true;
  }
  drop_transport();
  phase_ = Phase::waiting;
  owner_.on_retry(why, Duration::zero(), servers_.current());
  if (phase_ == Phase::waiting) dial();
  return true;
}

// The session as 3.1.1 would have it; nullopt where it can't.
std::optional<SessionConfig> Client::older_session() const {
  if (!config_.fall_back_to_v311 || session_.config().version != Version::v5) return std::nullopt;
  SessionConfig older = config_.session;
  older.version = Version::v311;
  // What a kept session's expiry says in 5.0, 3.1.1 says by clean session 0 alone.
  if (!older.clean_start) older.properties.remove(PropertyId::session_expiry_interval);
  // A bound that 3.1.1 can't announce: where a user has asked for it there is no falling back.
  older.properties.remove(PropertyId::receive_maximum);
  return check(older) ? std::optional(std::move(older)) : std::nullopt;
}

bool Client::fall_back(const Connack& connack) {
  if (connack.reason != ReasonCode::unsupported_protocol_version) return false;
  if (session_.unacknowledged() > 0 && !config_.fall_back_without_properties) return false;
  auto older = older_session();
  if (!older) return false;
  drop_transport();
  session_.change(*std::move(older));
  config_.session = session_.config();
  dial();
  return true;
}

Result<void> Client::restore(Bytes saved, std::int64_t wall) {
  auto restored = session_.restore(saved, loop_.now(), wall);
  if (restored) return restored;
  auto older = older_session();
  if (!older) return restored;
  Session fallen_back(*older);
  if (!fallen_back.restore(saved, loop_.now(), wall)) return restored;
  config_.session = *std::move(older);
  session_ = std::move(fallen_back);
  return {};
}

}  // namespace mq
