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

std::vector<std::string> lines_of(const std::string& file, std::string_view start) {
  std::ifstream in(MQTTKIT_SOURCE_DIR "/" + file);
  REQUIRE_MESSAGE(in, "missing: ", file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(start)) lines.push_back(line.substr(line.find_first_not_of(" #")));
  return lines;
}

ReadersShell::ReadersShell(std::uint16_t port) {
  std::filesystem::create_directory(home_.file("bin"));
  for (const auto& [name, program] : {std::pair("mqtt-pub", pub(Arguments{})),
                                      {"mqtt-sub", sub(Arguments{})},
                                      {"mqtt-rr", rr(Arguments{})}}) {
    const std::string path =
        home_.write(std::string("bin/") + name,
                    "#!/bin/sh\n[ -z \"$PID\" ] || echo $$ > \"$PID\"\nexec " + program.command.front() +
                        " \"$@\" --connect-to 127.0.0.1:" + std::to_string(port) + "\n");
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
  }
  // Of mqtt-bench's commands some connect nowhere. A script named MORE may change what it is told.
  const std::string bench =
      home_.write("bin/mqtt-bench",
                  "#!/bin/sh\n[ ! -e \"$HOME/more\" ] || . \"$HOME/more\"\ncase $1 in\n"
                  "  compare | report | sink) exec " MQTT_BENCH " \"$@\" ;;\nesac\nexec " MQTT_BENCH
                  " \"$@\" --connect-to 127.0.0.1:" +
                      std::to_string(port) + "\n");
  REQUIRE(::chmod(bench.c_str(), 0755) == 0);
  std::filesystem::create_symlink(MQTT_BRIDGE, home_.file("bin/mqtt-bridge"));
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
    if (name == "HOME") value = home_.path();
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
