#include "shared/secrets.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <expected>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "base/wipe.hpp"
#include "client/authentication.hpp"
#include "shared/core_dump.hpp"
#include "shared/file.hpp"
#include "shared/store.hpp"
#include "shared/watchdog.hpp"

namespace mq {
namespace {

constexpr std::uint64_t longest = 65'535;  // bytes that MQTT's password field can carry

std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Result<std::string> from_file(const std::string& path) {
  Watchdog::waits_for("the password file has not come to its end");
  auto text =
      path == "-" ? read_all(STDIN_FILENO, "standard input", longest + 2) : read_file(path, longest + 2);
  if (!text) return usage(fmt::format("password: {}", text.error().text));
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  return text;
}

struct Command {
  pid_t process;
  int output;
};

std::atomic<pid_t> command_process = 0;

void end_command() { ::kill(command_process, SIGTERM); }

// Or the error's number. As popen(3), which does not say whom it started. The command's standard input is
// not ours: that is for messages.
std::expected<Command, int> start_command(const std::string& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(errno);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string text = command;
  const std::array<char*, 4> arguments{shell.data(), flag.data(), text.data(), nullptr};
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  pid_t process = 0;
  const int error = ::posix_spawn(&process, "/bin/sh", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  command_process = process;
  if (error == 0) return Command{process, ends[0]};
  ::close(ends[0]);
  return std::unexpected(error);
}

Result<std::string> from_command(const std::string& command) {
  const auto started = start_command(command);
  if (!started)
    return usage(fmt::format("the password command can't be run: {}", system_error(started.error())));
  Watchdog::waits_for("the password command has not ended");
  Watchdog::before_the_end(end_command);
  auto text = read_all(started->output, "the password command", longest + 2);
  ::close(started->output);
  int status = 0;
  while (::waitpid(started->process, &status, 0) < 0 && errno == EINTR) {
  }
  Watchdog::before_the_end(nullptr);
  if (status != 0) {
    return usage(WIFEXITED(status)
                     ? fmt::format("the password command ended with status {}", WEXITSTATUS(status))
                     : std::string("the password command was killed"));
  }
  if (!text) return usage(text.error().text);
  return first_line(std::move(*text));
}

// For a handler: what stands when the process ends while it waits.
struct ToPutBack {
  int terminal = -1;
  termios before{};
};
ToPutBack to_put_back;

void put_back() { ::tcsetattr(to_put_back.terminal, TCSAFLUSH, &to_put_back.before); }

// The terminal without echo, and as it was at the end.
class SilentTerminal {
 public:
  explicit SilentTerminal(int descriptor) : descriptor_(descriptor) {
    if (::tcgetattr(descriptor, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    to_put_back = {descriptor, before_};
    Watchdog::before_the_end(put_back);
    changed_ = ::tcsetattr(descriptor, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  bool is_silent() const { return changed_; }
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    Watchdog::before_the_end(nullptr);
  }

 private:
  int descriptor_;
  termios before_{};
  bool changed_ = false;
};

volatile std::sig_atomic_t interrupted = 0;  // the number of the signal

void note_signal(int number) { interrupted = number; }

// A signal that comes meanwhile ends the reading, and is raised again once the terminal is as it was.
class SignalsNoted {
 public:
  SignalsNoted() {
    struct sigaction noting{};
    noting.sa_handler = note_signal;  // without SA_RESTART
    for (std::size_t i = 0; i < numbers.size(); ++i) ::sigaction(numbers[i], &noting, &before_[i]);
  }
  SignalsNoted(const SignalsNoted&) = delete;
  SignalsNoted& operator=(const SignalsNoted&) = delete;
  ~SignalsNoted() {
    for (std::size_t i = 0; i < numbers.size(); ++i) ::sigaction(numbers[i], &before_[i], nullptr);
  }

 private:
  static constexpr std::array numbers{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  std::array<struct sigaction, numbers.size()> before_{};
};

// Of a file that TLS will want too: what a pipe gives it gets from us.
Result<Buffer> look_into(TlsOptions& tls, const std::string& path) {
  const auto known = std::ranges::find(tls.contents, path, &std::pair<std::string, Buffer>::first);
  if (known != tls.contents.end()) return known->second;
  constexpr std::uint64_t largest = 32U << 20;
  Watchdog::waits_for("the file of the key has not come to its end");
  auto content = read_file(path, largest);
  struct stat status{};
  if (content && ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    tls.contents.emplace_back(path, *content);
  return content;  // what is wrong with it, TLS says better
}

// Whether the key can't be used without a password: the one question that TLS would put too late to ask back.
bool needs_password(TlsOptions& tls) {
  const std::string& key = tls.key.empty() ? tls.certificate : tls.key;
  if (key.starts_with("pkcs11:")) return !key.contains("pin-value=") && !key.contains("pin-source=");
  if (key.empty()) return false;
  const auto text = look_into(tls, key);
  return text && text->contains("-----BEGIN") && text->contains("ENCRYPTED");
}

// A PKCS#12 file may have one: asked for where there is somebody to ask.
bool may_need_password(TlsOptions& tls) {
  if (!tls.key.empty() || tls.certificate.empty() || tls.certificate.starts_with("pkcs11:")) return false;
  const auto bytes = look_into(tls, tls.certificate);
  return bytes && bytes->starts_with('\x30');  // DER's sequence
}

Result<void> read_key_password(ConnectionSettings& settings) {
  TlsOptions& tls = settings.client.tls;
  if (!settings.secrets.key_password_file.empty()) {
    auto read = from_file(settings.secrets.key_password_file);
    if (!read) return std::unexpected(std::move(read.error()));
    tls.key_password = std::move(*read);
  }
  if (!tls.key_password && may_need_password(tls) && ::isatty(STDIN_FILENO) != 0) {
    auto typed = ask("Password of the PKCS#12 file: ");
    if (!typed) return std::unexpected(std::move(typed.error()));
    tls.key_password = std::move(*typed);
  }
  const bool asked = !tls.key_password && std::ranges::any_of(settings.client.endpoints, &Endpoint::tls) &&
                     needs_password(tls);
  if (!asked) return {};
  auto typed = ask("Password of the key: ");
  if (!typed)
    return usage("the key is encrypted, no password was given, and there is no terminal to ask for it",
                 "give it with --key-password-file");
  tls.key_password = std::move(*typed);
  return {};
}

// A file of which the end is there already; none is as good.
bool is_at_hand(const std::string& path) {
  struct stat status{};
  return path.empty() || (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode));
}

Result<void> read_authentication(ConnectionSettings& settings) {
  SessionConfig& session = settings.client.session;
  if (!settings.auth_method) {
    if (settings.auth_data) return usage("--auth-data needs --auth-method");
    return settings.client.reauthenticate_every ? usage("--reauthenticate needs --auth-method")
                                                : Result<void>();
  }
  session.properties.remove(PropertyId::authentication_method);
  if (auto added = session.properties.add(PropertyId::authentication_method, *settings.auth_method); !added)
    return added;
  if (settings.auth_method->starts_with("SCRAM-")) {
    if (settings.auth_data) return usage("--auth-data has no meaning for SCRAM, which makes its own");
    if (!session.user_name || !session.password)
      return usage(fmt::format("{} needs a user name and a password", *settings.auth_method),
                   "give -u and -P");
    settings.client.authentication = scram(*settings.auth_method, *session.user_name, *session.password);
    if (!settings.client.authentication)
      return usage(fmt::format("{} is not known", quoted(*settings.auth_method)),
                   "SCRAM-SHA-256 and SCRAM-SHA-512 are");
    // They are proved, not sent.
    session.user_name.reset();
    wipe(*session.password);
    session.password.reset();
    return {};
  }
  if (settings.client.reauthenticate_every)
    return usage("--reauthenticate is for SCRAM: nothing else has an exchange to begin anew");
  if (!settings.auth_data) return {};
  std::string data = *settings.auth_data;
  if (data.starts_with('@')) {
    auto read = from_file(data.substr(1));
    if (!read) return std::unexpected(std::move(read.error()));
    data = std::move(*read);
  }
  session.properties.remove(PropertyId::authentication_data);
  return session.properties.add(PropertyId::authentication_data, data);
}

}  // namespace

bool would_ask(ConnectionSettings& settings) {
  const SecretSources& sources = settings.secrets;
  TlsOptions& tls = settings.client.tls;
  if (!sources.password_command.empty() || sources.ask_password) return true;
  // What a token asks for, and on what, is its library's affair.
  if (tls.certificate.starts_with("pkcs11:") || tls.key.starts_with("pkcs11:")) return true;
  const std::string data = settings.auth_data.value_or("");
  for (const std::string& path :
       {sources.password_file, sources.key_password_file, tls.ca_file, tls.revocations, tls.certificate,
        tls.key, data.starts_with('@') ? data.substr(1) : std::string()})
    if (!is_at_hand(path)) return true;
  const bool given = tls.key_password || !sources.key_password_file.empty();
  return !given && (needs_password(tls) || may_need_password(tls));
}

Result<std::string> ask(std::string_view prompt) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0)
    return usage("there is no terminal to ask for the password", "give it by a file or command");
  Watchdog::waits_for("no password was typed");
  std::string typed;
  bool answered = false;
  interrupted = 0;
  {
    const SignalsNoted noted;
    const SilentTerminal silent(terminal);
    if (!silent.is_silent()) {
      ::close(terminal);
      return usage("the terminal can't be kept from showing the password", "give it by a file or command");
    }
    (void)!::write(terminal, prompt.data(), prompt.size());
    for (char c = 0; interrupted == 0 && typed.size() <= longest && ::read(terminal, &c, 1) == 1;) {
      answered = c == '\n';
      if (answered) break;
      typed += c;
    }
  }
  ::close(terminal);
  if (interrupted != 0) std::raise(static_cast<int>(interrupted));
  if (!answered) return usage("no password was typed");
  return typed;
}

Result<void> read_secrets(ConnectionSettings& settings) {
  if (holds_secret(settings)) leave_memory_out_of_core_dumps();
  const SecretSources& sources = settings.secrets;
  std::optional<std::string>& password = settings.client.session.password;
  if (!sources.password_file.empty()) {
    auto read = from_file(sources.password_file);
    if (!read) return std::unexpected(std::move(read.error()));
    password = std::move(*read);
  } else if (!sources.password_command.empty()) {
    auto read = from_command(sources.password_command);
    if (!read) return std::unexpected(std::move(read.error()));
    password = std::move(*read);
  } else if (sources.ask_password) {
    auto typed = ask("Password: ");
    if (!typed) return std::unexpected(std::move(typed.error()));
    password = std::move(*typed);
  }
  if (auto read = read_key_password(settings); !read) return read;
  if (password && password->size() > longest) return usage("the password is longer than 65535 bytes");
  return read_authentication(settings);
}

void forget_password(ConnectionSettings& settings) {
  if (settings.client.session.password) wipe(*settings.client.session.password);
  settings.client.session.password.reset();
  settings.secrets.password_file.clear();
  settings.secrets.password_command.clear();
  settings.secrets.ask_password = false;
}

void forget_key_password(ConnectionSettings& settings) {
  if (settings.client.tls.key_password) wipe(*settings.client.tls.key_password);
  settings.client.tls.key_password.reset();
  settings.secrets.key_password_file.clear();
}

std::string_view secret_part(const OptionRow& row, const std::vector<std::string>& values) {
  const std::string_view value = values[0];
  if (row.name == "property") {
    const bool data = values.size() > 2 && values[1] == "authentication-data";
    return data ? std::string_view(values[2]) : std::string_view();
  }
  if (row.name == "cert" || row.name == "key") {
    constexpr std::string_view pin = "pin-value=";
    const std::size_t at = value.find(pin);
    if (at == value.npos) return {};
    const std::size_t from = at + pin.size();
    return value.substr(from, value.find_first_of("&;", from) - from);
  }
  if (!row.secret) return {};
  if (row.value != "URL") return value;
  const std::size_t mark = value.find("://");
  const std::size_t from = mark == value.npos ? 0 : mark + 3;
  const std::string_view authority = value.substr(from, value.find('/', from) - from);
  const std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at == authority.npos || colon >= at) return {};
  return authority.substr(colon + 1, at - colon - 1);
}

void hide_secrets(std::span<char*> arguments, const std::vector<ShownSecret>& secrets) {
  for (const ShownSecret& secret : secrets) {
    for (char* argument : arguments) {
      // Alone, or behind its option: "--password=...", "-Psesame".
      const std::string_view whole(argument);
      if (!whole.ends_with(secret.value) || (whole.size() > secret.value.size() && whole[0] != '-')) continue;
      std::memset(argument + (whole.size() - secret.value.size()) + secret.at, 'x', secret.size);
    }
  }
}

}  // namespace mq
