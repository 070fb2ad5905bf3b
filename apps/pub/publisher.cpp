#include "pub/publisher.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"

namespace mq {

namespace {

// A goodbye may wait behind so much that is not yet written; more is written first, in peace.
constexpr std::size_t small_output = 16U << 10;
// Of refused messages, and of lines that can't be sent, so many are told one by one.
constexpr std::uint64_t told_refusals = 10;

}  // namespace

Publisher::Publisher(const PubSettings& settings, Buffer payload, std::unique_ptr<Composer> composer)
    : ClientProgram(settings.connection),
      settings_(settings),
      payload_(std::move(payload)),
      composer_(std::move(composer)),
      repeats_left_(settings.repeat),
      lines_(STDIN_FILENO),
      repeat_timer_(loop()) {
  if (settings.source == PubSettings::Source::lines) input_.emplace(loop(), STDIN_FILENO);
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
  while (!source_ended_ && !resting_ && client().session().connected() &&
         client().session().can_publish(settings_.qos))
    if (!publish_next()) break;
  end_when_done();
}

// One message to one topic; false when there is none for now.
bool Publisher::publish_next() {
  return settings_.source == PubSettings::Source::lines ? publish_line() : publish_repeated();
}

bool Publisher::publish_line() {
  // Kept only while topics still wait for it: copying it each time would cost a tenth of the whole.
  const std::optional<Bytes> line = line_ ? std::exchange(line_, std::nullopt) : lines_.next_line();
  if (!line) {
    if (input_ended_)
      source_ended_ = true;
    else
      read_lines();
    return false;
  }
  if (next_topic_ == 0) ++line_number_;
  if (!publish_to_topics(*line)) line_ = line;
  return !source_ended_;
}

bool Publisher::publish_repeated() {
  if (!publish_to_topics(payload_)) return true;
  if (--repeats_left_ == 0) {
    source_ended_ = true;
  } else if (settings_.repeat_delay > Duration::zero()) {
    resting_ = true;
    repeat_timer_.set(loop().now() + settings_.repeat_delay, [this] {
      resting_ = false;
      go_on();
    });
  }
  return true;
}

// Publishes to the next topic; true when all have got the message.
bool Publisher::publish_to_topics(Bytes payload) {
  const std::string& topic = settings_.topics[next_topic_];
  if (composer_ == nullptr) {
    publish_to(topic, payload);
  } else if (const auto composed = composer_->compose(topic, payload)) {
    publish_to(topic, *composed);
  } else {
    invalid(topic, composed.error());
  }
  if (++next_topic_ < settings_.topics.size()) return false;
  next_topic_ = 0;
  return true;
}

void Publisher::publish_to(const std::string& topic, Bytes payload) {
  auto sent = client().publish({.qos = settings_.qos,
                                .retain = settings_.retain,
                                .topic = topic,
                                .properties = settings_.properties.view(),
                                .payload = payload});
  if (!sent) refused(sent.error());
}

// A single message has been composed before, so this is about a line.
void Publisher::invalid(const std::string& topic, const Error& error) {
  const bool another = line_number_ != invalid_line_;
  invalid_line_ = line_number_;
  if (another) ++invalid_;
  if (!settings_.skip_invalid) source_ended_ = true;
  const std::string where =
      settings_.topics.size() > 1 ? fmt::format(" for {}", quoted(topic)) : std::string();
  if (invalid_ <= told_refusals)
    return fail_with({error.kind, fmt::format("line {}{}: {}", line_number_, where, error.text), error.reason,
                      error.hint});
  if (another && invalid_ == told_refusals + 1) warn("further lines that can't be sent are only counted");
}

void Publisher::read_lines() {
  if (input_asked_) return;
  input_asked_ = true;
  input_->readable([this] {
    input_asked_ = false;
    if (ending() || source_ended_) return;
    const auto state = lines_.fill();
    if (!state) {
      source_ended_ = true;
      fail_with(state.error());
    } else if (*state == LineReader::State::end) {
      input_ended_ = true;
    }
    go_on();
  });
}

void Publisher::refused(const Error& error) {
  ++refusals_;
  if (refusals_ <= told_refusals) return fail_with(error);
  if (refusals_ == told_refusals + 1) warn("further refusals are only counted");
}

void Publisher::end_when_done() {
  if (!source_ended_ || ending()) return;
  const Session& session = client().session();
  if (session.unacknowledged() > 0 || !session.connected() || session.output_size() > small_output) return;
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

void Publisher::on_interrupt() {
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
