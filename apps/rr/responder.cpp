#include "rr/responder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"
#include "rr/correlation_field.hpp"
#include "shared/message_value.hpp"
#include "wire/topic.hpp"

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
// Of each kind of problem so many are told one by one.
constexpr std::uint64_t told_problems = 10;
// A goodbye may wait behind so much that is not yet written.
constexpr std::size_t small_output = 16U << 10;
// Lines that wait for their reader; no more requests are taken then.
constexpr std::size_t much_text = 1U << 20;

constexpr std::array<std::string_view, 4> problem_events{"refused", "no-response-topic", "failed",
                                                         "answer-lost"};

std::size_t index(auto value) { return static_cast<std::size_t>(value); }

bool describes_payload(PropertyId id) {
  return id == PropertyId::content_type || id == PropertyId::payload_format_indicator;
}

}  // namespace

Result<std::unique_ptr<Responder>> Responder::make(const ServeSettings& settings) {
  std::unique_ptr<Responder> made(new Responder(settings));
  auto answering = Answering::make(settings, made->loop(),
                                   [responder = made.get()](std::uint64_t number, const Answer& answer) {
                                     responder->answer_later(number, answer);
                                   });
  if (!answering) return std::unexpected(std::move(answering.error()));
  made->answering_ = std::move(*answering);
  if (settings.payload.asked() || settings.payload.reader.validate || made->answering_->needs_reading()) {
    auto reader = PayloadReader::make(settings.payload.reader_options());
    if (!reader) return std::unexpected(std::move(reader.error()));
    made->reader_ = std::move(*reader);
  }
  auto composer = Composer::make(settings.answer_payload, settings.compress, settings.connection.log);
  if (!composer) return std::unexpected(std::move(composer.error()));
  made->composer_ = std::move(*composer);
  return made;
}

Responder::Responder(const ServeSettings& settings)
    : ClientProgram(settings.connection),
      settings_(settings),
      output_(STDOUT_FILENO),
      writable_(loop(), output_.descriptor()) {}

void Responder::handle(const Event& event) {
  if (const auto* connected = std::get_if<Connected>(&event)) return on_connected(*connected);
  if (const auto* subscribed = std::get_if<Subscribed>(&event)) return on_subscribed(subscribed->suback);
  if (const auto* published = std::get_if<Published>(&event)) return on_published(*published);
  if (const auto* dropped = std::get_if<Dropped>(&event)) {
    note(Problem::lost, {}, dropped->error.text);
    publish_waiting();
  }
}

void Responder::on_connected(const Connected& connected) {
  choose_routes();
  make_properties();
  if (!connected.connack.session_present || !subscribed_) subscribe();
  publish_waiting();
}

// Only now it is known what is spoken.
void Responder::choose_routes() {
  if (routes_) return;
  const bool v5 = client().session().config().version == Version::v5;
  std::vector<std::string> filters = settings_.filters;
  std::optional<TopicPattern> pattern = settings_.pattern;
  if (!v5 && !pattern) {
    for (std::string& filter : filters) filter = with_askers(filter);
    if (auto usual = TopicPattern::compile("{topic}/answer")) pattern = std::move(*usual);
  }
  routes_.emplace(std::move(filters), settings_.allowed, std::move(pattern));
}

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

void Responder::subscribe() {
  const bool v5 = client().session().config().version == Version::v5;
  std::vector<Subscription> subscriptions;
  for (const std::string& filter : routes_->filters())
    subscriptions.push_back({.filter = filter,
                             .qos = settings_.qos,
                             .no_local = v5 && !is_shared(filter),  // [MQTT-3.8.3-4]
                             .retain_handling = v5 ? RetainHandling::never : RetainHandling::always});
  subscribed_ = false;
  auto asked = client().subscribe(subscriptions, settings_.subscribe_properties.view());
  if (!asked) end_with(asked.error());
}

void Responder::on_subscribed(const Suback& suback) {
  std::size_t refused = 0;
  for (std::size_t i = 0; i < suback.codes.size(); ++i) {
    const auto code = static_cast<ReasonCode>(octet(suback.codes[i]));
    if (!is_failure(code)) continue;
    ++refused;
    fail_with({ErrorKind::denied,
               fmt::format("the server refused the subscription {}: {}", quoted(routes_->filters()[i]),
                           in_words(code, PacketType::suback, suback.properties)),
               value_of(code),
               {}});
  }
  if (refused == suback.codes.size()) return end();
  subscribed_ = true;
}

void Responder::on_published(const Published& published) {
  if (is_failure(published.reason) && ++denied_ <= told_problems)
    fail_with({ErrorKind::denied,
               "the server refused an answer: " +
                   in_words(published.reason, PacketType::puback, published.properties),
               value_of(published.reason),
               {}});
  if (is_failure(published.reason) && denied_ == told_problems + 1) warn("further refusals are only counted");
  publish_waiting();
}

void Responder::on_message(const Message& message) {
  if (enough_ || ending()) return;  // nor acknowledged: another one may get it
  acknowledge(message);
  const Publish& request = message.publish;
  if (request.retain) {
    ++retained_;
    return;
  }
  const AnswerRoutes::Route route = routes_->find(request);
  switch (route.kind) {
    case AnswerRoutes::Route::Kind::found:
      return answer(request, route);
    case AnswerRoutes::Route::Kind::refused:
      return note(Problem::refused, request.topic, route.why);
    case AnswerRoutes::Route::Kind::unnamed:
      return note(Problem::unnamed, request.topic, "the request names no response topic");
  }
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

void Responder::answer(const Publish& request, const AnswerRoutes::Route& route) {
  if (++taken_ == settings_.count) enough_ = true;
  Asker asker{.request_topic = request.topic,
              .topic = route.topic,
              .correlation = route.correlation,
              .qos = request.qos,
              .came = settings_.verbose ? std::chrono::system_clock::now() : Moment{}};
  std::optional<Value> member;
  if (!settings_.correlation_field.empty()) {
    member = member_of(request.payload, settings_.correlation_field);
    if (member) asker.member = &*member;
  }
  reading_ = reader_ == nullptr ? nullptr : &reader_->read(received_of(request));
  std::optional<Answer> now = invalid(request);
  if (!now) now = answering_->answer({.number = taken_, .publish = request, .reading = reading_});
  if (now) {
    deliver(asker, *now);
  } else {
    keep(taken_, asker);
    answering_->go_on();
  }
  end_when_done();
}

// What is not as the options say is answered as such.
std::optional<Answer> Responder::invalid(const Publish& request) {
  if (reading_ == nullptr) return std::nullopt;
  if (reading_->checked && !reading_->violations.empty()) {
    why_ = in_words(reading_->violations.front());
    if (const std::size_t more = reading_->violations.size() - 1; more > 0)
      why_ += fmt::format(", and {} more", more);
  } else if (settings_.payload.asked() && reading_->undecoded && !request.payload.empty()) {
    why_ = reading_->undecoded->text;
  } else {
    return std::nullopt;
  }
  return failed_answer(AnswerStatus::invalid, why_);
}

void Responder::keep(std::uint64_t number, const Asker& asker) {
  KeptAsker kept{.request_topic = std::string(asker.request_topic),
                 .topic = std::string(asker.topic),
                 .qos = asker.qos,
                 .came = asker.came};
  if (asker.correlation) kept.correlation = Buffer(*asker.correlation);
  if (asker.member != nullptr) kept.member = *asker.member;
  kept_.emplace(number, std::move(kept));
}

void Responder::answer_later(std::uint64_t number, const Answer& answer) {
  const auto node = kept_.extract(number);
  if (node.empty()) return;
  const KeptAsker& kept = node.mapped();
  Asker asker{.request_topic = kept.request_topic,
              .topic = kept.topic,
              .qos = kept.qos,
              .came = kept.came,
              .member = kept.member ? &*kept.member : nullptr};
  if (kept.correlation) asker.correlation = *kept.correlation;
  deliver(asker, answer);
  flush();
  end_when_done();
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

void Responder::publish(const Asker& asker, const Answer& answer) {
  const Session& session = client().session();
  const QoS qos = std::min(asker.qos, session.limits().maximum_qos);
  fill_properties(asker, answer);
  if (waiting_.empty() && session.can_publish(qos)) {
    const auto sent = client().publish(
        {.qos = qos, .topic = asker.topic, .properties = made_.view(), .payload = answer.payload});
    if (!sent && !answer.failure()) {
      const std::string why = sent.error().text;
      return deliver(asker, failed_answer(AnswerStatus::failed, why));
    }
    if (!sent) return note(Problem::lost, asker.request_topic, sent.error().text);
  } else if (waiting_.size() >= too_much || waiting_bytes_ >= too_much_bytes) {
    return note(Problem::lost, asker.request_topic, "too many answers wait for the server");
  } else {
    waiting_bytes_ += asker.topic.size() + answer.payload.size();
    waiting_.push_back({std::string(asker.topic), made_, Buffer(answer.payload), qos});
  }
  count(asker, answer);
}

void Responder::count(const Asker& asker, const Answer& answer) {
  ++statuses_[index(answer.status)];
  if (answer.failure() && answer.status != AnswerStatus::busy)
    note(Problem::failed, asker.request_topic, answer.why);
  if (settings_.verbose) show(asker, answer);
}

void Responder::publish_waiting() {
  while (!waiting_.empty() && client().session().can_publish(waiting_.front().qos)) {
    const WaitingAnswer& answer = waiting_.front();
    waiting_bytes_ -= answer.topic.size() + answer.payload.size();
    const auto sent = client().publish({.qos = answer.qos,
                                        .topic = answer.topic,
                                        .properties = answer.properties.view(),
                                        .payload = answer.payload});
    if (!sent) note(Problem::lost, answer.topic, sent.error().text);
    waiting_.pop_front();
  }
  if (!unacknowledged_.empty() && !flooded()) acknowledge_all();
  end_when_done();
}

void Responder::note(Problem problem, std::string_view topic, std::string_view why) {
  const std::uint64_t times = ++problems_[index(problem)];
  const Log& log = settings_.connection.log;
  const std::string_view event = problem_events[index(problem)];
  if (times <= told_problems) {
    const std::string_view what = problem == Problem::failed ? "the request failed" : "no answer";
    log.notice(event, fmt::format("{}: {}: {}", quoted(topic), what, why), {{"topic", topic}, {"why", why}});
  } else if (times == told_problems + 1) {
    log.warn(fmt::format("further requests of that kind ({}) are only counted", event));
  }
}

void Responder::show(const Asker& asker, const Answer& answer) {
  const double took =
      std::chrono::duration<double, std::milli>(std::chrono::system_clock::now() - asker.came).count();
  fmt::format_to(std::back_inserter(output_.buffer()), "{} -> {} {:.3f} ms {}\n",
                 quoted(asker.request_topic, asker.request_topic.size()),
                 quoted(asker.topic, asker.topic.size()), took, word_of(answer.status));
}

void Responder::on_quiet() {
  if (output_.size() > 0) flush();
}

void Responder::flush() {
  if (blocked_ || ending()) return;
  const auto state = output_.flush();
  if (!state) return end_with(state.error());
  if (*state == Output::State::closed) return end_unread();
  if (*state == Output::State::drained || output_.size() < much_text) return;
  blocked_ = true;
  client().pause();
  writable_.writable([this] {
    blocked_ = false;
    client().go_on();
    flush();
  });
}

void Responder::on_interrupt() {
  enough_ = true;
  answering_->drop_waiting();
  if (!client().session().connected()) return end();
  end_when_done();
  if (ending() || !subscribed_) return;
  // What others could answer while the last commands run is not for us any more.
  const std::vector<std::string_view> filters(routes_->filters().begin(), routes_->filters().end());
  (void)client().unsubscribe(filters, {});
}

void Responder::end_when_done() {
  if (!enough_ || ending() || !kept_.empty() || !waiting_.empty()) return;
  const Session& session = client().session();
  if (session.unacknowledged() == 0 && session.output_size() <= small_output) end();
}

void Responder::on_finish() {
  answering_->kill();
  constexpr std::chrono::milliseconds moment(200);
  const auto written = output_.finish(hurried() ? std::optional(moment) : std::nullopt);
  if (!written) fail_with(written.error());
  const auto problem = [this](Problem of) { return problems_[index(of)]; };
  const std::uint64_t ok = statuses_[index(AnswerStatus::ok)];
  const std::uint64_t busy = statuses_[index(AnswerStatus::busy)];
  if (const std::uint64_t none = kept_.size() + waiting_.size() + problem(Problem::lost); none > 0)
    fail_with({ErrorKind::io, fmt::format("{} request{} got no answer", none, none == 1 ? "" : "s"), 0, {}});
  if (!subscribed_) return;
  settings_.connection.log.notice(
      "summary",
      fmt::format("{} answered, {} failed, {} refused, {} without response topic, {} busy{}", ok,
                  problem(Problem::failed), problem(Problem::refused), problem(Problem::unnamed), busy,
                  retained_ == 0 ? std::string() : fmt::format(", {} retained", retained_)),
      {{"answered", std::to_string(ok)},
       {"failed", std::to_string(problem(Problem::failed))},
       {"refused", std::to_string(problem(Problem::refused))},
       {"without_response_topic", std::to_string(problem(Problem::unnamed))},
       {"busy", std::to_string(busy)},
       {"retained", std::to_string(retained_)}});
}

std::string Responder::missing() const {
  if (!subscribed_) return "the server has not answered the subscription";
  const std::uint64_t answers = taken_ - kept_.size() - waiting_.size();
  if (settings_.count > 0) return fmt::format("{} of {} requests were answered", answers, settings_.count);
  return fmt::format("{} request{} answered", answers, answers == 1 ? " was" : "s were");
}

}  // namespace mq
