#include "rr/responder.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"
#include "rr/correlation_field.hpp"
#include "shared/message_value.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

// A goodbye may wait behind so much that is not yet written.
constexpr std::size_t small_output = 16U << 10;
// Lines that wait for their reader; no more requests are taken then.
constexpr std::size_t much_text = 1U << 20;

// After a signal those that run have so long, of the five seconds in which all must be over.
constexpr Duration last_call = std::chrono::milliseconds(4500);

// Formats in which nothing at all is no payload.
constexpr std::array<std::string_view, 4> never_empty{"json", "cbor", "msgpack", "avro"};

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
  if (const std::string& map = settings.payload.reader.map_file; made->reader_ != nullptr && !map.empty()) {
    auto rules = load_payload_map(map);
    if (!rules) return std::unexpected(std::move(rules.error()));
    made->rules_ = std::move(*rules);
  }
  auto composer = Composer::make(settings.answer_payload, settings.compress, settings.connection.log);
  if (!composer) return std::unexpected(std::move(composer.error()));
  made->composer_ = std::move(*composer);
  return made;
}

Responder::Responder(const ServeSettings& settings)
    : ClientProgram(settings.connection),
      settings_(settings),
      tally_(settings.connection.log),
      last_call_(loop()),
      showing_(settings.verbose),
      output_(STDOUT_FILENO),
      writable_(loop(), output_.descriptor()) {}

void Responder::handle(const Event& event) {
  if (const auto* connected = std::get_if<Connected>(&event)) return on_connected(*connected);
  if (const auto* subscribed = std::get_if<Subscribed>(&event)) return on_subscribed(subscribed->suback);
  if (const auto* published = std::get_if<Published>(&event)) return on_published(*published);
  if (const auto* dropped = std::get_if<Dropped>(&event)) return on_dropped(*dropped);
}

void Responder::on_connected(const Connected& connected) {
  if (const auto chosen = choose_routes(); !chosen) return end_with(chosen.error());
  make_properties();
  if (!connected.connack.session_present || !subscribed_) subscribe();
  publish_waiting();
}

// Only now it is known what is spoken.
Result<void> Responder::choose_routes() {
  if (routes_) return {};
  auto routes = AnswerRoutes::make(settings_.filters, settings_.allowed, settings_.pattern,
                                   client().session().config().version);
  if (!routes) return std::unexpected(std::move(routes.error()));
  routes_.emplace(std::move(*routes));
  return {};
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

void Responder::on_message(const Message& message) {
  if (enough_ || ending()) return;  // nor acknowledged: another one may get it
  acknowledge(message);
  const Publish& request = message.publish;
  if (request.retain) {
    return tally_.passed_over();
  }
  const AnswerRoutes::Route route = routes_->find(request);
  switch (route.kind) {
    case AnswerRoutes::Route::Kind::found:
      return answer(request, route);
    case AnswerRoutes::Route::Kind::refused:
      return tally_.note(Problem::refused, request.topic, route.why);
    case AnswerRoutes::Route::Kind::unnamed:
      return tally_.note(Problem::unnamed, request.topic, "the request names no response topic");
  }
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
  if (!now)
    now = answering_->answer(
        {.number = taken_, .publish = request, .reading = reading_, .kept = size_of(asker)});
  if (now) {
    deliver(asker, *now);
  } else {
    kept_.emplace(taken_, kept_of(asker));
    answering_->go_on();
  }
  end_when_done();
}

// What is not as the options say is answered as such.
std::optional<Answer> Responder::invalid(const Publish& request) {
  if (reading_ == nullptr) return std::nullopt;
  if (request.payload.empty() && has_form(request.topic)) {
    why_ = "the request is empty";
  } else if (reading_->checked && !reading_->violations.empty()) {
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

// Whether requests to `topic` are held to something that is not empty.
bool Responder::has_form(std::string_view topic) const {
  const auto given = [](const std::string& format) {
    return std::ranges::find(never_empty, format) != never_empty.end();
  };
  const PayloadRule* const rule = rules_.empty() ? nullptr : rule_for(rules_, topic);
  if (!settings_.payload.reader.schema.empty() || given(settings_.payload.format)) return true;
  return rule != nullptr && (!rule->schema.empty() || !rule->versions.empty() || given(rule->format));
}

void Responder::answer_later(std::uint64_t number, const Answer& answer) {
  const auto node = kept_.extract(number);
  if (node.empty()) return;
  deliver(asker_of(node.mapped()), answer);
  flush();
  end_when_done();
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
  if (*state == Output::State::closed) {  // requesters are served all the same
    showing_ = false;
    return;
  }
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
  if (ending()) return;
  last_call_.set(loop().now() + last_call, [this] {
    if (client().session().connected()) answering_->give_up();
  });
  // What others could answer while the last commands run is not for us any more; what nobody could is kept
  // for the next run, not being acknowledged.
  if (!subscribed_ || session_stays()) return;
  const std::vector<std::string_view> filters(routes_->filters().begin(), routes_->filters().end());
  (void)client().unsubscribe(filters, {});
}

// Whether the server keeps the session, and what comes for it, when we are gone.
bool Responder::session_stays() const {
  const SessionConfig& config = client().session().config();
  if (config.version != Version::v5) return !config.clean_start;
  const auto expiry = [](const PropertyList& properties) {
    return properties.view().number(PropertyId::session_expiry_interval);
  };
  return expiry(settings_.connection.disconnect_properties).value_or(expiry(config.properties).value_or(0)) >
         0;
}

// Without a count to reach, the time limit is an end like any other.
std::optional<Error> Responder::time_up(Error timed_out) {
  if (!client().session().connected() || !subscribed_) return timed_out;
  answering_->give_up();
  return settings_.count == 0 ? std::nullopt : std::optional(std::move(timed_out));
}

void Responder::end_when_done() {
  if (!enough_ || ending() || !kept_.empty() || !waiting_.empty() || !unsent_.empty()) return;
  const Session& session = client().session();
  if (session.unacknowledged() == 0 && session.output_size() <= small_output) end();
}

void Responder::on_finish() {
  answering_->kill();
  constexpr std::chrono::milliseconds moment(200);
  const auto written = output_.finish(hurried() ? std::optional(moment) : std::nullopt);
  if (!written) fail_with(written.error());
  if (const std::uint64_t none = kept_.size() + waiting_.size() + tally_.lost(); none > 0)
    fail_with({ErrorKind::io, fmt::format("{} request{} got no answer", none, none == 1 ? "" : "s"), 0, {}});
  if (subscribed_ || taken_ > 0) tally_.tell();
}

std::string Responder::missing() const {
  if (!subscribed_) return "the server has not answered the subscription";
  const std::uint64_t answers = taken_ - kept_.size() - waiting_.size();
  if (settings_.count > 0) return fmt::format("{} of {} requests were answered", answers, settings_.count);
  return fmt::format("{} request{} answered", answers, answers == 1 ? " was" : "s were");
}

}  // namespace mq
