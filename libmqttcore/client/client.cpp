#include "client/client.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "client/ended.hpp"

namespace mq {

Client::Client(Loop& loop, ClientConfig config, ClientOwner& owner, TraceLine trace, TraceWords words)
    : loop_(loop),
      config_(std::move(config)),
      owner_(owner),
      session_(config_.session),
      servers_(config_.endpoints),
      trace_(std::move(trace)),
      trace_words_(std::move(words)),
      sent_trace_(Sender::client, config_.session.version, trace_, trace_words_),
      received_trace_(Sender::server, config_.session.version, trace_, trace_words_),
      session_timer_(loop),
      authentication_timer_(loop),
      phase_timer_(loop),
      backoff_(config_.retry.least, config_.retry.most, std::random_device{}()) {}

Client::~Client() { *alive_ = false; }

// Everything that can go on now does: events to the owner, then what he and the session have to say to the
// server, then more input.
void Client::pump() {
  if (pumping_) return;
  pumping_ = true;
  const Time now = loop_.now();
  const bool was_open = phase_ == Phase::open;
  while (phase_ == Phase::open && taking_events_) {
    const Event* event = session_.next_event(now);
    if (!event) break;
    if (const auto* message = std::get_if<Message>(event))
      owner_.on_message(*message);
    else
      deliver(*event);
  }
  if (was_open) owner_.on_quiet();
  pumping_ = false;
  if (read_end_ && phase_ == Phase::open && taking_events_) return connection_over(*read_end_);
  if (read_end_ && phase_ == Phase::closing) return closed();
  flush();
  read();
  arm();
}

void Client::deliver(const Event& event) {
  if (!authenticated(event)) return;
  if (std::holds_alternative<Connected>(event)) {
    established_ = accepted_ = true;
    round_is_worth_it_ = false;
    accepted_at_ = loop_.now();
    servers_.accepted();
    failures_ = 0;
    backoff_.reset();
  } else if (const auto* refused = std::get_if<Refused>(&event)) {
    const Connack& connack = refused->connack;
    const Error why = error_of(connack, session_.config().version);
    if (!fall_back(connack) && !follow(connack.reason, connack.properties, why)) close_for(why);
    return;
  } else if (const auto* gone = std::get_if<ServerDisconnected>(&event)) {
    const Error why = error_of(gone->disconnect);
    if (!follow(gone->disconnect.reason, gone->disconnect.properties, why)) close_for(why);
    return;
  } else if (const auto* broken = std::get_if<Broken>(&event)) {
    // Who no longer answers takes no last words either: to wait for that would be a second silence.
    if (broken->error.kind == ErrorKind::lost) return connection_over(broken->error);
    return close_for(broken->error);
  }
  owner_.on_event(event);
}

void Client::read() {
  if (!transport_ || read_pending_ || read_end_) return;
  // No further than events are taken, and no further than our answers leave.
  if (phase_ == Phase::open && (!taking_events_ || session_.output_size() > config_.session.max_output))
    return;
  read_pending_ = true;
  transport_->read_some([this](Result<Bytes> bytes) { took(std::move(bytes)); });
}

void Client::took(Result<Bytes> bytes) {
  read_pending_ = false;
  if (!bytes) {
    read_end_ = std::move(bytes.error());
  } else if (bytes->empty()) {
    const bool answered = session_.connected() || session_.over();
    read_end_ = Error{ErrorKind::lost,
                      answered ? "the server closed the connection"
                               : "the server closed the connection without answering CONNECT",
                      0,
                      {}};
  } else if (phase_ == Phase::open) {
    received_trace_.feed(*bytes);
    session_.received(*bytes, loop_.now());
  }
  pump();
}

void Client::flush() {
  if (!transport_ || write_pending_ || write_error_) return;
  const Bytes bytes = output_let_out();
  if (bytes.empty()) {
    if (session_.output_size() > 0) return;
    if (phase_ == Phase::closing && !shut_down_) {
      shut_down_ = true;
      transport_->shut_down();
      if (config_.close_timeout < config_.leave_timeout)
        phase_timer_.set(loop_.now() + config_.close_timeout, [this] { closed(); });
    }
    return;
  }
  sent_trace_.feed(bytes);
  write_pending_ = true;
  write_size_ = bytes.size();
  transport_->write(bytes, [this, size = bytes.size()](Result<void> result) { wrote(size, result); });
}

// What is sent for the connection itself, up to CONNACK, rests on nothing.
Bytes Client::output_let_out() {
  const Bytes bytes = session_.pending_output();
  if (!config_.gated || !accepted_) return bytes;
  if (session_.output_end() > let_out_) owner_.on_held_back();
  const std::uint64_t written = session_.written_in_all();
  return bytes.substr(0, let_out_ > written ? let_out_ - written : 0);
}

void Client::let_out(OutputMark mark) {
  if (mark.connection != connection_ || mark.end <= let_out_) return;
  let_out_ = mark.end;
  flush_soon();
}

void Client::flush_soon() {
  if (flush_posted_ || pumping_) return;
  flush_posted_ = true;
  loop_.post([this, alive = alive_] {
    if (!*alive) return;
    flush_posted_ = false;
    flush();
    arm();
  });
}

void Client::wrote(std::size_t size, const Result<void>& result) {
  write_pending_ = false;
  if (!result) {
    // Reading may still bring the server's reason; its end ends the connection. Where only we are in trouble,
    // so that no end comes, nothing is waited for in vain.
    write_error_ = result.error();
    if (phase_ == Phase::open)
      phase_timer_.set(loop_.now() + config_.leave_timeout, [this] { connection_over(*write_error_); });
    return read();
  }
  session_.written(size);
  if (phase_ == Phase::open) owner_.on_written();
  pump();
}

void Client::arm() {
  const auto deadline = phase_ == Phase::open ? session_.deadline() : std::nullopt;
  // One that fires too early only looks again: most deadlines move away before they come.
  if (!deadline || (armed_ && *armed_ <= *deadline)) return;
  armed_ = deadline;
  session_timer_.set(*deadline, [this] {
    armed_.reset();
    if (phase_ == Phase::open) keep_alive();
    pump();
  });
}

void Client::keep_alive() {
  const std::size_t unwritten = session_.output_size() - (write_pending_ ? write_size_ : 0);
  session_.backlog(unwritten + transport_->undelivered(), loop_.now());
  const bool held_back = session_.output_end() > std::max(let_out_, session_.written_in_all());
  if (!session_.tick(loop_.now()) || !config_.gated || !accepted_) return;
  if (held_back)
    ping_past_gate();
  else
    let_out_ = session_.output_end();  // there is nothing but the PINGREQ
}

// A PINGREQ behind what may not leave yet would not get there in time [MQTT-3.1.2-20]: one more goes ahead of
// it. It rests on nothing.
void Client::ping_past_gate() {
  static constexpr Bytes pingreq("\xC0\x00", 2);
  if (write_pending_ || write_error_ || session_.written_in_all() < let_out_) return;
  sent_trace_.feed(pingreq);
  write_pending_ = true;
  write_size_ = 0;
  transport_->write(pingreq, [this](Result<void> result) { wrote(0, result); });
}

void Client::close_for(Error why) {
  if (session_.output_size() == 0) return connection_over(std::move(why));
  end_reason_ = std::move(why);
  start_closing();
}

void Client::start_closing() {
  phase_ = Phase::closing;
  phase_timer_.set(loop_.now() + config_.leave_timeout, [this] {
    if (!end_reason_ && session_.output_size() > 0)
      end_reason_ = Error{ErrorKind::timeout, "the server did not take all that was to be sent", 0, {}};
    closed();
  });
}

void Client::closed() {
  phase_timer_.cancel();
  if (!end_reason_) end_reason_ = std::exchange(write_error_, std::nullopt);
  if (end_reason_) return connection_over(*std::exchange(end_reason_, std::nullopt));
  drop_transport();
  finish(std::nullopt);
}

void Client::finish(std::optional<Error> why) {
  authentication_timer_.cancel();
  phase_ = Phase::ended;
  loop_.post([this, alive = alive_, why = std::move(why)] {
    if (*alive) owner_.on_end(why);
  });
}

void Client::drop_transport() {
  phase_timer_.cancel();
  session_.transport_down();
  if (!transport_) return;
  transport_->close();
  retired_ = std::move(transport_);
}

void Client::pause() {
  taking_events_ = false;
  session_.reading(false, loop_.now());
}

void Client::go_on() {
  taking_events_ = true;
  session_.reading(true, loop_.now());
  loop_.post([this, alive = alive_] {
    if (*alive) pump();
  });
}

void Client::leave(ReasonCode reason, Properties properties) {
  leaving_ = true;
  if (phase_ == Phase::closing || phase_ == Phase::ended) return;
  const Time now = loop_.now();
  // A goodbye that can't be said as asked is said all the same: without one the will would be published.
  if (phase_ == Phase::open &&
      (session_.disconnect(reason, properties, now) || session_.disconnect(ReasonCode::success, {}, now))) {
    start_closing();
    flush_soon();
    if (!pumping_) read();
    return;
  }
  opening_.reset();
  phase_timer_.cancel();
  drop_transport();
  finish(std::nullopt);
}

void Client::abandon() {
  opening_.reset();
  phase_timer_.cancel();
  session_timer_.cancel();
  authentication_timer_.cancel();
  drop_transport();
  phase_ = Phase::ended;
}

Result<Ticket> Client::publish(Publish&& message) {
  auto ticket = session_.publish(std::move(message), loop_.now());
  if (ticket) flush_soon();
  return ticket;
}

Result<Ticket> Client::subscribe(const std::vector<Subscription>& subscriptions, Properties properties) {
  auto ticket = session_.subscribe(subscriptions, properties, loop_.now());
  if (ticket) flush_soon();
  return ticket;
}

Result<Ticket> Client::unsubscribe(const std::vector<std::string_view>& filters, Properties properties) {
  auto ticket = session_.unsubscribe(filters, properties, loop_.now());
  if (ticket) flush_soon();
  return ticket;
}

Result<void> Client::acknowledge(Ticket ticket, ReasonCode reason, Properties properties) {
  auto acknowledged = session_.acknowledge(ticket, loop_.now(), reason, properties);
  if (acknowledged) flush_soon();
  return acknowledged;
}

}  // namespace mq
