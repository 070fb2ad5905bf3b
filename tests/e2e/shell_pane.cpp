#include "e2e/shell_pane.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view prompt = "ready> ";

std::string folder_of_programs() { return std::filesystem::path(MQTT_SUB).parent_path().string(); }

// Completions as `cmake --install` lays them under share/.
void lay_out(const TempDir& home) {
  const std::string source = MQTTKIT_SOURCE_DIR "/completions/";
  const std::string share = home.file("share/");
  for (const char* folder : {"bash-completion", "zsh", "fish"})
    std::filesystem::create_directories(share + folder);
  std::filesystem::create_directory_symlink(source + "bash", share + "bash-completion/completions");
  std::filesystem::create_directory_symlink(source + "zsh", share + "zsh/vendor-completions");
  std::filesystem::create_directory_symlink(source + "fish", share + "fish/vendor_completions.d");
}

// What the shell is started with: `script` is read first, or given as a command.
Arguments command_of(ShellPane::Shell shell, const TempDir& home) {
  switch (shell) {
    case ShellPane::Shell::bash:
      home.write("rc", "PS1='ready> '\n. /usr/share/bash-completion/bash_completion\n");
      return {"bash", "--noprofile", "--rcfile", home.file("rc")};
    case ShellPane::Shell::zsh:
      home.write(
          ".zshrc",
          "PROMPT='ready> '\nsetopt interactive_comments no_global_rcs\n"
          "fpath=($HOME/share/zsh/vendor-completions $fpath)\nautoload -Uz compinit\ncompinit -u -D\n");
      return {"zsh", "-i"};
    case ShellPane::Shell::fish:
      return {"fish", "-C",
              "set -g fish_greeting; set -g fish_autosuggestion_enabled 0; "
              "function fish_prompt; echo -n 'ready> '; end"};
  }
  return {};
}

}  // namespace

ShellPane::ShellPane(Shell shell) {
  lay_out(home_);
  Arguments arguments{"-f", "/dev/null", "new-session", "-d",         "-x",  "150",
                      "-y", "50",        "-c",          home_.path(), "env", "-i"};
  arguments.push_back("HOME=" + home_.path());
  arguments.push_back("XDG_CONFIG_HOME=" + home_.path());
  arguments.push_back("XDG_DATA_HOME=" + home_.file("data"));
  arguments.push_back("XDG_DATA_DIRS=" + home_.file("share") + ":/usr/share");
  arguments.push_back("PATH=" + folder_of_programs() + ":/usr/bin:/bin");
  arguments.emplace_back("TERM=screen");
  arguments.emplace_back("LANG=C.UTF-8");
  for (std::string& word : command_of(shell, home_)) arguments.push_back(std::move(word));
  if (const Outcome started = tmux(std::move(arguments)); started.code != 0)
    throw PeerFailure("tmux did not start: " + started.err);
  await(prompt);
}

ShellPane::~ShellPane() {
  try {
    tmux({"kill-server"});
  } catch (const PeerFailure&) {  // it has ended by itself
  }
}

Outcome ShellPane::tmux(Arguments arguments) const {
  arguments.insert(arguments.begin(), {"tmux", "-S", home_.file("tmux")});
  return run({.command = std::move(arguments), .environment = {{"TMUX", std::nullopt}, {"LANG", "C.UTF-8"}}});
}

void ShellPane::type(std::string_view text) { tmux({"send-keys", "-l", "--", std::string(text)}); }

void ShellPane::press(const std::string& key) { tmux({"send-keys", key}); }

std::string ShellPane::screen() const { return tmux({"capture-pane", "-p", "-J"}).out; }

bool ShellPane::shows(std::string_view text, Duration limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    const bool last = std::chrono::steady_clock::now() >= end;
    if (screen().contains(text)) return true;
    if (last) return false;
    std::this_thread::sleep_for(50ms);  // tmux does not tell of what is new
  }
}

void ShellPane::await(std::string_view text, Duration limit) {
  if (!shows(text, limit))
    throw PeerFailure("the screen does not show '" + std::string(text) + "':\n" + screen());
}

void ShellPane::complete(std::string_view line, std::string_view text) {
  constexpr int tries = 6;
  for (int i = 0; i < tries; ++i) {
    press("C-u");
    press("C-l");
    type(line);
    await(line);
    press("Tab");
    if (shows(text, 5s)) return;
  }
  throw PeerFailure("Tab behind '" + std::string(line) + "' does not make it '" + std::string(text) + "':\n" +
                    screen());
}

bool have_shells() {
  for (const char* name : {"tmux", "bash", "zsh", "fish"}) {
    if (!find_program(name).empty()) continue;
    if (std::getenv("CI") != nullptr) throw PeerFailure(std::string("there is no ") + name);
    std::cerr << "SKIPPED: there is no " << name << '\n';
    return false;
  }
  if (std::filesystem::exists("/usr/share/bash-completion/bash_completion")) return true;
  if (std::getenv("CI") != nullptr) throw PeerFailure("there is no bash-completion");
  std::cerr << "SKIPPED: there is no bash-completion\n";
  return false;
}

}  // namespace mq
