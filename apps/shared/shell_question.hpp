// What a shell asks while a command line is typed, and what no option row holds: topics that are at the
// server just then, and profiles. The completions that we generate run
//     PROGRAM [COMMAND] --complete SHELL WHAT
// with the words so far on standard input (not as arguments, where everybody could see a password). The
// answer is a line for each candidate, or nothing: no error, no question to the user, and no program started,
// however the words are.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace mq {

struct ConnectionSettings;

struct ShellQuestion {
  enum class What : unsigned char { nothing, topics, profiles };

  What what = What::nothing;
  std::vector<std::string> words{};  // without the program's name and the command's; the last is being typed
  bool for_bash = false;             // which takes candidates as they are to stand on its line
  char quote = '\0';                 // of a shell that wants its words quoted: open in the last one
  std::size_t kept = 0;              // of the last word, as in BashLine
  Duration limit{};                  // of looking for topics

  // The value that is being typed, and what stands in front of it in the last word ("--topic=", "-t").
  std::string_view typed() const;
  std::string_view option_part() const;
};

// Whether the arguments are such a question.
bool is_shell_question(std::span<const char* const> arguments);

// Reads standard input. `leading` is how many words are names: 1 for a program, 2 with its command.
// `limit_text` is $MQTTKIT_COMPLETE_TOPICS: how many seconds topics are looked for at most; empty: one; what
// is no such number: none.
ShellQuestion read_shell_question(std::span<const char* const> arguments, std::size_t leading,
                                  const std::string& limit_text);

// The names of the profiles in a folder.
std::vector<std::string> profiles_in(const std::string& folder);

// What is printed of the candidates: those that the value may become, each on a line.
std::string shell_answer(const ShellQuestion& question, const std::vector<std::string>& candidates);

// Connects with the settings that the words amount to, if that needs neither a person nor a program, and
// answers with topics. As a client of its own: with no identifier, will or session that the words name.
std::string topics_for_shell(const ShellQuestion& question, ConnectionSettings& settings);

}  // namespace mq
