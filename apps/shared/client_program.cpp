#include "shared/client_program.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "client/servers.hpp"
#include "session/config.hpp"
#include "shared/answer.hpp"
#include "shared/file.hpp"
#include "shared/manner.hpp"
#include "shared/secrets.hpp"
#include "shared/watchdog.hpp"

namespace mq {

namespace {

using namespace std::chrono_literals;

// How long an interrupted program may go on with what is in flight, and how long a DISCONNECT may take once
// time is up.
constexpr Duration drain_time = 5s;
constexpr Duration goodbye_time = 200ms;
constexpr std::uint64_t largest_session_file = 1ULL << 30;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::int64_t wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

// A descriptor 0 to 2 that is closed would become one of our own sockets, to be read or written as if it were
// the user's: something takes its place on which both fail as they would have.
static void keep_places() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) < 0)
      (void)!::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

std::optional<int> prepare(ConnectionSettings& settings, std::span<char*> arguments) {
  keep_places();
  hide_secrets(arguments, settings.shown_secrets);
  if (settings.question) settings.answer = topics_for_shell(*std::exchange(settings.question, {}), settings);
  if (settings.answer) return print_answer(*settings.answer);
  if (settings.timeout) Watchdog::begin(*settings.timeout, settings.log);
  if (auto read = read_secrets(settings); !read) return settings.log.report(read.error());
  Watchdog::waits_for("the program had only begun");
  if (auto right = check(settings.client.session); !right) return settings.log.report(right.error());
  return std::nullopt;
}

int exit_code_of_signal(int number) { return number == SIGINT ? exit_interrupt : exit_terminate; }

ClientProgram::ClientProgram(const ConnectionSettings& settings)
    : settings_(settings),
      client_(loop_, settings.client, *this,
              settings.debug ? TraceLine([&settings](std::string_view line) { settings.log.trace(line); })
                             : TraceLine(),
              settings.debug && settings.log.manner != nullptr ? settings.log.manner->trace_words()
                                                               : TraceWords()),
      deadline_(loop_),
      last_moment_(loop_) {}

// What was found out about payloads counts however the run ends.
static bool is_verdict(int code) { return code == exit_payload || code == exit_threshold; }

int ClientProgram::run() {
  std::signal(SIGPIPE, SIG_IGN);
  return on_result(work());
}

int ClientProgram::work() {
  if (auto loaded = load_session(); !loaded) {
    fail_with(loaded.error());
    return *owed_;
  }
  Manner* const manner = settings_.log.manner;
  std::optional<Signals> signals;
  if (manner == nullptr || manner->catches_signals())
    signals.emplace(loop_, std::initializer_list<int>{SIGINT, SIGTERM},
                    [this](int number) { on_signal(number); });
  const Duration left = Watchdog::enter_loop();
  if (settings_.timeout) deadline_.set(loop_.now() + left, [this] { on_deadline(); });
  warn_of_risks();
  client_.start();
  loop_.run();
  Watchdog::loop_turned();
  on_finish();
  if (auto saved = save_session(); !saved) fail_with(saved.error());
  if (signal_ == 0) return owed_.value_or(exit_done);
  if (manner != nullptr) return manner->exit_after_signal(client_.established());
  if (owed_ && is_verdict(*owed_)) return *owed_;
  say_unacknowledged();
  return exit_code_of_signal(signal_);
}

void ClientProgram::on_retry(const Error& why, Duration pause, const Endpoint& next) {
  const bool lost = client_.established();
  if (lost && !lost_at_) lost_at_ = loop_.now();
  const std::vector<Endpoint>& listed = settings_.client.endpoints;
  const std::string where = next.text();
  std::string text = fmt::format("{}; trying {}", why.text,
                                 listed.size() == 1 && listed[0].text() == where ? "again" : where.c_str());
  if (pause > Duration::zero()) text.append(fmt::format(" in {:.1f} s", seconds(pause)));
  settings_.log.notice(
      lost ? "connection-lost" : "connection-failed", text,
      {{"why", why.text}, {"next", where}, {"pause", fmt::format("{:.3f}", seconds(pause))}});
}

void ClientProgram::on_event(const Event& event) {
  if (settings_.log.manner != nullptr) settings_.log.manner->tell(event);
  if (const auto* connected = std::get_if<Connected>(&event); connected && lost_at_) {
    const std::string server = client_.server().text();
    const double away = seconds(loop_.now() - *std::exchange(lost_at_, std::nullopt));
    const bool kept = connected->connack.session_present;
    settings_.log.notice(
        "connected-again",
        fmt::format("connected to {} again after {:.1f} s, {}", server, away,
                    kept ? "the session goes on" : "with a new session"),
        {{"server", server}, {"away", fmt::format("{:.3f}", away)}, {"session", kept ? "kept" : "new"}});
  }
  if (const auto* challenged = std::get_if<Challenged>(&event)) {
    const auto method = challenged->auth.properties.bytes(PropertyId::authentication_method).value_or("");
    return end_with(
        {ErrorKind::refused,
         fmt::format("the server began an exchange of {}, which is not known here", quoted(method)), 0,
         "of methods with an exchange, SCRAM-SHA-256 and SCRAM-SHA-512 are"});
  }
  handle(event);
}

void ClientProgram::on_end(const std::optional<Error>& why) {
  ending_ = true;
  if (why) {
    Error error = *why;
    if (error.reason == value_of(ReasonCode::unsupported_protocol_version) && settings_.needs_v5)
      error.hint = fmt::format("{} needs MQTT 5.0, which the server does not speak", *settings_.needs_v5);
    fail_with(error);
    if (signal_ == 0) say_unacknowledged();
  }
  loop_.stop();
}

void ClientProgram::end() {
  if (ending_) return;
  ending_ = true;
  const Manner* const manner = settings_.log.manner;
  client_.leave(manner != nullptr && hurried() ? manner->hurried_goodbye() : ReasonCode::success,
                settings_.disconnect_properties.view());
}

void ClientProgram::end_unread() {
  if (owed_ && !is_verdict(*owed_)) owed_.reset();
  end();
}

void ClientProgram::fail_with(const Error& error) { owe(settings_.log.report(error), error); }

void ClientProgram::fail_silently(const Error& error) { owe(exit_code(error.kind), error); }

void ClientProgram::owe(int code, const Error& error) {
  if (code == exit_done) return;
  // That the time is over only says that it was long enough.
  if (owed_ && (*owed_ != exit_timeout || !is_verdict(code))) return;
  owed_ = code;
  failure_ = error;
}

void ClientProgram::end_with(const Error& error) {
  fail_with(error);
  end();
}

void ClientProgram::break_off(const Error& error) {
  fail_with(error);
  ending_ = broken_off_ = true;
  client_.abandon();
  loop_.stop();
}

void ClientProgram::warn(std::string_view text) const { settings_.log.warn(text); }

// What the user should know before anything is sent.
void ClientProgram::warn_of_risks() const {
  const std::vector<Endpoint>& endpoints = settings_.client.endpoints;
  if (!settings_.client.tls.verify && std::ranges::any_of(endpoints, &Endpoint::tls))
    warn("--insecure: the server's certificate is not verified, anybody on the way can read and change all");
  const OpenOptions& open = settings_.client.open;
  const auto far = std::ranges::find_if(endpoints, [&open](const Endpoint& endpoint) {
    return !endpoint.tls && (open.proxy || !is_loopback(open.connect_to.value_or(endpoint)));
  });
  if (settings_.client.session.password && far != endpoints.end())
    warn(fmt::format("the password goes to {} without TLS: anybody on the way can read it", far->text()));
}

// Nothing is waited for any more.
void ClientProgram::stop_now() {
  out_of_patience_ = true;
  loop_.stop();
}

void ClientProgram::on_signal(int number) {
  Watchdog::loop_turned();
  if (signal_ != 0) {  // the second one means now
    client_.abandon();
    return stop_now();
  }
  signal_ = number;
  last_moment_.set(loop_.now() + drain_time, [this] {
    client_.abandon();
    stop_now();
  });
  on_interrupt();
  // Nobody has accepted anything from us that would have to be finished.
  if (!client_.established() && !client_.ended()) {
    client_.abandon();
    stop_now();
  }
}

void ClientProgram::on_deadline() {
  Watchdog::loop_turned();
  time_is_up_ = true;
  // All is done but the server's half of the goodbye.
  if (ending_ && (owed_ || client_.session().output_size() == 0)) return stop_now();
  const bool answered = client_.session().connected();
  if (Manner* const manner = settings_.log.manner) {
    owed_ = manner->exit_after_time_limit(client_.established());
    return answered ? end_hurried() : stop_now();
  }
  std::string what = fmt::format("timed out after {:g} s: ", seconds(*settings_.timeout));
  if (!answered && !client_.established())
    what.append("no connection to ").append(client_.server().text());
  else
    what.append(missing());
  if (const auto wrong = time_up({ErrorKind::timeout, std::move(what), 0, {}})) fail_with(*wrong);
  if (!answered) return stop_now();
  end_hurried();
}

void ClientProgram::end_hurried() {
  end();
  last_moment_.set(loop_.now() + goodbye_time, [this] { stop_now(); });
}

void ClientProgram::say_unacknowledged() const {
  const std::size_t count = client_.session().unacknowledged();
  if (count > 0) warn(fmt::format("{} message{} not acknowledged", count, count == 1 ? " was" : "s were"));
}

Result<void> ClientProgram::load_session() {
  if (settings_.session_file.empty()) return {};
  std::error_code ignored;
  if (!std::filesystem::exists(settings_.session_file, ignored)) return {};
  auto bytes = read_file(settings_.session_file, largest_session_file);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  auto restored = client_.restore(*bytes, wall_seconds());
  if (!restored)
    return fail(ErrorKind::usage, fmt::format("{}: {}", settings_.session_file, restored.error().text), 0,
                "remove the file to begin a new session");
  return restored;
}

Result<void> ClientProgram::save_session() const {
  // What was broken off is to look as after a crash: the session knows of messages that nobody has.
  if (settings_.session_file.empty() || !client_.established() || broken_off_) return {};
  return write_file_atomically(settings_.session_file, client_.session().save(client_.now(), wall_seconds()));
}

}  // namespace mq
