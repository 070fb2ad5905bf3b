#include "e2e/programs.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>

namespace mq {
namespace {

std::string path_of(const char* variable, const char* built) {
  const char* other = std::getenv(variable);
  return other == nullptr ? built : other;
}

Launch launch(std::string program, Arguments arguments) {
  arguments.insert(arguments.begin(), std::move(program));
  Launch launched{
      .command = std::move(arguments),
      .environment = {{"HOME", "/nonexistent"}, {"XDG_CONFIG_HOME", "/nonexistent"}, {"TZ", "UTC"}}};
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable(*each, std::string_view(*each).find('='));
    const bool proxy = variable.ends_with("_proxy") || variable.ends_with("_PROXY");
    if (proxy || variable.starts_with("MQTTKIT_") || variable == "SSLKEYLOGFILE")
      launched.environment.emplace_back(variable, std::nullopt);
  }
  return launched;
}

Arguments at(std::uint16_t port, const Arguments& arguments) {
  Arguments result{"-h", "127.0.0.1", "-p", std::to_string(port)};
  result.insert(result.end(), arguments.begin(), arguments.end());
  return result;
}

}  // namespace

Launch pub(const Arguments& arguments) { return launch(path_of("MQTT_PUB", MQTT_PUB), arguments); }
Launch sub(const Arguments& arguments) { return launch(path_of("MQTT_SUB", MQTT_SUB), arguments); }
Launch rr(const Arguments& arguments) { return launch(path_of("MQTT_RR", MQTT_RR), arguments); }
Launch pub(std::uint16_t port, const Arguments& arguments) { return pub(at(port, arguments)); }
Launch sub(std::uint16_t port, const Arguments& arguments) { return sub(at(port, arguments)); }
Launch rr(std::uint16_t port, const Arguments& arguments) { return rr(at(port, arguments)); }

Launch rr_command(const std::string& command, std::uint16_t port, const Arguments& arguments) {
  Arguments all = at(port, arguments);
  all.insert(all.begin(), command);
  return rr(all);
}

Launch mosquitto_pub(std::uint16_t port, const Arguments& arguments) {
  return launch("mosquitto_pub", at(port, arguments));
}

Launch mosquitto_sub(std::uint16_t port, const Arguments& arguments) {
  return launch("mosquitto_sub", at(port, arguments));
}

Launch with_input(Launch launch, Bytes bytes) {
  launch.input = Input::bytes;
  launch.input_bytes = bytes;
  return launch;
}

Launch with_input(Launch launch, Input input) {
  launch.input = input;
  return launch;
}

Launch with_output(Launch launch, Output output) {
  launch.output = output;
  return launch;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

bool failed_with(const Outcome& outcome, int code, std::string_view part) {
  const bool so = outcome.code == code && count_of("error: ", outcome.err) == 1 && holds(outcome.err, part);
  if (!so) MESSAGE("exit code " << outcome.code << ", stderr: " << outcome.err);
  return so;
}

}  // namespace mq
