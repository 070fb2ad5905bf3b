// Help, manual pages and completions: that what the repository holds is what the rows say (scripts/generate
// rewrites it), and that the tools which read it accept it.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "bench/commands.hpp"
#include "bridge/options.hpp"
#include "command_lines.hpp"
#include "shared/help.hpp"
#include "shared/man.hpp"

namespace mq {
namespace {

const std::string root = MQTTKIT_SOURCE_DIR "/";

std::string contents(const std::string& path) {
  std::ifstream file(root + path, std::ios::binary);
  REQUIRE_MESSAGE(file, "missing: ", path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What the program answers to these arguments.
std::string answer(std::string_view program, test::Arguments arguments) {
  std::optional<std::string> text;
  if (program == "mqtt-pub") {
    text = test::pub(std::move(arguments)).value().connection.answer;
  } else if (program == "mqtt-sub") {
    text = test::sub(std::move(arguments)).value().connection.answer;
  } else if (program == "mqtt-bench") {
    arguments.insert(arguments.begin(), "mqtt-bench");
    const auto nothing_set = [](const char*) -> const char* { return nullptr; };
    text = parse_bench(static_cast<int>(arguments.size()), arguments.data(), nothing_set).value().answer;
  } else if (program == "mqtt-bridge") {
    arguments.insert(arguments.begin(), "mqtt-bridge");
    const auto nothing_set = [](const char*) -> const char* { return nullptr; };
    text = parse_bridge(static_cast<int>(arguments.size()), arguments.data(), nothing_set)
               .value()
               .connection.answer;
  } else {
    text = test::rr(std::move(arguments)).value().connection.answer;
  }
  REQUIRE(text);
  return *text;
}

// Standard output and standard error of a shell command, and its exit status in the last line.
std::string run(const std::string& command) {
  std::FILE* pipe = ::popen(("{ " + command + "\n} 2>&1; echo \"status $?\"").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 4096> part{};
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe))
    output.append(part.data(), count);
  ::pclose(pipe);
  return output;
}

// Whether a tool that this machine may lack is there; the test says so when it isn't.
bool installed(const std::string& tool) {
  if (run("command -v " + tool).ends_with("status 0\n")) return true;
  MESSAGE("not looked at: ", tool, " is not installed");
  return false;
}

constexpr std::array programs{"mqtt-pub", "mqtt-sub", "mqtt-rr", "mqtt-bench", "mqtt-bridge"};

std::vector<const Program*> all_commands() {
  std::vector<const Program*> all(rr_program().commands.begin(), rr_program().commands.end());
  for (const Program* program : {&bench_program(), &bridge_program()})
    all.insert(all.end(), program->commands.begin(), program->commands.end());
  return all;
}

// Pages and help of every program and command, by the name of the page.
std::map<std::string, std::string> all_pages() {
  std::map<std::string, std::string> pages;
  for (const std::string program : programs) pages[program] = answer(program, {"--generate", "man"});
  for (const Program* command : all_commands())
    pages[page_of(*command)] = man_page(*command, command->rows());
  return pages;
}

std::map<std::string, std::string> all_helps() {
  std::map<std::string, std::string> helps;
  for (const std::string program : programs) helps[program] = answer(program, {"--help"});
  for (const Program* command : all_commands())
    helps[page_of(*command)] = help_text(*command, command->rows());
  return helps;
}

// Everything that its rows may refer to.
struct AllSettings {
  PubSettings pub;
  SubSettings sub;
  RrSettings rr;
  ConnectionSettings bench;
  BridgeSettings bridge;
  General general;
};

OptionRows rows_of(std::string_view program, AllSettings& settings) {
  if (program == "mqtt-pub") return pub_options(settings.pub, settings.general);
  if (program == "mqtt-sub") return sub_options(settings.sub, settings.general);
  if (program == "mqtt-bench") return bench_options(settings.general, settings.bench);
  if (program == "mqtt-bridge") return bridge_options(settings.bridge, settings.general);
  for (const Program* command : all_commands())
    if (page_of(*command) == program) return command->rows();
  return rr_options(settings.rr, settings.general);
}

}  // namespace

TEST_CASE("what is committed is what the rows say") {
  for (const std::string program : programs) {
    CAPTURE(program);
    CHECK(contents("completions/bash/" + program) == answer(program, {"--generate", "bash"}));
    CHECK(contents("completions/zsh/_" + program) == answer(program, {"--generate", "zsh"}));
    CHECK(contents("completions/fish/" + program + ".fish") == answer(program, {"--generate", "fish"}));
  }
  for (const auto& [name, page] : all_pages()) CHECK(contents("man/" + name + ".1") == page);
  for (const auto& [name, help] : all_helps())
    CHECK(contents("tests/shared/golden/" + name + ".help") == help);
}

TEST_CASE("help fits 80 columns and shows every option") {
  for (const auto& [name, help] : all_helps()) {
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= 80);
      CHECK_FALSE(line.ends_with(' '));
    }
    AllSettings settings;
    for (const OptionRow& row : rows_of(name, settings)) {
      CAPTURE(std::string(row.name));
      CHECK(help.find("--" + std::string(row.name)) != help.npos);
    }
  }
}

TEST_CASE("manual pages have no open mark and pass their lint") {
  for (const auto& [name, page] : all_pages()) {
    CAPTURE(name);
    for (const char* mark : {"@COMMANDS@", "@OPTIONS@", "@EXIT_CODES@", "@ENVIRONMENT@", "@VERSION@"}) {
      CHECK(page.find(mark) == page.npos);
    }
    CHECK(page.find("\n.B 143\n") != page.npos);
  }
  if (!installed("mandoc")) return;
  for (const auto& [name, page] : all_pages())
    CHECK(run("mandoc -Tlint " + root + "man/" + name + ".1") == "status 0\n");
  CHECK(run("mandoc -Tlint " + root + "man/*.[57]") == "status 0\n");
}

TEST_CASE("the overview has the exit codes of the programs' pages") {
  const std::string page = contents("man/mqtt-sub.1");
  const std::size_t begin = page.find(".TP\n.B 0\n");
  const std::size_t end = page.find("\n.PP\n", begin);
  REQUIRE(end != page.npos);
  CHECK(contents("man/mqttkit.7").find(page.substr(begin, end - begin)) != std::string::npos);
}

TEST_CASE("bash completes options, values, files and properties") {
  if (!installed("bash")) return;
  struct Row {
    const char* program;
    const char* words;
    const char* expected;
  };
  const Row table[] = {
      {"mqtt-pub", "mqtt-pub --repeat", "--repeat --repeat-delay"},
      {"mqtt-pub", "mqtt-pub -q ''", "0 1 2"},
      {"mqtt-pub", "mqtt-pub -t x -q ''", "0 1 2"},
      {"mqtt-pub", "mqtt-pub --qos = ''", "0 1 2"},
      {"mqtt-pub", "mqtt-pub --qos =", "0 1 2"},
      {"mqtt-pub", "mqtt-pub --qos = 1", "1"},
      {"mqtt-pub", "mqtt-pub -m a : -q ''", "0 1 2"},
      {"mqtt-pub", "mqtt-pub -m --to", ""},
      {"mqtt-pub", "mqtt-pub -D w", "will"},
      {"mqtt-pub", "mqtt-pub -D will will-", "will-delay-interval"},
      {"mqtt-pub", "mqtt-pub --property publish c", "content-type correlation-data"},
      {"mqtt-pub", "mqtt-pub -f apps/pub/set", "apps/pub/settings.hpp"},
      {"mqtt-sub", "mqtt-sub --retain-handling n", "new never"},
      {"mqtt-sub", "mqtt-sub --generate ''", "man bash zsh fish"},
      {"mqtt-sub", "mqtt-sub -D subscribe s", "subscription-identifier"},
      {"mqtt-sub", "mqtt-sub --schema docs/be", "docs/bench-report.schema.json"},
      {"mqtt-sub", "mqtt-sub --payload-map README", "README.md"},
      {"mqtt-rr", "mqtt-rr pi", "ping"},
      {"mqtt-rr", "mqtt-rr --response", "--response-topic"},
      {"mqtt-rr", "mqtt-rr -t pi", ""},
      {"mqtt-rr", "mqtt-rr ping pi", ""},
      {"mqtt-rr", "mqtt-rr ping --inter", "--interval"},
      {"mqtt-rr", "mqtt-rr ping --response", ""},
      {"mqtt-rr", "mqtt-rr -t ping --inter", ""},
      {"mqtt-rr", "mqtt-rr ping --output ''", "text json"},
      {"mqtt-rr", "mqtt-rr ping -D disconnect r", "reason-string"},
      {"mqtt-bench", "mqtt-bench pubs", "pubsub"},
      {"mqtt-bench", "mqtt-bench pubsub --stamp ''", "auto payload property none"},
      {"mqtt-bench", "mqtt-bench run man/mqtt-bench-run.1.i", "man/mqtt-bench-run.1.in"},
      {"mqtt-bench", "mqtt-bench compare --colo", "--color"},
      {"mqtt-bridge", "mqtt-bridge impo", "import"},
      {"mqtt-bridge", "mqtt-bridge --store ''", "disk through memory"},
      {"mqtt-bridge", "mqtt-bridge -c docs/bridge.t", "docs/bridge.toml"},
      {"mqtt-bridge", "mqtt-bridge import --outp", "--output"},
  };
  for (const Row& row : table) {
    CAPTURE(row.words);
    std::string function = std::string("_") + row.program;
    std::ranges::replace(function, '-', '_');
    const std::string script = std::string("cd ") + root + " && . completions/bash/" + row.program +
                               " && COMP_LINE= COMP_POINT=0 && COMP_WORDS=(" + row.words +
                               ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && " + function +
                               "; echo \"${COMPREPLY[*]}\"";
    CHECK(run("bash --norc -uc '" +
              [&] {
                std::string escaped;
                for (const char c : script) escaped.append(c == '\'' ? "'\\''" : std::string(1, c));
                return escaped;
              }() +
              "'") == std::string(row.expected) + "\nstatus 0\n");
  }
  if (!installed("shellcheck")) return;
  for (const std::string program : programs) {
    CHECK(run("shellcheck -s bash " + root + "completions/bash/" + program) == "status 0\n");
  }
}

TEST_CASE("zsh takes the completions") {
  if (!installed("zsh")) return;
  for (const std::string program : programs) {
    CHECK(run("zsh -n " + root + "completions/zsh/_" + program) == "status 0\n");
  }
  // What is offered for a command line, when the last word is to be completed.
  const auto offered = [](const std::string& words) {
    return run("zsh -fc '_arguments() { print -rl -- $words[1] $CURRENT $@ }; words=(" + words +
               "); CURRENT=$#words; . " + root + "completions/zsh/_mqtt-rr'");
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != text.npos; };
  const std::string own = offered("mqtt-rr -t");
  CHECK(own.starts_with("mqtt-rr\n2\n"));
  CHECK(has(own, "\n1::command:((ping\\:\"measure"));
  CHECK(has(own, "--response-topic="));
  CHECK_FALSE(has(own, "--interval="));
  const std::string of_ping = offered("mqtt-rr ping -");
  CHECK(of_ping.starts_with("ping\n2\n"));
  CHECK(has(of_ping, "--interval="));
  CHECK_FALSE(has(of_ping, "--response-topic="));
  CHECK(has(offered("mqtt-rr -t ping -"), "--response-topic="));
}

TEST_CASE("fish completes options, values and properties") {
  if (!installed("fish")) return;
  const auto complete = [](const std::string& program, const std::string& line) {
    // fish makes folders in its home.
    return run("home=$(mktemp -d); HOME=$home XDG_CONFIG_HOME=$home fish --no-config -c 'source " + root +
               "completions/fish/" + program + ".fish; complete -C \"" + line +
               "\"' | cut -f1 | sort | xargs; rm -r \"$home\"");
  };
  CHECK(complete("mqtt-pub", "mqtt-pub --repeat") == "--repeat --repeat-delay\nstatus 0\n");
  CHECK(complete("mqtt-pub", "mqtt-pub -q ") == "0 1 2\nstatus 0\n");
  CHECK(complete("mqtt-pub", "mqtt-pub -D w") == "will\nstatus 0\n");
  CHECK(complete("mqtt-pub", "mqtt-pub -D will will-") == "will-delay-interval\nstatus 0\n");
  CHECK(complete("mqtt-sub", "mqtt-sub --retain-handling n") == "never new\nstatus 0\n");
  CHECK(complete("mqtt-rr", "mqtt-rr pi") == "ping\nstatus 0\n");
  CHECK(complete("mqtt-rr", "mqtt-rr ping pi") == "\nstatus 0\n");
  CHECK(complete("mqtt-rr", "mqtt-rr ping --inter") == "--interval\nstatus 0\n");
  CHECK(complete("mqtt-rr", "mqtt-rr ping --response") == "\nstatus 0\n");
  CHECK(complete("mqtt-rr", "mqtt-rr -t ping --response") == "--response-topic\nstatus 0\n");
  CHECK(complete("mqtt-rr", "mqtt-rr -t ping --inter") == "\nstatus 0\n");
  CHECK(complete("mqtt-rr", "mqtt-rr ping --output ") == "json text\nstatus 0\n");
  CHECK(complete("mqtt-rr", "mqtt-rr ping -D disconnect r") == "reason-string\nstatus 0\n");
}

}  // namespace mq
