#include "e2e/man_page.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <csignal>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace mq {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// A line of roff without its escapes.
std::string as_shown(std::string line) {
  for (const auto& [from, to] : {std::pair("\\-", "-"),
                                 {"\\(aq", "'"},
                                 {"\\(dq", "\""},
                                 {"\\(ha", "^"},
                                 {"\\(ti", "~"},
                                 {"\\&", ""},
                                 {"\\e", "\\"}})
    replace_all(line, from, to);
  return line;
}

}  // namespace

std::vector<std::string> examples_of(const std::string& page) {
  std::ifstream file(MQTTKIT_SOURCE_DIR "/man/" + page);
  REQUIRE_MESSAGE(file, "missing: ", page);
  std::vector<std::string> examples;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == ".EX") {
      inside = true;
      examples.emplace_back();
    } else if (line == ".EE") {
      inside = false;
    } else if (inside) {
      examples.back() += as_shown(line) + '\n';
    }
  }
  return examples;
}

std::vector<std::string> blocks_of(const std::string& file) {
  std::ifstream in(MQTTKIT_SOURCE_DIR "/" + file);
  REQUIRE_MESSAGE(in, "missing: ", file);
  std::vector<std::string> blocks;
  std::string heading;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (inside && line == "```")
      inside = false;
    else if (inside)
      blocks.back() += line + '\n';
    else if (line.starts_with("#"))
      heading = "# " + line.substr(line.find(' ') + 1) + '\n';
    else if (line == "```sh")
      inside = !blocks.emplace_back(heading).empty();
  }
  return blocks;
}

std::vector<std::string> lines_of(const std::string& file, std::string_view start) {
  std::ifstream in(MQTTKIT_SOURCE_DIR "/" + file);
  REQUIRE_MESSAGE(in, "missing: ", file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(start)) lines.push_back(line.substr(line.find_first_not_of(" #")));
  return lines;
}

// What the scripts of programs have in common: who can be interrupted, a change of the arguments, and where
// the server is. The variable `named` is the host that the arguments name, if it is one of put().
std::string ReadersShell::script_for(const std::string& name, const std::string& rest) const {
  return "#!/bin/sh\n[ -z \"$PID\" ] || echo $$ > \"$PID\"\n"
         "[ ! -e \"$HOME/more-" +
         name + "\" ] || . \"$HOME/more-" + name +
         "\"\n"
         "to=127.0.0.1:" +
         std::to_string(port_) +
         "\n"
         "for host in \"$HOME\"/.hosts/*; do\n"
         "  case \" $* \" in *[\\ /]\"${host##*/}\"[\\ /]*) read -r to < \"$host\" ;; esac\ndone\n" +
         rest;
}

ReadersShell::ReadersShell(std::uint16_t port) : port_(port) {
  std::filesystem::create_directory(home_.file("bin"));
  std::filesystem::create_directory(home_.file(".hosts"));
  const auto install = [this](const std::string& name, const std::string& rest) {
    const std::string path = home_.write("bin/mqtt-" + name, script_for(name, rest));
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
  };
  const std::string connected = " \"$@\" --connect-to \"$to\"\n";
  install("pub", "exec " + pub(Arguments{}).command.front() + connected);
  install("sub", "exec " + sub(Arguments{}).command.front() + connected);
  install("rr", "exec " + rr(Arguments{}).command.front() + connected);
  // Of mqtt-bench's commands some connect nowhere.
  install("bench", "case $1 in compare | report | sink) exec " MQTT_BENCH
                   " \"$@\" ;; esac\n"
                   "exec " MQTT_BENCH +
                       connected);
  // A bridge has several servers, and no TLS here.
  install("bridge",
          "for word; do\n  shift\n  case $word in mqtt://* | mqtts://*)\n    to=127.0.0.1:" +
              std::to_string(port_) +
              "\n    [ ! -e \"$HOME/.hosts/${word#*//}\" ] || read -r to < \"$HOME/.hosts/${word#*//}\"\n"
              "    word=mqtt://$to ;;\n  esac\n  set -- \"$@\" \"$word\"\ndone\nexec " MQTT_BRIDGE
              " \"$@\"\n");
}

void ReadersShell::put(const std::string& host, std::uint16_t port) const {
  home_.write(".hosts/" + host, "127.0.0.1:" + std::to_string(port) + "\n");
}

void ReadersShell::interrupt() const {
  std::ifstream file(home_.file("pid"));
  pid_t pid = 0;
  file >> pid;
  REQUIRE(pid > 0);
  REQUIRE(::kill(pid, SIGINT) == 0);
}

Launch ReadersShell::launch_interruptible(const std::string& script) const {
  Launch launched = launch(script);
  launched.environment.emplace_back("PID", home_.file("pid"));
  return launched;
}

Launch ReadersShell::launch(const std::string& script) const {
  Launch launched = sub(Arguments{});
  launched.command = {"sh", "-c", "cd \"$HOME\" && PATH=\"$HOME/bin:$PATH\"\n" + script};
  for (auto& [name, value] : launched.environment)
    if (name == "HOME")
      value = home_.path();
    else if (name == "XDG_CONFIG_HOME")
      value = std::nullopt;
  return launched;
}

std::string ReadersShell::run(const std::string& script) const {
  const Outcome outcome = mq::run(launch(script));
  CAPTURE(script);
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
  return outcome.out;
}

}  // namespace mq
