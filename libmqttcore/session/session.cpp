// A session's ins and outs: bytes, time, losses. What a packet means is in session_receive.cpp, what we
// publish in session_publish.cpp, what else we ask for in session_request.cpp.
#include "session/session.hpp"

#include <algorithm>
#include <utility>

#include "base/wipe.hpp"
#include "session/connect.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"
#include "wire/plain.hpp"

namespace mq {

namespace {

// An empty buffer larger than this is given back: a burst must not cost an idle connection memory for ever.
// Input is left empty only when the connection rests, output after every write.
constexpr std::size_t kept_input = 64U << 10;
constexpr std::size_t kept_output = 512U << 10;

// `secret`: CONNECT may have been in it, with the password.
void empty(Buffer& buffer, std::size_t kept_capacity, bool secret = false) {
  if (secret) wipe(buffer);
  if (buffer.capacity() > kept_capacity) Buffer().swap(buffer);
  buffer.clear();
}

// Of what was never written, the messages that nobody will send again. A packet that is half written counts
// as sent.
std::uint64_t unsent_messages(Bytes writing, std::size_t written, Bytes behind) {
  std::uint64_t count = 0;
  std::size_t at = 0;
  for (const Bytes all : {writing, behind}) {
    Bytes rest = all;
    for (auto frame = next_frame(rest); frame && *frame; frame = next_frame(rest)) {
      const bool at_most_once = (*frame)->type == PacketType::publish && ((*frame)->flags & 6U) == 0;
      if (at_most_once && at >= written) ++count;
      at += (*frame)->size;
      rest.remove_prefix((*frame)->size);
    }
  }
  return count;
}

std::uint32_t largest_packet_of(const SessionConfig& config) {
  return config.properties.view().number(PropertyId::maximum_packet_size).value_or(max_packet_bytes);
}

}  // namespace

Session::Session(SessionConfig config)
    : config_(std::move(config)),
      has_state_(config_.continues_session),
      largest_packet_(largest_packet_of(config_)) {}

void Session::change(SessionConfig config) {
  if (config.version != config_.version) keep_for(config.version);
  config.client_id = std::move(config_.client_id);
  config_ = std::move(config);
  largest_packet_ = largest_packet_of(config_);
}

void Session::transport_up(Time now) {
  transport_down();
  keep_alive_.stop();
  keep_alive_.sent(now);
  limits_ = {};
  phase_ = Phase::connecting;
  if (auto written = write_connect(); !written) waiting_.push_back(break_off(written.error(), now));
  connack_deadline_ = now + config_.connack_timeout;
}

Result<void> Session::write_connect() {
  Connect connect = connect_of(config_);
  // A session that we hold goes on, unless it was made to end with its connection: in 3.x, clean session says
  // that.
  if (has_state_ && config_.version == Version::v5) connect.clean_start = false;
  clean_start_ = connect.clean_start;
  return encode(Packet(connect), config_.version, Sender::client, output_);
}

void Session::transport_down() {
  unsent_ += unsent_messages(writing_, written_, output_);
  const bool connecting = phase_ == Phase::connecting;
  phase_ = Phase::down;
  connack_deadline_.reset();
  inbound_aliases_ = InboundAliases(static_cast<std::uint16_t>(
      config_.properties.view().number(PropertyId::topic_alias_maximum).value_or(0)));
  outbound_aliases_ = {};  // [MQTT-3.3.2-7]
  empty(input_, kept_input);
  empty(writing_, kept_output, connecting);
  empty(output_, kept_output, connecting);
  consumed_ = written_ = 0;
  written_in_all_ = 0;
  pingreq_end_ = 0;
  inbox_.connection_lost();
  in_flight_ = 0;
  queue_.clear();
  queue_head_ = 0;
  for (const PacketId id : outbox_.in_order()) {
    Outgoing& entry = *outbox_.find(id);
    if (entry.stage == OutStage::awaiting_suback || entry.stage == OutStage::awaiting_unsuback) {
      outbox_.close(entry);
    } else if (entry.stage == OutStage::awaiting_puback || entry.stage == OutStage::awaiting_pubrec) {
      entry.stage = OutStage::queued;
      entry.sent_before = true;
    }
  }
}

void Session::received(Bytes bytes, Time now) {
  // What comes after the end does not count, and no bytes are no sign of life.
  if (phase_ == Phase::over || phase_ == Phase::down || bytes.empty()) return;
  keep_alive_.received(now);
  input_.erase(0, consumed_);
  consumed_ = 0;
  input_.append(bytes);
}

bool Session::tick(Time now) {
  if (phase_ == Phase::connecting && keep_alive_.reading() && now >= *connack_deadline_) {
    waiting_.push_back(
        break_off({ErrorKind::timeout, "the server did not answer CONNECT in time", 0, {}}, now));
    return false;
  }
  if (phase_ != Phase::up) return false;
  if (keep_alive_.dead(now)) {
    waiting_.push_back(
        break_off({ErrorKind::lost, "the server no longer answers (no PINGRESP)", 0, {}}, now));
  } else if (keep_alive_.ping_due(now)) {
    // Behind one that is not written yet another would say nothing, and many would pile up.
    if (written_in_all_ >= pingreq_end_) {
      (void)encode(Packet(Pingreq{}), config_.version, Sender::client, output_);
      pingreq_end_ = output_end();
    }
    keep_alive_.pinged(now, output_end());
    return true;
  }
  return false;
}

void Session::backlog(std::size_t bytes, Time now) {
  const std::uint64_t all = output_end();
  keep_alive_.delivered(all - std::min<std::uint64_t>(bytes, all), now);
}

void Session::reading(bool on, Time now) {
  if (on && !keep_alive_.reading() && connack_deadline_) connack_deadline_ = now + config_.connack_timeout;
  keep_alive_.reading(on, now);
}

Bytes Session::pending_output() {
  if (written_ == writing_.size()) {
    empty(writing_, kept_output);
    written_ = 0;
    writing_.swap(output_);
  }
  return Bytes(writing_).substr(written_);
}

void Session::written(std::size_t size) {
  written_ += size;
  written_in_all_ += size;
  if (written_ < writing_.size()) return;
  empty(writing_, kept_output, phase_ == Phase::connecting);
  written_ = 0;
}

[[gnu::always_inline]] inline bool Session::take_plain_message(Time now) {
  if (consumed_ == input_.size()) return false;
  if (octet(input_[consumed_]) >> 4U != static_cast<unsigned>(PacketType::publish)) return false;
  Message& message = message_in_place();
  const std::size_t size =
      take_plain_publish(rest().substr(0, largest_packet_), config_.version, message.publish);
  if (size == 0) return false;
  consumed_ += size;
  message.ticket = 0;
  has_event_ = true;
  if (message.publish.qos != QoS::at_most_once) note_plain_arrival(message, now);
  return true;
}

const Event* Session::next_event(Time now) {
  has_event_ = false;
  // Ordinary messages and acknowledgements first, which are nearly all that comes.
  while (phase_ == Phase::up && waiting_.empty() && output_size() <= config_.max_output) {
    if (!take_plain_message(now) && !take_plain_ack(now)) break;
    if (has_event_) return &event_;
  }
  return next_other_event(now);
}

const Event* Session::next_other_event(Time now) {
  while (!has_event_ && waiting_.empty()) {
    if (phase_ != Phase::connecting && phase_ != Phase::up) return nullptr;
    if (output_size() > config_.max_output) return nullptr;
    const auto frame = phase_ == Phase::up ? next_frame(rest(), largest_packet_) : answer_to_connect();
    if (!frame) {
      report(break_off(frame.error(), now));
      break;
    }
    if (!*frame) {
      if (rest().empty()) {
        empty(input_, kept_input);
        consumed_ = 0;
      }
      return nullptr;
    }
    consumed_ += (*frame)->size;
    const auto handled =
        (*frame)->type == PacketType::publish ? handle_publish(**frame) : handle(**frame, now);
    if (!handled) report(break_off(handled.error(), now));
  }
  if (!has_event_) {
    report(std::move(waiting_.back()));
    waiting_.pop_back();
  }
  return &event_;
}

std::optional<Time> Session::deadline() const {
  if (phase_ == Phase::up) return keep_alive_.deadline();
  return phase_ == Phase::connecting && keep_alive_.reading() ? connack_deadline_ : std::nullopt;
}

}  // namespace mq
