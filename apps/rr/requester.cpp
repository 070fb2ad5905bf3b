#include "rr/requester.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

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
    if (request->qos == QoS::at_least_once && !session_kept) {
      request->ticket = 0;
      again_.push_back(key);
    } else if (request->tries <= settings_.request_retries &&
               (request->qos == QoS::at_most_once || !session_kept)) {
      retry(pending_.remove(*request));
    }
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
