#include "e2e/drop_in.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include "peers/temp_dir.hpp"

namespace mq {
namespace {

// Links with mosquitto's names to our programs, for as long as the tests run.
std::string link_to(const std::string& program) {
  static const TempDir dir;
  const std::string path = dir.file(program);
  if (::access(path.c_str(), F_OK) != 0) {
    const Launch ours = program == "mosquitto_pub"  ? pub(Arguments{})
                        : program == "mosquitto_rr" ? rr(Arguments{})
                                                    : sub(Arguments{});
    if (::symlink(ours.command[0].c_str(), path.c_str()) != 0) throw PeerFailure("no link " + path);
  }
  return path;
}

void replace_all(std::string& text, std::string_view part, std::string_view by) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + by.size()))
    text.replace(at, part.size(), by);
}

}  // namespace

Launch as_mosquitto(Maker maker, const std::string& program, const Arguments& arguments) {
  Launch launch = sub(arguments);
  launch.command[0] = maker == Maker::theirs ? program : link_to(program);
  return launch;
}

bool have_mosquitto_clients() {
  if (!find_program("mosquitto_pub").empty() && !find_program("mosquitto_sub").empty()) return true;
  MESSAGE("SKIPPED: mosquitto's clients are not installed");
  return false;
}

std::string zeros(std::string text) {
  for (char& c : text)
    if (c >= '0' && c <= '9') c = '0';
  return text;
}

std::string without_stops(std::string_view given) {
  std::string text(given);
  replace_all(text, "Client (null)", "Client null");
  replace_all(text, ".\n", "\n");
  replace_all(text, ".).\n", ").\n");
  replace_all(text, ".)\n", ")\n");
  while (text.find("\n\n") != text.npos) replace_all(text, "\n\n", "\n");
  if (text.starts_with('\n')) text.erase(0, 1);
  return text;
}

void check_same(const std::string& program, const Arguments& arguments, Bytes input) {
  std::string line = program;
  for (const std::string& argument : arguments) line.append(" ").append(argument);
  CAPTURE(line);
  const Outcome theirs = run(with_input(as_mosquitto(Maker::theirs, program, arguments), input));
  const Outcome ours = run(with_input(as_mosquitto(Maker::ours, program, arguments), input));
  CHECK(ours.code == theirs.code);
  CHECK(ours.out == theirs.out);
  CHECK(without_stops(ours.err) == without_stops(theirs.err));
}

}  // namespace mq
