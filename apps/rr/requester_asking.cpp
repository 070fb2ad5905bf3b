// How requests go out: from their source, no faster than they may, and again when they got no answer in time.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "rr/requester.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr Duration usual_answer_timeout = 30s;
// Who is late by more than this does not try to make up for it.
constexpr Duration most_late = 100ms;

}  // namespace

void Requester::go_on() {
  if (ending() || !subscribed_) return;
  while (ask_again()) {
  }
  while (may_ask() && take()) {
  }
  if (stuck()) wait_for_acknowledgement();
  end_when_done();
}

// The next of those that are to be sent again; false when there is none, or it can't be sent yet.
bool Requester::ask_again() {
  while (!again_.empty()) {
    Request* const request = pending_.find(again_.front());
    if (request != nullptr && !may_send()) return false;
    again_.pop_front();
    if (request == nullptr) continue;  // answered meanwhile
    publish(*request);
    return true;
  }
  return false;
}

// What is published leaves at once: nothing of a request that has failed is to wait in the session.
bool Requester::may_send() const {
  const Session& session = client().session();
  return session.connected() && !session.holds_back() && session.can_publish(QoS::at_most_once) &&
         session.can_publish(QoS::at_least_once) &&
         session.unacknowledged() < session.limits().receive_maximum;
}

bool Requester::may_ask() {
  if (source_ended_ || resting_ || blocked() || !again_.empty() || pending_.size() >= settings_.concurrency ||
      results_.full() || !may_send())
    return false;
  if (!due_ || *due_ <= loop().now()) return true;
  resting_ = true;
  pause_.set(*due_, [this] {
    resting_ = false;
    go_on();
  });
  return false;
}

// The next request; false when there is none for now, or no more.
bool Requester::take() {
  switch (parts_.source->next(draft_)) {
    case Source::Supply::message:
      if (auto request = request_of(draft_))
        begin(std::move(*request));
      else
        invalid(request.error());
      return true;
    case Source::Supply::nothing:
      return false;
    case Source::Supply::unreadable:
      invalid(parts_.source->error());
      return true;
    case Source::Supply::failed:
      fail_with(parts_.source->error());
      [[fallthrough]];
    case Source::Supply::end:
      break;
  }
  source_ended_ = true;
  return false;
}

Result<Request> Requester::request_of(const Draft& draft) {
  Request request;
  request.line = parts_.source->line();
  request.topic = draft.topic.empty() ? std::string_view(settings_.input.topics.front()) : draft.topic;
  request.qos = draft.qos;
  for (const Property& property : draft.properties) {
    if (property.id == PropertyId::response_topic) continue;
    if (property.id == PropertyId::correlation_data && !settings_.any_answer) {
      request.id = property.value;
      request.own_id = true;
    } else {
      request.properties.add(property);
    }
  }
  if (parts_.composer == nullptr) {
    request.payload = draft.payload;
  } else {
    const auto composed = parts_.composer->compose(request.topic, draft.payload, draft.properties);
    if (!composed) return std::unexpected(composed.error());
    request.payload = *composed;
  }
  return request;
}

void Requester::begin(Request request) {
  request.number = ++asked_;
  request.tries = 1;
  if (settings_.every) {
    const Time now = loop().now();
    due_ = std::max(due_.value_or(now), now - most_late) + *settings_.every;
  }
  if (!request.own_id) request.id = addresses_->new_id();
  if (const auto named = addresses_->name(request); !named)
    return not_sent(std::move(request), named.error());
  if (pending_.find(request.key) != nullptr)
    return not_sent(
        std::move(request),
        {ErrorKind::payload, "a request with the same correlation data still waits for its answer"});
  request.deadline = Time::max();
  publish(pending_.add(std::move(request)));
}

void Requester::publish(Request& request) {
  auto addressed = addresses_->address(request);
  if (!addressed) return refuse(request, addressed.error());
  const Time now = loop().this_moment();
  auto sent = client().publish({.qos = request.qos,
                                .topic = addressed->topic,
                                .properties = addressed->properties.view(),
                                .payload = addressed->payload ? *addressed->payload : request.payload});
  if (!sent) return refuse(request, sent.error());
  if (request.asked == Time{}) request.asked = now;
  request.ticket = *sent;
  sending_ = true;
  if (const auto timeout = answer_timeout()) set_deadline(request, now + *timeout);
}

// Input that is no request.
void Requester::invalid(const Error& error) {
  Request request;
  request.number = ++asked_;
  request.line = parts_.source->line();
  not_sent(std::move(request), error);
}

// One that can't be sent ends the input too, unless it is to be skipped.
void Requester::not_sent(Request request, const Error& error) {
  if (!settings_.skip_invalid) source_ended_ = true;
  // What is wrong with a line is wrong with the data, not with the options.
  const ErrorKind kind = request.line > 0 && error.kind == ErrorKind::usage ? ErrorKind::payload : error.kind;
  failed(std::move(request), {kind, error.text, error.reason, error.hint});
}

void Requester::refuse(const Request& request, const Error& error) {
  not_sent(pending_.remove(request), error);
}

// None: the limit of the whole run is that of its one request.
std::optional<Duration> Requester::answer_timeout() const {
  if (settings_.answer_timeout) return settings_.answer_timeout;
  if (settings_.request_retries > 0 && settings_.connection.timeout)
    return *settings_.connection.timeout / (settings_.request_retries + 1);
  if (settings_.many() || settings_.request_retries > 0) return usual_answer_timeout;
  return std::nullopt;
}

void Requester::set_deadline(Request& request, Time deadline) {
  pending_.set_deadline(request, deadline);
  wait_for_deadline();
}

void Requester::wait_for_deadline() {
  const auto first = pending_.deadline();
  if (!first || *first == Time::max() || (armed_ && *armed_ <= *first)) return;
  armed_ = first;
  deadline_.set(*first, [this] { on_deadline(); });
}

void Requester::on_deadline() {
  armed_.reset();
  const Time now = loop().now();
  while (Request* const request = pending_.overdue(now)) {
    if (is_complete(*request))
      close(*request);
    else if (request->tries <= settings_.request_retries)
      retry(pending_.remove(*request));
    else
      fail(*request, {ErrorKind::timeout, no_answer(*request), 0, {}});
  }
  wait_for_deadline();
  go_on();
}

// It has to be sent in time, too.
void Requester::retry(Request request) {
  ++request.tries;
  const bool new_id = !settings_.same_id && !request.own_id;
  const bool waits = std::exchange(request.ticket, 0) == 0 && !new_id;  // for its turn already
  if (new_id) {
    request.id = addresses_->new_id();
    request.asked = Time{};
    (void)addresses_->name(request);  // an id of ours is right
  }
  request.deadline = loop().now() + answer_timeout().value_or(usual_answer_timeout);
  if (!waits) again_.push_back(request.key);
  pending_.add(std::move(request));
  wait_for_deadline();
}

// Nobody waits for an answer, and yet nothing more can be sent.
bool Requester::stuck() const {
  return !source_ended_ && pending_.empty() && client().session().connected() && !may_send();
}

void Requester::wait_for_acknowledgement() {
  if (std::exchange(stalling_, true)) return;
  const Duration limit = answer_timeout().value_or(usual_answer_timeout);
  stall_.set(loop().now() + limit, [this, limit] {
    stalling_ = false;
    if (ending() || !stuck()) return;
    end_with({ErrorKind::timeout,
              fmt::format("the server has not acknowledged a request for {:g} s: no further one can be sent",
                          std::chrono::duration<double>(limit).count()),
              0,
              {}});
  });
}

}  // namespace mq
