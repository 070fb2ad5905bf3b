#include "rr/requester.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr Duration usual_answer_timeout = 30s;
// Who is late by more than this does not try to make up for it.
constexpr Duration most_late = 100ms;
// Of requests that failed so many are told one by one.
constexpr std::uint64_t told_failures = 10;
// The answers to one request that wait until those to others before it have come.
constexpr std::size_t most_shown = 16U << 20;
// A request that nobody is there for is not sent again before that.
constexpr Duration before_asking_nobody = 1s;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Requester::Requester(const RrSettings& settings, Parts parts)
    : PrintingProgram(settings.connection),
      settings_(settings),
      parts_(std::move(parts)),
      results_(settings.many() && !settings.unordered),
      draft_{.qos = settings.input.qos, .properties = settings.input.properties.view()},
      deadline_(loop()),
      pause_(loop()),
      stall_(loop()) {
  parts_.source->start(loop(), [this] { go_on(); });
}

void Requester::handle(const Event& event) {
  if (const auto* connected = std::get_if<Connected>(&event)) return on_connected(*connected);
  if (const auto* subscribed = std::get_if<Subscribed>(&event)) return on_subscribed(subscribed->suback);
  if (const auto* published = std::get_if<Published>(&event)) return on_published(*published);
  if (const auto* dropped = std::get_if<Dropped>(&event)) {
    // What the server lost with the session is asked again, or not, once a subscription stands.
    Request* const request = pending_.find_ticket(dropped->ticket);
    if (request != nullptr && dropped->error.kind != ErrorKind::lost) refuse(*request, dropped->error);
    go_on();
  }
}

// Response topic and ids stay the same for the whole run, so that an answer to what was sent over an earlier
// connection still counts.
void Requester::on_connected(const Connected& connected) {
  if (!addresses_) {
    auto made = Addresses::make(settings_, client().session().config(), connected.connack);
    if (!made) return end_with(made.error());
    addresses_ = std::move(*made);
  }
  if (connected.connack.session_present && subscribed_) return ask_again_after_loss(true);
  subscribed_ = false;
  subscribe();
}

void Requester::subscribe() {
  auto asked = client().subscribe({{.filter = addresses_->filter(),
                                    .qos = settings_.input.qos,
                                    .retain_as_published = settings_.retain_as_published,
                                    .retain_handling = settings_.retain_handling}},
                                  settings_.subscribe_properties.view());
  if (!asked) end_with(asked.error());
}

void Requester::on_subscribed(const Suback& suback) {
  const auto code = static_cast<ReasonCode>(octet(suback.codes.front()));
  if (is_failure(code))
    return end_with({ErrorKind::denied,
                     fmt::format("the server refused the subscription {}: {}", quoted(addresses_->filter()),
                                 in_words(code, PacketType::suback, suback.properties)),
                     value_of(code),
                     {}});
  subscribed_ = true;
  if (begun_) return ask_again_after_loss(false);
  begun_ = true;
  go_on();
}

// Whether a request got there nobody knows when the session was lost, and at QoS 0 in any case; it must not
// go twice unless that is asked for, but at QoS 1 it may. With a session that was kept neither request nor
// answer is lost at QoS 1 and 2.
void Requester::ask_again_after_loss(bool session_kept) {
  for (const Buffer& key : pending_.keys()) {
    Request* const request = pending_.find(key);
    if (request->ticket == 0) continue;  // it waits for its turn already
    if (request->qos == QoS::at_least_once && !session_kept)
      again_.push_back(key);
    else if (request->tries <= settings_.request_retries &&
             (request->qos == QoS::at_most_once || !session_kept))
      retry(pending_.remove(*request));
  }
  go_on();
}

void Requester::on_published(const Published& published) {
  const bool nobody = published.reason == ReasonCode::no_matching_subscribers;
  if (settings_.any_answer || !(nobody || is_failure(published.reason))) return go_on();
  Request* const request = pending_.find_ticket(published.ticket);
  if (request == nullptr) return go_on();
  if (!nobody)
    refuse(*request, {ErrorKind::denied,
                      "the server refused the request: " +
                          in_words(published.reason, PacketType::puback, published.properties),
                      value_of(published.reason),
                      {}});
  else if (request->tries > settings_.request_retries)
    fail(*request, {ErrorKind::timeout,
                    fmt::format("no answer can come: nobody is subscribed to {}", quoted(request->topic)),
                    0,
                    {}});
  else if (const Time soon = loop().now() + before_asking_nobody; soon < request->deadline)
    set_deadline(*request, soon);
  go_on();
}

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
  request.ticket = 0;
  if (!settings_.same_id && !request.own_id) {
    request.id = addresses_->new_id();
    request.asked = Time{};
    (void)addresses_->name(request);  // an id of ours is right
  }
  request.deadline = loop().now() + answer_timeout().value_or(usual_answer_timeout);
  again_.push_back(request.key);
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
                          seconds(limit)),
              0,
              {}});
  });
}

void Requester::on_message(const Message& message) {
  if (ending() || !addresses_) return;
  const Publish& publish = message.publish;
  const auto key = addresses_->key_of(publish);
  Request* const request = key ? pending_.find(*key) : nullptr;
  if (request == nullptr || !answers(*request, publish)) {
    if (key && request == nullptr && pending_.was_there(*key)) return results_.late();
    return results_.another();
  }
  if (!is_new(*request, publish)) return results_.late();
  const Duration latency = loop().now() - request->asked;
  ++request->answers;
  results_.answered(latency);
  const bool its_turn = !settings_.many() || results_.is_next(request->number);
  if (its_turn) out() += std::exchange(request->shown, {});
  if (const auto wrong = parts_.view.show(publish, {.request = request->number, .latency = latency},
                                          its_turn ? out() : request->shown)) {
    request->well = false;
    tell(*request, *wrong);
  }
  if (request->answers == settings_.replies)
    close(*request);
  else if (request->shown.size() > most_shown)
    fail(*request, {ErrorKind::io, "its answers are too many to wait until it is their turn", 0,
                    "show answers as they come with --unordered"});
  if (batch_is_full()) flush();
  go_on();
}

// A retained message was there before the request.
bool Requester::answers(const Request& request, const Publish& publish) const {
  if (settings_.any_answer) return !publish.retain || !settings_.hide_retained;
  return !publish.retain && request.asked != Time{} && publish.topic == request.response_topic;
}

// At QoS 1 the same answer may come twice. It then says so, but so may one that is new.
bool Requester::is_new(Request& request, const Publish& publish) const {
  if (settings_.replies == 1 || publish.qos == QoS::at_most_once) return true;
  std::size_t hash = std::hash<std::string_view>{}(publish.payload);
  for (const Property& property : publish.properties)
    if (property.id == PropertyId::user_property)
      hash = hash * 31 + std::hash<std::string_view>{}(property.value);
  if (publish.dup && std::ranges::find(request.seen, hash) != request.seen.end()) return false;
  request.seen.push_back(hash);
  return true;
}

// All answers that come in time were wanted, and some did.
bool Requester::is_complete(const Request& request) const {
  return settings_.replies == 0 && request.answers > 0;
}

void Requester::close(const Request& request) {
  Request done = pending_.remove(request);
  results_.done(done.number, done.well, std::move(done.shown), out());
}

void Requester::fail(const Request& request, const Error& error) { failed(pending_.remove(request), error); }

void Requester::failed(Request request, const Error& error) {
  results_.done(request.number, false, std::move(request.shown), out());
  tell(request, error);
}

void Requester::tell(const Request& request, const Error& error) {
  if (++told_ > told_failures) {
    if (told_ == told_failures + 1) warn("further requests that fail are only counted");
    return fail_silently(error);
  }
  std::string which;
  if (settings_.many()) which = fmt::format("request {}: ", request.number);
  if (request.line > 0) which = fmt::format("line {}: ", request.line);
  fail_with({error.kind, which + error.text, error.reason, error.hint});
}

std::string Requester::no_answer(const Request& request) const {
  std::string text = fmt::format("no answer to the request to {} came", quoted(request.topic));
  if (request.answers > 0) text = fmt::format("{} of {} answers came", request.answers, settings_.replies);
  if (const auto timeout = answer_timeout())
    text += request.tries == 1 ? fmt::format(" in {:g} s", seconds(*timeout))
                               : fmt::format(" in {} tries of {:g} s", request.tries, seconds(*timeout));
  return text;
}

void Requester::end_when_done() {
  if (source_ended_ && pending_.empty()) end();
}

// What is to be sent goes before what is to be shown: the next answer is waited for.
void Requester::on_quiet() {
  if (!std::exchange(sending_, false)) flush();
}

void Requester::on_written() {
  flush();
  go_on();
}

void Requester::on_interrupt() { end(); }

void Requester::on_finish() {
  std::uint64_t unanswered = 0;
  for (const Buffer& key : pending_.keys()) {
    Request request = pending_.remove(*pending_.find(key));
    if (request.answers == 0) ++unanswered;
    results_.done(request.number, request.well && is_complete(request), std::move(request.shown), out());
  }
  if (const auto owed = parts_.view.finish()) fail_with(*owed);
  finish_output();
  if (!settings_.many() || asked_ == 0) return;
  std::string text = results_.summary();
  if (unanswered > 0) text += fmt::format("; {} had no answer yet", unanswered);
  const auto in_figures = [](std::uint64_t number) { return std::to_string(number); };
  const Histogram& latencies = results_.latencies();
  settings_.connection.log.notice("summary", text,
                                  {{"requests", in_figures(asked_)},
                                   {"failed", in_figures(results_.failures())},
                                   {"answers", in_figures(results_.answers())},
                                   {"p50_us", in_figures(latencies.percentile(50))},
                                   {"p90_us", in_figures(latencies.percentile(90))},
                                   {"p99_us", in_figures(latencies.percentile(99))},
                                   {"max_us", in_figures(latencies.max())}});
}

std::optional<Error> Requester::time_up(Error timed_out) {
  if (settings_.many() || settings_.replies != 0 || results_.answers() == 0) return timed_out;
  return std::nullopt;
}

std::string Requester::missing() const {
  if (!begun_) return "the server has not answered the subscription";
  if (parts_.view.halted()) return "--jq had not come to its end";
  if (settings_.many() && pending_.empty())
    return resting_ ? "the next request was not due" : "the input had not come to its end";
  if (settings_.many()) return fmt::format("{} of {} requests had no answer", pending_.size(), asked_);
  if (settings_.replies != 1 && results_.answers() > 0)
    return fmt::format("{} of {} answers came", results_.answers(), settings_.replies);
  std::string text = "no answer to the request came";
  if (!settings_.input.topics.empty())
    text = fmt::format("no answer to the request to {} came", quoted(settings_.input.topics.front()));
  if (const std::uint64_t others = results_.others(); others > 0)
    text += fmt::format("; {} message{} came that did not answer it", others, others == 1 ? "" : "s");
  if (settings_.response_topic.empty())
    text += fmt::format("; it was to come to {}, which this client must be allowed to read",
                        quoted(addresses_->filter()));
  return text;
}

}  // namespace mq
