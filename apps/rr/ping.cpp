#include "rr/ping.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"
#include "rr/random_id.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t number_size = 8;
// Of messages that don't come back so many are waited for at the same time.
constexpr std::size_t most_under_way = 65536;

std::uint64_t microseconds(Duration duration) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

void put_number(std::uint64_t number, char* to) {
  for (std::size_t i = 0; i < number_size; ++i) to[i] = static_cast<char>(number >> (8 * i));
}

std::uint64_t number_in(Bytes bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < number_size; ++i) number |= std::uint64_t{octet(bytes[i])} << (8 * i);
  return number;
}

double milliseconds(std::uint64_t microseconds) { return static_cast<double>(microseconds) / 1000; }

}  // namespace

Pinger::Pinger(const PingSettings& settings)
    : ClientProgram(settings.connection),
      settings_(settings),
      output_(STDOUT_FILENO),
      topic_(settings.topic.empty() ? "mqttkit/ping/" + to_hex(random_id(8)) : settings.topic),
      run_(random_id(8)),
      timer_(loop()) {
  payload_ = run_;
  payload_.resize(settings.size);
}

void Pinger::handle(const Event& event) {
  if (const auto* connected = std::get_if<Connected>(&event)) {
    if (!connected->connack.session_present || !subscribed_) subscribe();
  } else if (const auto* subscribed = std::get_if<Subscribed>(&event)) {
    on_subscribed(subscribed->suback);
  } else if (const auto* published = std::get_if<Published>(&event);
             published != nullptr && is_failure(published->reason)) {
    end_with({ErrorKind::denied,
              "the server refused a message: " +
                  in_words(published->reason, PacketType::puback, published->properties),
              value_of(published->reason),
              {}});
  } else if (const auto* dropped = std::get_if<Dropped>(&event)) {
    end_with(dropped->error);
  }
}

void Pinger::subscribe() {
  auto asked = client().subscribe({{.filter = topic_, .qos = settings_.qos}}, {});
  if (!asked) end_with(asked.error());
}

void Pinger::on_subscribed(const Suback& suback) {
  const auto code = static_cast<ReasonCode>(octet(suback.codes.front()));
  if (is_failure(code))
    return end_with({ErrorKind::denied,
                     fmt::format("the server refused the subscription {}: {}", quoted(topic_),
                                 in_words(code, PacketType::suback, suback.properties)),
                     value_of(code),
                     {}});
  subscribed_ = true;
  if (std::exchange(pinging_, true)) return;
  due_ = loop().now();
  send();
}

// On a fixed schedule: a message that is late does not put off those behind it.
void Pinger::send() {
  if (ending()) return;
  due_ += settings_.interval;
  if (client().session().connected() && client().session().can_publish(settings_.qos)) {
    put_number(++sent_, payload_.data() + number_size);
    under_way_.emplace(sent_, loop().now());
    if (under_way_.size() > most_under_way) under_way_.erase(under_way_.begin());
    auto sent =
        client().publish({.qos = settings_.qos, .topic = topic_, .properties = {}, .payload = payload_});
    if (!sent) return end_with(sent.error());
  }
  if (sent_ == settings_.count) return wait_for_the_last();
  timer_.set(std::max(due_, loop().now()), [this] { send(); });
}

// As long as twice what the slowest took, a second at least: what is not back then is lost.
Duration Pinger::patience() const {
  return std::max<Duration>(1s, std::chrono::microseconds(2 * times_.max()));
}

void Pinger::wait_for_the_last() {
  timer_.set(loop().now() + patience(), [this] { finish_pinging(); });
}

std::uint64_t Pinger::lost() const {
  const Time late = loop().now() - patience();
  const auto waiting =
      std::ranges::count_if(under_way_, [late](const auto& one) { return one.second > late; });
  return sent_ - times_.count() - static_cast<std::uint64_t>(waiting);
}

void Pinger::on_message(const Message& message) {
  const Bytes payload = message.publish.payload;
  if (payload.size() != payload_.size() || !payload.starts_with(run_)) return;
  const std::uint64_t number = number_in(payload.substr(number_size));
  const auto found = under_way_.find(number);
  if (found == under_way_.end()) {
    ++doubled_;
    return;
  }
  const std::uint64_t took = microseconds(loop().now() - found->second);
  under_way_.erase(found);
  times_.record(took);
  show(number, took);
  if (sent_ == settings_.count && under_way_.empty()) finish_pinging();
}

void Pinger::show(std::uint64_t number, std::uint64_t took) {
  if (settings_.json) {
    output_.buffer() += fmt::format("{{\"number\":{},\"microseconds\":{}}}\n", number, took);
  } else {
    output_.buffer() += fmt::format("{} bytes to {} and back: number {}, {:.3f} ms\n", payload_.size(),
                                    client().server().text(), number, milliseconds(took));
  }
}

void Pinger::on_quiet() {
  const auto state = output_.flush();
  if (!state) return end_with(state.error());
  if (*state == Output::State::closed) end_unread();
}

void Pinger::on_finish() {
  if (pinging_) show_statistics();
  constexpr std::chrono::milliseconds moment(200);
  const auto written = output_.finish(hurried() ? std::optional(moment) : std::nullopt);
  if (!written) fail_with(written.error());
  if (lost() > 0)
    fail_with({ErrorKind::timeout, fmt::format("{} of {} messages did not come back", lost(), sent_), 0, {}});
}

void Pinger::show_statistics() {
  const std::uint64_t back = times_.count();
  const double share = sent_ == 0 ? 0 : 100.0 * static_cast<double>(lost()) / static_cast<double>(sent_);
  if (settings_.json) {
    output_.buffer() += fmt::format(
        "{{\"sent\":{},\"back\":{},\"doubled\":{},\"lost_percent\":{:.1f},\"microseconds\":{{\"min\":{},"
        "\"mean\":{:.0f},\"p50\":{},\"p90\":{},\"p99\":{},\"max\":{}}}}}\n",
        sent_, back, doubled_, share, times_.min(), times_.mean(), times_.percentile(50),
        times_.percentile(90), times_.percentile(99), times_.max());
    return;
  }
  output_.buffer() += fmt::format("{} sent, {} came back, {:.1f} % lost", sent_, back, share);
  if (doubled_ > 0) output_.buffer() += fmt::format(", {} came twice", doubled_);
  if (back > 0)
    output_.buffer() += fmt::format(
        "\nmin {:.3f}, mean {:.3f}, p50 {:.3f}, p90 {:.3f}, p99 {:.3f}, max {:.3f} ms",
        milliseconds(times_.min()), times_.mean() / 1000, milliseconds(times_.percentile(50)),
        milliseconds(times_.percentile(90)), milliseconds(times_.percentile(99)), milliseconds(times_.max()));
  output_.buffer() += '\n';
}

std::string Pinger::missing() const {
  if (!subscribed_) return "the server has not answered the subscription";
  return fmt::format("{} of {} messages came back", times_.count(), sent_);
}

int run_ping(int argc, char** argv) {
  const auto variable = [](const char* name) -> const char* { return std::getenv(name); };
  auto settings = parse_ping(argc, argv, variable);
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  if (const auto ended = prepare(settings->connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  return Pinger(*settings).run();
}

}  // namespace mq
