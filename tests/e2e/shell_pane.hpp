// A shell that somebody types into, seen as on a screen: bash, zsh or fish in a pane of a tmux server of its
// own, without its user's configuration, with the programs under test in its PATH and their completions where
// an installation puts them.
#pragma once

#include <string>
#include <string_view>

#include "e2e/programs.hpp"
#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

class ShellPane {
 public:
  enum class Shell { bash, zsh, fish };

  explicit ShellPane(Shell shell);
  ~ShellPane();
  ShellPane(const ShellPane&) = delete;
  ShellPane& operator=(const ShellPane&) = delete;

  void type(std::string_view text);
  void press(const std::string& key);  // as tmux calls it: "Tab", "Enter", "C-u"
  std::string screen() const;
  // Waits until the screen holds the text; throws the screen instead when the limit comes first.
  void await(std::string_view text, Duration limit = patience);

  // Types `line` on an empty line, presses Tab and waits for `text`; again where the server or the machine
  // were too slow for what a completion may take.
  void complete(std::string_view line, std::string_view text);

  // Its home, which is its working directory too.
  const TempDir& home() const { return home_; }

 private:
  Outcome tmux(Arguments arguments) const;
  bool shows(std::string_view text, Duration limit) const;

  TempDir home_;
};

// Whether tmux and the shells are there. If not, it says SKIPPED on stderr, and throws where CI is set in the
// environment.
bool have_shells();

}  // namespace mq
