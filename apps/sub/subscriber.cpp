#include "sub/subscriber.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"
#include "payload/json_text.hpp"
#include "shared/file.hpp"
#include "shared/junit.hpp"
#include "sub/result_cases.hpp"
#include "wire/topic.hpp"

namespace mq {

namespace {

Result<void> write_junit(const SubSettings& settings, const JunitSuite& suite) {
  constexpr mode_t readable = 0644;
  return write_file_atomically(settings.junit, junit_xml(suite), readable);
}

}  // namespace

Subscriber::Subscriber(const SubSettings& settings, Format format, std::unique_ptr<Inspector> inspector)
    : PrintingProgram(settings.connection),
      settings_(settings),
      choosy_(settings.remove_retained || settings.retained_only || settings.hide_retained ||
              !settings.filters_out.empty() || settings.random_filter < 100),
      format_(std::move(format)),
      judging_(!settings.expectations.empty() || settings.expect_none || settings.idle),
      inspector_(std::move(inspector)),
      begun_(loop().now()),
      begun_at_(std::chrono::system_clock::now()),
      random_(std::random_device{}()) {
  if (settings.topic_lines) topic_lines_.emplace(settings.connection.client.endpoints.front().host, out());
  if (settings.message_rate)
    rate_.emplace(loop(), [this](const std::string& line) {
      out() += line;
      flush();
    });
  if (settings.idle) idle_.emplace(loop());
  if (inspector_ != nullptr && !settings.expectations.empty())
    inspector_->set_clock([this] { return std::chrono::duration<double>(loop().now() - begun_).count(); });
  if (settings.command.empty()) return;
  jobs_ = std::make_unique<Jobs>(loop(), settings.command, settings.jobs, settings.connection.log,
                                 [this] { job_ended(); });
  inspector_->hand_to(*jobs_);
}

void Subscriber::handle(const Event& event) {
  if (const auto* connected = std::get_if<Connected>(&event)) return on_connected(*connected);
  if (const auto* subscribed = std::get_if<Subscribed>(&event)) return on_subscribed(subscribed->suback);
  if (const auto* unsubscribed = std::get_if<Unsubscribed>(&event))
    return on_unsubscribed(unsubscribed->unsuback);
  if (const auto* published = std::get_if<Published>(&event); published && is_failure(published->reason))
    fail_with({ErrorKind::denied,
               "the server did not remove a retained message: " +
                   in_words(published->reason, PacketType::puback, published->properties),
               value_of(published->reason),
               {}});
  end_when_enough();
}

void Subscriber::on_connected(const Connected& connected) {
  // A session that was kept has the subscriptions already, but only if an earlier connection of this run made
  // them all.
  if (!connected.connack.session_present || !subscribed_)
    subscribe();
  else
    wait_for_quiet();
}

void Subscriber::subscribe() {
  std::vector<Subscription> subscriptions;
  for (const std::string& filter : settings_.filters)
    subscriptions.push_back({.filter = filter,
                             .qos = settings_.qos,
                             .no_local = settings_.no_local,
                             .retain_as_published = settings_.retain_as_published,
                             .retain_handling = settings_.retain_handling});
  answers_left_ = 0;
  subscribed_ = false;
  if (!subscriptions.empty()) {
    auto asked = client().subscribe(subscriptions, settings_.subscribe_properties.view());
    if (!asked) return end_with(asked.error());
    ++answers_left_;
  }
  if (!settings_.unsubscribes.empty()) {
    const std::vector<std::string_view> filters(settings_.unsubscribes.begin(), settings_.unsubscribes.end());
    auto asked = client().unsubscribe(filters, settings_.unsubscribe_properties.view());
    if (!asked) return end_with(asked.error());
    ++answers_left_;
  }
}

void Subscriber::on_subscribed(const Suback& suback) {
  std::size_t refused = 0;
  for (std::size_t i = 0; i < suback.codes.size(); ++i) {
    const auto code = static_cast<ReasonCode>(octet(suback.codes[i]));
    if (!is_failure(code)) continue;
    ++refused;
    fail_with({ErrorKind::denied,
               fmt::format("the server refused the subscription {}: {}", quoted(settings_.filters[i]),
                           in_words(code, PacketType::suback, suback.properties)),
               value_of(code),
               {}});
  }
  if (refused == suback.codes.size()) return end();
  answered();
}

void Subscriber::on_unsubscribed(const Unsuback& unsuback) {
  for (std::size_t i = 0; i < unsuback.codes.size(); ++i) {
    const auto code = static_cast<ReasonCode>(octet(unsuback.codes[i]));
    if (is_failure(code))
      fail_with(
          {ErrorKind::denied,
           fmt::format("the server refused to end the subscription {}: {}", quoted(settings_.unsubscribes[i]),
                       in_words(code, PacketType::unsuback, unsuback.properties)),
           value_of(code),
           {}});
  }
  answered();
}

void Subscriber::answered() {
  if (--answers_left_ > 0) return;
  subscribed_ = true;
  if (settings_.exit_when_subscribed) enough_ = true;
  if (only_shows()) end_with_reader();
  wait_for_quiet();
  end_when_enough();
}

// Nothing but its output comes of a run.
bool Subscriber::only_shows() const {
  return jobs_ == nullptr && !judging_ && settings_.junit.empty() && !settings_.remove_retained;
}

void Subscriber::on_message(const Message& message) {
  if (enough_ || (choosy_ && !chosen(message.publish))) return;
  const bool shown = show(message.publish);
  if (shown && ++shown_ == settings_.count) enough_ = true;
  if (judging_) judge(message.publish, shown);
  if (jobs_ != nullptr) rest_while_full();
  if (enough_) end_when_enough();
  if (batch_is_full()) flush();
}

// False when there was nothing to show of it.
bool Subscriber::show(const Publish& publish) {
  const bool timed = format_.needs_time() || !settings_.jq.empty() ||
                     settings_.output == SubSettings::Output::json || jobs_ != nullptr ||
                     !settings_.expectations.empty();
  const auto received = timed ? std::chrono::system_clock::now() : LocalTime::Moment{};
  if (inspector_ == nullptr) {
    show_as_it_came(publish, received);
    return true;
  }
  const Inspector::Outcome outcome = inspector_->show(publish, received, format_, out());
  if (outcome == Inspector::Outcome::stop) enough_ = true;
  return outcome != Inspector::Outcome::hidden;
}

// What the message means for expectations and the quiet that is waited for.
void Subscriber::judge(const Publish& publish, bool shown) {
  if (!settings_.expectations.empty() && !unmet()) enough_ = true;
  if (!shown) return;
  if (settings_.expect_none) {
    enough_ = true;
    fail_with({ErrorKind::threshold,
               fmt::format("expected no message, but one came: {}", inspector_->in_short(publish)),
               0,
               {}});
  }
  wait_for_quiet();
}

bool Subscriber::unmet() {
  const Expectations* const expectations = inspector_ == nullptr ? nullptr : inspector_->expectations();
  return expectations != nullptr && !expectations->met();
}

// From now on, if there is a bound to it.
void Subscriber::wait_for_quiet() {
  if (!idle_ || !subscribed_ || enough_) return;
  idle_->set(loop().now() + *settings_.idle, [this] {
    if (blocked() || resting_) return wait_for_quiet();  // messages may have come that were not read
    enough_ = true;
    if (shown_ < settings_.count)
      fail_with(
          {ErrorKind::threshold,
           fmt::format("expected {} messages, but only {} came before it was quiet", settings_.count, shown_),
           0,
           {}});
    end_when_enough();
  });
}

void Subscriber::on_retry(const Error& why, Duration pause, const Endpoint& next) {
  if (idle_) idle_->cancel();  // it is no quiet when nothing could be heard
  was_away_ = was_away_ || client().established();
  ClientProgram::on_retry(why, pause, next);
}

std::optional<Error> Subscriber::time_up(Error timed_out) {
  if (jobs_ != nullptr) {
    enough_ = true;
    jobs_->drop_waiting();
  }
  if (!subscribed_ || !client().session().connected()) return timed_out;
  if (settings_.expect_none && was_away_)
    return Error{ErrorKind::lost,
                 "no message came, but for a while there was no connection: nobody can say that it "
                 "was quiet"};
  if (settings_.expect_none) return std::nullopt;
  if (unmet()) return inspector_->expectations()->shortfall();
  return timed_out;
}

void Subscriber::rest_while_full() {
  if (resting_ || !jobs_->full()) return;
  resting_ = true;
  client().pause();
}

void Subscriber::job_ended() {
  if (finishing_ && jobs_->idle()) return loop().stop();
  if (!resting_ || jobs_->full() || ending()) return;
  resting_ = false;
  client().go_on();
}

void Subscriber::on_interrupt() {
  if (jobs_ != nullptr) {
    enough_ = true;
    jobs_->drop_waiting();
  }
  end();
}

// The connection has ended; the commands need none.
void Subscriber::finish_jobs() {
  finishing_ = true;
  while (!jobs_->idle() && !out_of_patience()) loop().run();
  jobs_->kill();
  auto owed = jobs_->owed();
  if (!owed) return;
  if (out_of_patience() && interrupted_by() == 0) owed->kind = ErrorKind::timeout;
  fail_with(*owed);
}

void Subscriber::show_as_it_came(const Publish& publish, LocalTime::Moment received) {
  if (settings_.complain_of_json && format_.embeds_json() && !publish.payload.empty() &&
      !is_json(publish.payload))
    fail_with({ErrorKind::payload,
               fmt::format("Error: Message payload is not valid JSON on topic {}.", publish.topic),
               0,
               {}});
  if (rate_) return rate_->count();
  if (topic_lines_) topic_lines_->begin(publish.topic, out());
  format_.append(publish, received, out());
  if (topic_lines_) topic_lines_->end(out());
}

// Whether the message is to be shown, and what else is to be done about it.
bool Subscriber::chosen(const Publish& publish) {
  if (settings_.remove_retained && publish.retain && !(settings_.spare_filtered && filtered_out(publish)))
    remove_retained(publish);
  if (settings_.retained_only && !publish.retain) {
    enough_ = true;
    end_when_enough();
    return false;
  }
  return to_be_shown(publish);
}

bool Subscriber::filtered_out(const Publish& publish) const {
  return std::ranges::any_of(settings_.filters_out, [&publish](const std::string& filter) {
    return matches(filter, publish.topic);
  });
}

bool Subscriber::to_be_shown(const Publish& publish) {
  if ((publish.retain && settings_.hide_retained) || filtered_out(publish)) return false;
  return settings_.random_filter >= 100 ||
         std::uniform_real_distribution<double>(0, 100)(random_) < settings_.random_filter;
}

void Subscriber::remove_retained(const Publish& publish) {
  if (publish.payload.empty()) return;
  // At QoS 1 a refusal can be seen. When too many are under way the next goes unconfirmed instead of being
  // kept without a bound.
  const QoS qos = client().session().can_publish(QoS::at_least_once) &&
                          client().session().limits().maximum_qos >= QoS::at_least_once
                      ? QoS::at_least_once
                      : QoS::at_most_once;
  auto removed =
      client().publish({.qos = qos, .retain = true, .topic = publish.topic, .properties = {}, .payload = {}});
  if (!removed) fail_with(removed.error());
}

void Subscriber::end_when_enough() {
  if (enough_ && client().session().unacknowledged() == 0) end();
}

void Subscriber::on_finish() {
  if (jobs_ != nullptr) finish_jobs();
  if (unmet() && !failure() && interrupted_by() == 0) fail_with(inspector_->expectations()->shortfall());
  if (inspector_ != nullptr) {
    inspector_->say_summary();
    if (const auto owed = inspector_->owed()) fail_with(*owed);
  }
  finish_output();
}

Result<void> Subscriber::write_unfinished(const SubSettings& settings) {
  return write_junit(settings, {.name = "mqtt-sub",
                                .started = std::chrono::system_clock::now(),
                                .cases = {{.name = "the run",
                                           .outcome = JunitCase::Outcome::broken,
                                           .type = "ended",
                                           .message = "the run ended before it could find anything out"}}});
}

int Subscriber::on_result(int code) {
  if (settings_.junit.empty()) return code;
  const RunResult result{.code = code,
                         .failure = failure(),
                         .signal = interrupted_by(),
                         .subscribed = subscribed_,
                         .seconds = std::chrono::duration<double>(loop().now() - begun_).count(),
                         .expectations = inspector_ == nullptr ? nullptr : inspector_->expectations(),
                         .invalid = inspector_ == nullptr ? 0 : inspector_->invalid()};
  const auto written = write_junit(settings_, {.name = "mqtt-sub",
                                               .started = begun_at_,
                                               .seconds = result.seconds,
                                               .cases = cases_of(result, settings_)});
  if (written) return code;
  const int failed = settings_.connection.log.report(written.error());
  return code == exit_done ? failed : code;
}

std::string Subscriber::missing() const {
  if (!subscribed_) return "the server has not answered the subscription";
  if (inspector_ != nullptr && inspector_->halted_on())
    return fmt::format("--jq had not come to its end on {}", quoted(*inspector_->halted_on()));
  if (settings_.count > 0) return fmt::format("{} of {} messages came", shown_, settings_.count);
  return shown_ == 0 ? std::string("no message came")
                     : fmt::format("{} message{} came", shown_, shown_ == 1 ? "" : "s");
}

}  // namespace mq
