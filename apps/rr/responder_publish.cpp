// How answers get to the server: with what properties, what waits until it takes more, what it refuses.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "client/ended.hpp"
#include "rr/correlation_field.hpp"
#include "rr/responder.hpp"

namespace mq {
namespace {

// Answers that wait: with so much the next requests are not acknowledged. A server that goes on all the same
// (mosquitto 2.0.11 heeds no receive maximum) gets its acknowledgements, and beyond the second bound answers
// are lost.
constexpr std::size_t much = 1000;
constexpr std::size_t most_unacknowledged = 256;
constexpr std::size_t much_bytes = 8U << 20;
constexpr std::size_t too_much = 100'000;
constexpr std::size_t too_much_bytes = 256U << 20;
// So many refusals of the server's are told one by one.
constexpr std::uint64_t told_refusals = 10;

bool describes_payload(PropertyId id) {
  return id == PropertyId::content_type || id == PropertyId::payload_format_indicator;
}

std::size_t footprint(const Value& value) {
  std::size_t size = sizeof(Value) + value.name.size() + value.text.size();
  for (const Value& item : value.items) size += footprint(item);
  return size;
}

}  // namespace

// The client identifier may be the server's choice.
void Responder::make_properties() {
  base_.clear();
  failure_base_.clear();
  if (client().session().config().version != Version::v5) return;
  for (const Property& property : settings_.properties.view()) {
    base_.add(property);
    if (!describes_payload(property.id)) failure_base_.add(property);
  }
  for (PropertyList* const list : {&base_, &failure_base_})
    (void)list->add_user(responder_property, client().session().client_id());
}

Responder::KeptAsker Responder::kept_of(const Asker& asker) {
  KeptAsker kept{.request_topic = std::string(asker.request_topic),
                 .topic = std::string(asker.topic),
                 .qos = asker.qos,
                 .came = asker.came};
  if (asker.correlation) kept.correlation = Buffer(*asker.correlation);
  if (asker.member != nullptr) kept.member = *asker.member;
  return kept;
}

Responder::Asker Responder::asker_of(const KeptAsker& kept) {
  Asker asker{.request_topic = kept.request_topic,
              .topic = kept.topic,
              .qos = kept.qos,
              .came = kept.came,
              .member = kept.member ? &*kept.member : nullptr};
  if (kept.correlation) asker.correlation = *kept.correlation;
  return asker;
}

std::size_t Responder::size_of(const Asker& asker) {
  return sizeof(KeptAsker) + asker.request_topic.size() + asker.topic.size() +
         asker.correlation.value_or(Bytes()).size() +
         (asker.member == nullptr ? 0 : footprint(*asker.member));
}

void Responder::deliver(const Asker& asker, const Answer& answer) {
  Answer whole = answer;
  if (composer_ != nullptr && !whole.failure()) whole = composed(asker, whole);
  if (asker.member != nullptr) whole = with_member(asker, whole);
  publish(asker, whole);
}

// In its format, held to its schema. What can't be is a failure, of which the requester need not know more.
Answer Responder::composed(const Asker& asker, const Answer& answer) {
  const auto bytes = composer_->compose(asker.topic, answer.payload, settings_.properties.view());
  if (!bytes) {
    why_ = "the answer cannot be sent: " + bytes.error().text;
    return failed_answer(AnswerStatus::failed, why_);
  }
  Answer whole = answer;
  whole.payload = *bytes;
  return whole;
}

Answer Responder::with_member(const Asker& asker, const Answer& answer) {
  Answer whole = answer;
  text_.clear();
  if (!answer.failure()) {
    const auto done = append_with_member(answer.payload, *asker.member, text_);
    if (!done) {
      why_ = done.error().text;
      whole = failed_answer(AnswerStatus::failed, why_);
    }
  }
  if (whole.failure()) append_failure(whole.payload, word_of(whole.status), *asker.member, text_);
  whole.payload = text_;
  return whole;
}

void Responder::fill_properties(const Asker& asker, const Answer& answer) {
  made_.clear();
  if (client().session().config().version != Version::v5) return;
  made_ = answer.failure() ? failure_base_ : base_;
  for (const Property& property : answer.described)
    if (describes_payload(property.id) && !settings_.properties.view().contains(property.id))
      made_.add(property);
  if (asker.correlation) (void)made_.add(PropertyId::correlation_data, *asker.correlation);
  if (answer.failure()) (void)made_.add_user("status", word_of(answer.status));
  if (answer.exit_code) (void)made_.add_user("exit-code", std::to_string(*answer.exit_code));
}

QoS Responder::qos_for(const Asker& asker) const {
  return std::min(asker.qos, client().session().limits().maximum_qos);
}

void Responder::publish(const Asker& asker, const Answer& answer) {
  fill_properties(asker, answer);
  if (waiting_.empty() && client().session().can_publish(qos_for(asker))) return send(asker, answer, made_);
  if (waiting_.size() >= too_much || waiting_bytes_ >= too_much_bytes)
    return tally_.note(Problem::lost, asker.request_topic, "too many answers wait for the server");
  WaitingAnswer& kept = waiting_.emplace_back(WaitingAnswer{.asker = kept_of(asker),
                                                            .properties = made_,
                                                            .payload = Buffer(answer.payload),
                                                            .status = answer.status,
                                                            .why = std::string(answer.why)});
  kept.size = sizeof(WaitingAnswer) + size_of(asker) + made_.view().block().size() + answer.payload.size() +
              answer.why.size();
  waiting_bytes_ += kept.size;
}

// What the session does not take is answered as failed, unless it is no more than that itself.
void Responder::send(const Asker& asker, const Answer& answer, const PropertyList& properties) {
  const auto sent = client().publish({.qos = qos_for(asker),
                                      .topic = asker.topic,
                                      .properties = properties.view(),
                                      .payload = answer.payload});
  if (sent) {
    if (!client().session().connected())
      unsent_.emplace(*sent, UnsentAnswer{.asker = kept_of(asker), .status = answer.status});
    tally_.answered(answer.status, asker.request_topic, answer.why);
    if (showing_) show(asker, answer);
  } else if (answer.failure()) {
    tally_.note(Problem::lost, asker.request_topic, sent.error().text);
  } else {
    const std::string why = sent.error().text;
    Answer failed = failed_answer(AnswerStatus::failed, why);
    if (asker.member != nullptr) failed = with_member(asker, failed);
    fill_properties(asker, failed);
    send(asker, failed, made_);
  }
}

void Responder::publish_waiting() {
  while (!waiting_.empty() && client().session().can_publish(qos_for(asker_of(waiting_.front().asker)))) {
    const WaitingAnswer answer = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= answer.size;
    send(asker_of(answer.asker), {.payload = answer.payload, .status = answer.status, .why = answer.why},
         answer.properties);
  }
  if (!unacknowledged_.empty() && !flooded()) acknowledge_all();
  end_when_done();
}

bool Responder::flooded() const { return waiting_.size() >= much || waiting_bytes_ >= much_bytes; }

void Responder::acknowledge(const Message& message) {
  if (message.ticket == 0) return;
  if (!flooded()) return (void)client().acknowledge(message.ticket);
  unacknowledged_.push_back(message.ticket);
  if (unacknowledged_.size() > most_unacknowledged) acknowledge_all();
}

void Responder::acknowledge_all() {
  for (const Ticket ticket : unacknowledged_) (void)client().acknowledge(ticket);
  unacknowledged_.clear();
}

void Responder::on_published(const Published& published) {
  if (!unsent_.empty()) unsent_.erase(published.ticket);
  if (is_failure(published.reason) && ++denied_ <= told_refusals)
    fail_with({ErrorKind::denied,
               "the server refused an answer: " +
                   in_words(published.reason, PacketType::puback, published.properties),
               value_of(published.reason),
               {}});
  if (is_failure(published.reason) && denied_ == told_refusals + 1) warn("further refusals are only counted");
  publish_waiting();
}

// The next connection did not take what had been answered before it.
void Responder::on_dropped(const Dropped& dropped) {
  const auto node = unsent_.extract(dropped.ticket);
  const std::string why = dropped.error.text;
  if (node.empty()) {
    tally_.note(Problem::lost, {}, why);
  } else {
    const Asker asker = asker_of(node.mapped().asker);
    tally_.taken_back(node.mapped().status);
    if (node.mapped().status == AnswerStatus::ok)
      deliver(asker, failed_answer(AnswerStatus::failed, why));
    else
      tally_.note(Problem::lost, asker.request_topic, why);
  }
  publish_waiting();
}

}  // namespace mq
