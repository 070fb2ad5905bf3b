// The picture of a terminal in README.md is what the programs show today.
#include <doctest/doctest.h>

#include <filesystem>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

TEST_CASE("docs/terminal.svg is what scripts/picture makes") {
  if (!have_mosquitto()) return;
  const std::string programs = std::filesystem::path(sub(Arguments{}).command.front()).parent_path();
  const Outcome outcome =
      run({.command = {MQTTKIT_SOURCE_DIR "/scripts/picture", "--check", "--programs", programs}});
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
}
