// docs/moving.md: what stands there for other tools' commands is what the programs understand. No server
// answers, so that each comes to its end: with no connection, not with a wrong command line.
#include <doctest/doctest.h>

#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "e2e/man_page.hpp"
#include "peers/file_handle.hpp"
#include "shared/exit_code.hpp"

using namespace mq;

namespace {

// The commands of ours in the right columns of the tables.
std::vector<std::string> commands_in(const std::string& file) {
  std::ifstream in(MQTTKIT_SOURCE_DIR "/" + file);
  REQUIRE_MESSAGE(in, "missing: ", file);
  const std::regex command("`(mqtt-(pub|sub|rr|bench) [^`]*)`");
  std::vector<std::string> commands;
  for (std::string line; std::getline(in, line);) {
    const std::size_t right = line.find(" | ");
    if (!line.starts_with("| ") || right == line.npos) continue;
    const std::string ours = line.substr(right);
    for (std::sregex_iterator at(ours.begin(), ours.end(), command), end; at != end; ++at)
      commands.push_back((*at)[1]);
  }
  return commands;
}

}  // namespace

TEST_CASE("every command that docs/moving.md names is one") {
  const FileHandle refusing = bind_loopback();
  const ReadersShell shell(port_of(refusing));
  shell.home().write("photo.jpg", "a photo");
  shell.home().write("more-bench",
                     "set -- \"$@\" -c 1 -d 0.2 --drain 0.2 --no-progress\n"
                     "case $* in *:9100*) set -- \"$@\" --metrics 127.79.$(($$ / 256 % 256)).$(($$ % 254 + "
                     "1)):9100 ;; esac\n");
  const std::vector<std::string> commands = commands_in("docs/moving.md");
  CHECK(commands.size() > 35);
  for (const std::string& command : commands) {
    CAPTURE(command);
    const Outcome outcome = run(shell.launch(command + " < /dev/null"));
    CAPTURE(outcome.err);
    if (command.starts_with("mqtt-bench"))
      CHECK(outcome.code != exit_usage);
    else
      CHECK(outcome.code == exit_connect);
  }
}
