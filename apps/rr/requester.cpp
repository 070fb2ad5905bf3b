#include "rr/requester.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"
#include "rr/random_bytes.hpp"
#include "wire/topic.hpp"

namespace mq {
Requester::Requester(const RrSettings& settings, Buffer request, Format format,
                     std::unique_ptr<Inspector> inspector)
    : ClientProgram(settings.connection),
      settings_(settings),
      request_(std::move(request)),
      format_(std::move(format)),
      inspector_(std::move(inspector)),
      output_(STDOUT_FILENO) {}

void Requester::handle(const Event& event) {
  if (const auto* connected = std::get_if<Connected>(&event)) return on_connected(*connected);
  if (const auto* subscribed = std::get_if<Subscribed>(&event)) return on_subscribed(subscribed->suback);
  if (const auto* published = std::get_if<Published>(&event)) return on_published(*published);
  if (const auto* dropped = std::get_if<Dropped>(&event)) end_with(dropped->error);
}

void Requester::on_connected(const Connected& connected) {
  if (auto chosen = choose_response_topic(connected.connack); !chosen) return end_with(chosen.error());
  if (!connected.connack.session_present || !subscribed_) subscribe();
}

// The topic and the correlation data stay the same for the whole run, so that an answer to what was sent over
// an earlier connection still counts.
Result<void> Requester::choose_response_topic(const Connack& connack) {
  if (!response_topic_.empty()) return {};
  const bool v5 = client().session().config().version == Version::v5;
  response_topic_ = settings_.response_topic;
  if (response_topic_.empty()) {
    // What the server gives is the basis of a topic that this client may use (5.0: 4.10.1).
    std::string basis(connack.properties.bytes(PropertyId::response_information).value_or("mqttkit/answers"));
    if (!basis.ends_with('/')) basis += '/';
    response_topic_ = basis + to_hex(random_bytes(16));
    if (auto checked = check_topic_name(response_topic_); !checked)
      return fail(ErrorKind::protocol,
                  fmt::format("the server's response information {} makes no topic", quoted(basis)), 0,
                  "name a topic with -e");
  }
  if (!v5) return {};
  properties_ = settings_.properties;
  if (!settings_.any_answer) {
    const auto given = properties_.view().bytes(PropertyId::correlation_data);
    correlation_ = given ? Buffer(*given) : random_bytes(16);
    properties_.remove(PropertyId::correlation_data);
    if (auto added = properties_.add(PropertyId::correlation_data, correlation_); !added) return added;
  }
  properties_.remove(PropertyId::response_topic);
  return properties_.add(PropertyId::response_topic, response_topic_);
}

void Requester::subscribe() {
  auto asked = client().subscribe({{.filter = response_topic_,
                                    .qos = settings_.qos,
                                    .retain_as_published = settings_.retain_as_published,
                                    .retain_handling = settings_.retain_handling}},
                                  settings_.subscribe_properties.view());
  if (!asked) end_with(asked.error());
}

void Requester::on_subscribed(const Suback& suback) {
  const auto code = static_cast<ReasonCode>(octet(suback.codes.front()));
  if (is_failure(code))
    return end_with({ErrorKind::denied,
                     fmt::format("the server refused the subscription {}: {}", quoted(response_topic_),
                                 in_words(code, PacketType::suback, suback.properties)),
                     value_of(code),
                     {}});
  subscribed_ = true;
  // After a loss: at QoS 0 nobody knows whether the request got there. Above, the session has sent it again,
  // before this subscription, so that its answer may have been missed; only QoS 2 must not double it.
  if (!sent_ || settings_.qos != QoS::exactly_once) send();
}

void Requester::send() {
  auto sent = client().publish({.qos = settings_.qos,
                                .topic = settings_.topic,
                                .properties = properties_.view(),
                                .payload = request_});
  if (!sent) return end_with(sent.error());
  sent_ = true;
  sent_at_ = loop().now();
}

void Requester::on_published(const Published& published) {
  if (answered_ || settings_.any_answer) return;
  if (is_failure(published.reason))
    return end_with({ErrorKind::denied,
                     "the server refused the request: " +
                         in_words(published.reason, PacketType::puback, published.properties),
                     value_of(published.reason),
                     {}});
  if (published.reason == ReasonCode::no_matching_subscribers)
    end_with({ErrorKind::timeout,
              fmt::format("no answer can come: nobody is subscribed to {}", quoted(settings_.topic)),
              0,
              {}});
}

bool Requester::answers(const Publish& publish) const {
  if (settings_.any_answer) return !publish.retain || !settings_.hide_retained;
  // A retained message was there before the request.
  if (publish.topic != response_topic_ || publish.retain) return false;
  return correlation_.empty() || publish.properties.bytes(PropertyId::correlation_data) == correlation_;
}

void Requester::on_message(const Message& message) {
  if (answered_ || !sent_) return;
  if (!answers(message.publish)) {
    ++others_;
    return;
  }
  answered_ = true;
  show(message.publish);
  if (settings_.latency) show_latency();
  end();
}

void Requester::show(const Publish& publish) {
  const auto received = std::chrono::system_clock::now();
  if (inspector_ == nullptr)
    format_.append(publish, received, output_.buffer());
  else
    inspector_->show(publish, received, format_, output_.buffer());
}

// As mosquitto_rr words it.
void Requester::show_latency() {
  const std::int64_t nanoseconds =
      std::chrono::duration_cast<std::chrono::nanoseconds>(loop().now() - sent_at_).count();
  constexpr std::int64_t second = 1'000'000'000;
  std::string text;
  if (nanoseconds >= second)
    text = fmt::format("{}.{:09}", nanoseconds / second, nanoseconds % second);
  else if (nanoseconds >= 1'000'000)
    text = fmt::format("{:f}ms", static_cast<double>(nanoseconds) / 1'000'000);
  else if (nanoseconds >= 1000)
    text = fmt::format("{:f}µs", static_cast<double>(nanoseconds) / 1000);
  else
    text = fmt::format("{}ns", nanoseconds);
  output_.buffer().append("Latency: ").append(text).append("\n");
}

void Requester::on_finish() {
  if (inspector_ != nullptr) {
    if (const auto owed = inspector_->owed()) fail_with(*owed);
  }
  constexpr std::chrono::milliseconds moment(200);
  const auto written = output_.finish(hurried() ? std::optional(moment) : std::nullopt);
  if (!written) fail_with(written.error());
}

std::string Requester::missing() const {
  if (!subscribed_) return "the server has not answered the subscription";
  const std::string others = others_ == 0 ? std::string()
                                          : fmt::format("; {} message{} came that did not answer it", others_,
                                                        others_ == 1 ? "" : "s");
  const std::string where =
      settings_.response_topic.empty()
          ? fmt::format("; it was to come to {}, which this client must be allowed to read",
                        quoted(response_topic_))
          : std::string();
  return fmt::format("no answer to the request to {} came{}{}", quoted(settings_.topic), others, where);
}

}  // namespace mq
