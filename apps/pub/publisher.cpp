#include "pub/publisher.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"

namespace mq {

namespace {

using namespace std::chrono_literals;

// A goodbye may wait behind so much that is not yet written; more is written first, in peace.
constexpr std::size_t small_output = 16U << 10;
// Of refused messages, and of lines that can't be sent, so many are told one by one.
constexpr std::uint64_t told_refusals = 10;
// Who is late by more than this does not try to make up for it.
constexpr Duration most_late = 100ms;

// Between messages that say nothing about it themselves.
Duration pause_of(const PubSettings& settings) {
  if (settings.every) return *settings.every;
  return settings.source == PubSettings::Source::lines ? Duration::zero() : settings.repeat_delay;
}

}  // namespace

Publisher::Publisher(const PubSettings& settings, Parts parts)
    : ClientProgram(settings.connection),
      settings_(settings),
      parts_(std::move(parts)),
      draft_{.qos = settings.qos,
             .retain = settings.retain,
             .properties = settings.properties.view(),
             .pause = pause_of(settings)},
      topics_(settings.topics.size()),
      pause_(loop()) {
  parts_.source->start(loop(), [this] {
    if (!ending() && !source_ended_) go_on();
  });
  const Log& log = settings.connection.log;
  if (settings.source == PubSettings::Source::replay && !log.quiet && !log.json &&
      ::isatty(STDERR_FILENO) == 1)
    progress_ = std::make_unique<Progress>(
        loop(), [this] { return Progress::State{taken_, parts_.source->share()}; });
}

void Publisher::handle(const Event& event) {
  if (const auto* published = std::get_if<Published>(&event)) {
    if (is_failure(published->reason))
      refused({ErrorKind::denied,
               "the server refused a message: " +
                   in_words(published->reason, PacketType::puback, published->properties),
               value_of(published->reason),
               {}});
  } else if (const auto* dropped = std::get_if<Dropped>(&event)) {
    clear_progress();
    fail_with(dropped->error);
  } else if (const auto* connected = std::get_if<Connected>(&event)) {
    if (connected->possible_doubles > 0)
      warn(fmt::format(
          "the server lost the session: {} unacknowledged messages were sent again and may arrive twice",
          connected->possible_doubles));
  } else {
    return;
  }
  go_on();
}

void Publisher::go_on() {
  if (ending()) return;
  while (!source_ended_ && !resting_ && client().session().connected()) {
    if (!pending_ && !take()) break;
    const Session& session = client().session();
    if (resting_ || !session.can_publish(draft_.qos)) break;
    if (draft_.qos == QoS::at_most_once && session.holds_back()) break;
    publish_to_next_topic();
  }
  end_when_done();
}

// The next message; false when there is none for now, or no more.
bool Publisher::take() {
  while (!source_ended_) {
    switch (parts_.source->next(draft_)) {
      case Source::Supply::message:
        pending_ = true;
        next_topic_ = 0;
        ++taken_;
        if (draft_.pause > Duration::zero() || !due_) put_off();
        return true;
      case Source::Supply::nothing:
        return false;
      case Source::Supply::unreadable:
        invalid({}, parts_.source->error());
        break;
      case Source::Supply::failed:
        clear_progress();
        fail_with(parts_.source->error());
        [[fallthrough]];
      case Source::Supply::end:
        source_ended_ = true;
        break;
    }
  }
  return false;
}

// Reckons from when the message before it was due, so that no delay adds up. The first is due at once.
void Publisher::put_off() {
  const Time now = loop().now();
  due_ = due_ ? std::max(*due_ + draft_.pause, now - most_late) : now;
  if (*due_ <= now) return;
  resting_ = true;
  pause_.set(*due_, [this] {
    resting_ = false;
    go_on();
  });
}

void Publisher::publish_to_next_topic() {
  if (parts_.preparation != nullptr || parts_.composer != nullptr) return publish_prepared();
  const std::string& topic = settings_.topics[next_topic_];
  pending_ = ++next_topic_ < topics_;
  publish_to(topic, draft_.payload);
}

void Publisher::publish_prepared() {
  Result<std::string_view> topic;
  if (parts_.preparation == nullptr) {
    topic = settings_.topics[next_topic_];
  } else if (next_topic_ > 0 || prepare()) {
    topic = parts_.preparation->topic(draft_, next_topic_);
  } else {
    pending_ = false;
    return;
  }
  pending_ = ++next_topic_ < topics_;
  if (!topic) return invalid({}, topic.error());
  if (parts_.composer == nullptr) return publish_to(*topic, draft_.payload);
  if (const auto composed = parts_.composer->compose(*topic, draft_.payload, draft_.properties))
    publish_to(*topic, *composed);
  else
    invalid(topics_ > 1 ? *topic : std::string_view(), composed.error());
}

// Not before the message is due: its texts say when it is sent.
bool Publisher::prepare() {
  topics_ = parts_.preparation->topics(draft_);
  if (auto begun = parts_.preparation->begin(draft_); !begun) {
    invalid({}, begun.error());
    return false;
  }
  if (!properties_dropped_ && !draft_.properties.empty() &&
      client().session().config().version != Version::v5) {
    properties_dropped_ = true;
    clear_progress();
    warn("messages go without their properties, which only MQTT 5.0 has");
  }
  return true;
}

void Publisher::publish_to(std::string_view topic, Bytes payload) {
  auto sent = client().publish({.qos = draft_.qos,
                                .retain = draft_.retain,
                                .topic = topic,
                                .properties = draft_.properties,
                                .payload = payload});
  if (!sent) refused(sent.error());
}

// A message that is not sent. `topic` is named where it could have been another.
void Publisher::invalid(std::string_view topic, const Error& error) {
  clear_progress();
  const std::uint64_t line = parts_.source->line();
  const bool another = line == 0 || line != invalid_line_ || taken_ != invalid_taken_;
  invalid_line_ = line;
  invalid_taken_ = taken_;
  if (another) ++invalid_;
  if (!settings_.skip_invalid) source_ended_ = true;
  if (invalid_ <= told_refusals) {
    std::string where = line == 0 ? std::string() : fmt::format("line {}", line);
    if (!topic.empty()) where += fmt::format(" for {}", quoted(topic));
    if (!where.empty()) where += ": ";
    // What is wrong with a line is wrong with the data, not with the options.
    const ErrorKind kind = line > 0 && error.kind == ErrorKind::usage ? ErrorKind::payload : error.kind;
    return fail_with({kind, where + error.text, error.reason, error.hint});
  }
  if (another && invalid_ == told_refusals + 1) warn("further lines that can't be sent are only counted");
}

void Publisher::refused(const Error& error) {
  ++refusals_;
  if (refusals_ > told_refusals + 1) return;
  clear_progress();
  if (refusals_ <= told_refusals) return fail_with(error);
  warn("further refusals are only counted");
}

void Publisher::end_when_done() {
  if (!source_ended_ || ending()) return;
  const Session& session = client().session();
  if (session.unacknowledged() > 0 || !session.connected() || session.output_size() > small_output) return;
  progress_.reset();
  if (const std::uint64_t unsent = session.unsent(); unsent > 0)
    fail_with({ErrorKind::lost,
               fmt::format("{} message{} at QoS 0 had not left when a connection was lost", unsent,
                           unsent == 1 ? "" : "s"),
               0,
               {}});
  if (invalid_ > told_refusals) warn(fmt::format("{} lines were skipped", invalid_));
  if (refusals_ > told_refusals) warn(fmt::format("the server refused {} messages", refusals_));
  end();
}

void Publisher::clear_progress() {
  if (progress_ != nullptr) progress_->clear();
}

void Publisher::on_retry(const Error& why, Duration pause, const Endpoint& next) {
  clear_progress();
  ClientProgram::on_retry(why, pause, next);
}

void Publisher::on_end(const std::optional<Error>& why) {
  progress_.reset();
  ClientProgram::on_end(why);
}

void Publisher::on_interrupt() {
  progress_.reset();
  source_ended_ = true;
  if (client().session().connected())
    go_on();
  else
    end();
}

std::string Publisher::missing() const {
  const std::size_t count = client().session().unacknowledged();
  if (count > 0) return fmt::format("{} message{} not acknowledged", count, count == 1 ? " was" : "s were");
  if (client().session().output_size() > 0) return "the server does not take what is sent";
  return "there was still something to send";
}

}  // namespace mq
