#include "sub/figures.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>

#include "base/text.hpp"
#include "client/ended.hpp"
#include "payload/json_text.hpp"
#include "shared/local_time.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

// A server sends what it retains in one go; that so long nothing more comes means that all is there.
constexpr Duration burst_end = 300ms;
// Without -W so long is waited for the first figure.
constexpr Duration patience = 3s;
constexpr std::string_view nothing = "the server shows no figures below $SYS";

}  // namespace

Figures::Figures(const SubSettings& settings)
    : ClientProgram(settings.connection),
      settings_(settings),
      terminal_(::isatty(STDOUT_FILENO) == 1),
      output_(STDOUT_FILENO),
      timer_(loop()) {}

std::string Figures::missing() const {
  if (!client().session().connected()) return "no connection to " + client().server().text();
  return subscribed_ ? std::string(nothing) : "no answer to SUBSCRIBE";
}

// What the server said before it went is no news.
void Figures::on_retry(const Error& why, Duration pause, const Endpoint& next) {
  timer_.cancel();
  table_.clear();
  subscribed_ = all_there_ = false;
  ClientProgram::on_retry(why, pause, next);
}

void Figures::handle(const Event& event) {
  if (std::holds_alternative<Connected>(event)) return subscribe();
  if (const auto* subscribed = std::get_if<Subscribed>(&event)) on_subscribed(subscribed->suback);
}

void Figures::subscribe() {
  auto asked = client().subscribe({{.filter = settings_.filters.front(), .qos = settings_.qos}},
                                  settings_.subscribe_properties.view());
  if (!asked) end_with(asked.error());
}

void Figures::on_subscribed(const Suback& suback) {
  const auto code = static_cast<ReasonCode>(octet(suback.codes.front()));
  if (is_failure(code))
    return end_with(
        {ErrorKind::denied,
         fmt::format("the server refused the subscription {}: {}", quoted(settings_.filters.front()),
                     in_words(code, PacketType::suback, suback.properties)),
         value_of(code),
         {}});
  subscribed_ = true;
  if (settings_.connection.timeout || settings_.interval || has_figures()) return wait_for_more();
  timer_.set(loop().now() + patience, [this] {
    show_what_there_is();
    end_with({ErrorKind::timeout,
              fmt::format("{} within {:g} s", nothing, std::chrono::duration<double>(patience).count()), 0,
              "servers that tell them only now and then want -W; others hide them from this user"});
  });
}

// Without figures, versions and the like.
void Figures::show_what_there_is() {
  if (!table_.empty(settings_.verbose)) show();
}

void Figures::on_message(const Message& message) {
  if (table_.take(message.publish.topic, message.publish.payload)) wait_for_more();
}

// All there is, once the burst is over; then, if asked for, every interval.
void Figures::wait_for_more() {
  if (!subscribed_ || all_there_ || ending() || !has_figures()) return;
  timer_.set(loop().now() + burst_end, [this] { on_all_there(); });
}

void Figures::on_all_there() {
  all_there_ = true;
  show();
  if (!settings_.interval) return end();
  wait_for_interval();
}

void Figures::wait_for_interval() {
  timer_.set(loop().now() + *settings_.interval, [this] {
    if (!ending()) on_all_there();
  });
}

void Figures::show() {
  shown_ = shown_ || has_figures();
  LocalTime time;
  time.set(std::chrono::system_clock::now());
  Buffer& out = output_.buffer();
  if (settings_.output == SubSettings::Output::json) {
    Buffer head = R"({"time":)";
    append_json_string(time.rfc3339(), head);
    head += R"(,"server":)";
    append_json_string(client().server().text(), head);
    table_.append_json(head, settings_.verbose, out);
  } else {
    // From the top of an empty screen.
    if (settings_.interval && terminal_) out += "\x1b[H\x1b[2J";
    if (settings_.interval)
      out.append(time.rfc3339().substr(0, 19)).append("  ").append(client().server().text()) += '\n';
    table_.append_text(settings_.verbose, out);
    if (settings_.interval && !terminal_) out += '\n';
  }
  // Nothing else is to be done meanwhile, so a slow reader is waited for, but not for long.
  constexpr std::chrono::milliseconds moment(500);
  const auto state = output_.finish(moment);
  if (!state) return end_with(state.error());
  if (*state == Output::State::closed) end_unread();
}

std::optional<Error> Figures::time_up(Error timed_out) {
  if (!subscribed_) return timed_out;
  if (!all_there_) show_what_there_is();
  if (shown_) return std::nullopt;
  return timed_out;
}

void Figures::on_finish() {
  if (auto written = output_.finish(hurried() ? std::optional(std::chrono::milliseconds(200)) : std::nullopt);
      !written)
    fail_with(written.error());
}

}  // namespace mq
