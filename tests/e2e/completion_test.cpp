// What a shell completes when somebody presses Tab, in real shells against a real broker.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "e2e/programs.hpp"
#include "e2e/shell_pane.hpp"
#include "peers/mosquitto.hpp"

namespace mq {
namespace {

// Retained, each with what is to be seen when the shell passes the topic on as it is.
struct Retained {
  const char* topic;
  const char* payload;
};
constexpr Retained retained[] = {{"home/kitchen/light", "light-seen"},
                                 {"home/kitchen/lamp", "lamp-seen"},
                                 {"home/hall", "hall-seen"},
                                 {"küche/warm", "warm-seen"},
                                 {"q'1 $(touch marker)/x", "first-seen"},
                                 {"w:2=x;touch marker&", "second-seen"},
                                 {"e\"3`touch marker`!x", "third-seen"},
                                 {"long-way/down/to/it", "down-seen"}};

void retain(const Mosquitto& broker) {
  for (const auto& [topic, payload] : retained)
    REQUIRE(run(mosquitto_pub(broker.port(), {"-t", topic, "-r", "-m", payload})).code == 0);
}

// A port that refuses.
std::uint16_t closed_port() {
  Mosquitto gone;
  gone.stop();
  return gone.port();
}

// Completes a topic, ends the word and runs the command, which shows the message of that topic and no other.
void completes_to(ShellPane& pane, const std::string& line, std::string_view shown,
                  std::string_view payload) {
  CAPTURE(line);
  pane.complete(line, shown);
  pane.type(" -C 1 -W 20");
  pane.press("Enter");
  pane.await(payload);
  CHECK_FALSE(std::filesystem::exists(pane.home().file("marker")));
}

void check_shell(ShellPane::Shell shell) {
  if (!have_mosquitto() || !have_shells()) return;
  const Mosquitto broker;
  retain(broker);
  ShellPane pane(shell);
  const std::string there = "mqtt-sub -p " + std::to_string(broker.port()) + " -t ";
  const std::string away = "mqtt-sub -p " + std::to_string(closed_port()) + " -t ";

  pane.complete("mqtt-sub --form", "mqtt-sub --format");
  pane.complete("mqtt-sub --retain-handling ne", "--retain-handling ne");
  pane.home().write("a.json", "{}");
  pane.home().write("a.txt", "");
  // fish offers other files too, behind those of the kind.
  pane.complete("mqtt-sub --schema a", shell == ShellPane::Shell::fish ? "a.json" : "--schema a.json");

  pane.complete(there + "home/h", there + "home/hall");
  pane.complete(there + "hom", there + "home/");
  pane.complete(there + "home/k", there + "home/kitchen/l");
  completes_to(pane, there + "lo", "long-way/down/to/it", "down-seen");
  completes_to(pane, there + "k", "che/warm", "warm-seen");
  completes_to(pane, there + "q", "marker", "first-seen");
  completes_to(pane, there + "w:", "marker", "second-seen");
  completes_to(pane, there + "e", "marker", "third-seen");
  // In quotes that the shell then closes.
  completes_to(pane, there + "'q", "marker", "first-seen");
  completes_to(pane, there + "\"e", "marker", "third-seen");

  // A broker that isn't there: nothing comes, and nothing is said.
  pane.press("C-l");
  pane.type(away + "h");
  pane.await(away + "h");
  pane.press("Tab");
  pane.type("ome");
  pane.await(away + "home");
  CHECK(pane.screen().find_first_not_of(" \n", pane.screen().find("home") + 4) == std::string::npos);

  std::filesystem::create_directory(pane.home().file("mqttkit"));
  pane.home().write("mqttkit/plant.conf", "port " + std::to_string(broker.port()) + "\n");
  pane.complete("mqtt-pub --profile pl", "--profile plant");
  pane.complete("mqtt-pub --profile plant -t home/h", "home/hall");
  pane.complete("mqtt-rr ping --profile plant -t home/h", "home/hall");
}

}  // namespace

TEST_CASE("bash completes options, files, profiles and the topics of the server") {
  check_shell(ShellPane::Shell::bash);
}

TEST_CASE("zsh completes options, files, profiles and the topics of the server") {
  check_shell(ShellPane::Shell::zsh);
}

TEST_CASE("fish completes options, files, profiles and the topics of the server") {
  check_shell(ShellPane::Shell::fish);
}

}  // namespace mq
