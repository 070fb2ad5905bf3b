#include "shared/shell_question.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "shared/bash_line.hpp"
#include "shared/common_options.hpp"
#include "shared/file.hpp"
#include "shared/quantities.hpp"
#include "shared/secrets.hpp"
#include "shared/settings.hpp"
#include "shared/topic_steps.hpp"
#include "shared/topic_survey.hpp"
#include "shared/watchdog.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t longest_line = 1U << 20;
constexpr std::size_t most_candidates = 1'000;
constexpr std::uint32_t largest_packet = 1U << 20;
constexpr Duration usual_limit = 1s;
constexpr Duration longest_limit = 60s;

// Each ends with NUL.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Duration limit_of(const std::string& text) {
  if (text.empty()) return usual_limit;
  return std::min(parse_seconds(text).value_or(Duration::zero()), longest_limit);
}

// A variable or a command that the shell would put something in the place of, which is not known here.
bool is_unknown(std::string_view text) { return text.starts_with('$') || text.starts_with('`'); }

bool has_unknown(const ClientConfig& client) {
  const SessionConfig& session = client.session;
  return is_unknown(session.user_name.value_or("")) || is_unknown(session.password.value_or("")) ||
         std::ranges::any_of(client.endpoints, is_unknown, &Endpoint::host);
}

// Nothing of what would disturb a client that runs with the same options, or leave something behind.
void make_harmless(ConnectionSettings& settings) {
  SessionConfig session;
  session.version = settings.client.session.version;
  session.user_name = settings.client.session.user_name;
  session.password = settings.client.session.password;
  settings.client.session = std::move(session);
  settings.client.retry = {};
  settings.client.reauthenticate_every.reset();
  settings.client.tls.key_log.clear();
  settings.session_file.clear();
  settings.disconnect_properties = {};
  settings.needs_v5.reset();
}

// What would be too much for a moment is better not sent at all.
bool bound_packets(SessionConfig& session) {
  return session.version != Version::v5 ||
         session.properties.add(PropertyId::maximum_packet_size, largest_packet).has_value();
}

}  // namespace

std::string_view ShellQuestion::option_part() const {
  const std::string_view word = words.empty() ? std::string_view() : words.back();
  if (!word.starts_with('-') || word.size() < 2) return {};
  if (word[1] != '-') return word.substr(0, 2);
  const std::size_t mark = word.find('=');
  return mark == word.npos ? std::string_view() : word.substr(0, mark + 1);
}

std::string_view ShellQuestion::typed() const {
  if (words.empty()) return {};
  return std::string_view(words.back()).substr(option_part().size());
}

bool is_shell_question(std::span<const char* const> arguments) {
  return arguments.size() == 3 && std::string_view(arguments[0]) == "--complete";
}

ShellQuestion read_shell_question(std::span<const char* const> arguments, std::size_t leading,
                                  const std::string& limit_text) {
  ShellQuestion question{.limit = limit_of(limit_text)};
  const auto input = read_all(STDIN_FILENO, "standard input", longest_line);
  if (!input) return question;
  question.words = parts_of(*input);
  if (std::string_view(arguments[1]) == "bash") {
    if (question.words.size() != 2) return question;
    BashLine line = read_bash_line(question.words[0], question.words[1]);
    question.words = std::move(line.words);
    question.quote = line.quote;
    question.kept = line.kept;
    question.for_bash = true;
  }
  if (question.words.size() <= leading) return question;
  question.words.erase(question.words.begin(), question.words.begin() + static_cast<std::ptrdiff_t>(leading));
  const std::string_view what = arguments[2];
  if (what == "topics") question.what = ShellQuestion::What::topics;
  if (what == "profiles") question.what = ShellQuestion::What::profiles;
  return question;
}

std::vector<std::string> profiles_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::filesystem::path& path = entry->path();
    std::string name = path.stem().string();
    if (path.extension() == ".conf" && !name.starts_with('.') && is_showable(name))
      names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

std::string shell_answer(const ShellQuestion& question, const std::vector<std::string>& candidates) {
  std::string text;
  for (const std::string& candidate : candidates) {
    if (!candidate.starts_with(question.typed())) continue;
    if (question.for_bash) {
      const std::string word = std::string(question.option_part()).append(candidate);
      text.append(
          bash_quoted(std::string_view(word).substr(std::min(question.kept, word.size())), question.quote));
    } else {
      text.append(candidate);
    }
    text.push_back('\n');
  }
  return text;
}

std::string topics_for_shell(const ShellQuestion& question, ConnectionSettings& settings) {
  const std::string filter = filter_for_steps(question.typed());
  if (question.limit <= Duration::zero() || filter.empty()) return {};
  settings.log = {.quiet = true};
  Watchdog::begin(question.limit, settings.log);
  make_harmless(settings);
  if (!finish(settings) || has_unknown(settings.client) || would_ask(settings) || !read_secrets(settings) ||
      !bound_packets(settings.client.session))
    return {};
  const auto topics = survey_topics(settings.client, filter, Watchdog::enter_loop());
  Watchdog::loop_turned();
  return shell_answer(question, topic_steps(topics, question.typed(), most_candidates));
}

}  // namespace mq
