// The examples of the manual pages: that mqtt-bench takes every one of their command lines.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bench_options/bench_lines.hpp"

namespace mq {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The command lines of a page's section EXAMPLES.
std::vector<std::string> lines_of(const std::string& page) {
  std::ifstream file(page, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text.erase(0, text.find(".SH EXAMPLES"));
  replace_all(text, "\\e\n", " ");
  replace_all(text, "\\-", "-");
  std::vector<std::string> lines;
  for (std::size_t at = text.find(".EX\n"); at != text.npos; at = text.find(".EX\n", at)) {
    at += 4;
    const std::size_t end = text.find(".EE", at);
    while (at < end) {
      const std::size_t newline = text.find('\n', at);
      lines.push_back(text.substr(at, newline - at));
      at = newline + 1;
    }
  }
  return lines;
}

// As a shell does it, as far as the examples need it: blanks and single quotes.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  bool within = false, begun = false;
  for (const char c : line) {
    if (c == '\'') {
      within = !within;
      if (!begun) words.emplace_back();
      begun = true;
    } else if (c == ' ' && !within) {
      begun = false;
    } else {
      if (!begun) words.emplace_back();
      begun = true;
      words.back() += c;
    }
  }
  return words;
}

std::string fault_of(const std::vector<std::string>& words) {
  std::vector<const char*> arguments;
  for (std::size_t i = 2; i < words.size(); ++i) arguments.push_back(words[i].c_str());
  const std::string& command = words[1];
  if (find_load_command(command) != nullptr) return test::error_of(test::load(command, arguments));
  const char* name = command.c_str();
  if (command == "compare") return test::error_of(test::parsed(parse_compare, name, arguments));
  if (command == "report") return test::error_of(test::parsed(parse_report, name, arguments));
  if (command == "sink") return test::error_of(test::parsed(parse_sink, name, arguments));
  const bool calibrate = command == "calibrate";
  if (!calibrate && command != "run") return "no such command";
  const std::string fault = test::error_of(calibrate ? test::parsed(parse_calibrate, name, arguments)
                                                     : test::parsed(parse_run, name, arguments));
  // Files of examples are not there.
  return fault.contains(".toml' cannot be read") ? "" : fault;
}

TEST_CASE("every example is a command line that mqtt-bench takes") {
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MQTTKIT_SOURCE_DIR "/man")) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("mqtt-bench") || !name.ends_with(".1.in")) continue;
    for (const std::string& line : lines_of(entry.path().string())) {
      CAPTURE(name);
      CAPTURE(line);
      const auto words = words_of(line);
      REQUIRE(words.size() > 1);
      CHECK(words[0] == "mqtt-bench");
      CHECK(fault_of(words).empty());
      CHECK(line.size() < 200);
      ++seen;
    }
  }
  CHECK(seen >= 30);
}

}  // namespace
}  // namespace mq
