#include "e2e/play.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <regex>

namespace mq {
namespace {

bool matches_whole(const std::string& text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}

void check_output(const Play& play, const Outcome& outcome) {
  CAPTURE(outcome.out);
  CAPTURE(outcome.err);
  CHECK(outcome.code == play.code);
  if (play.told.empty()) CHECK(matches_whole(outcome.out, play.out));
  for (const std::string& part : play.told) {
    CAPTURE(part);
    CHECK(holds(outcome.out + outcome.err, part));
  }
}

}  // namespace

void play(const Play& play, const std::string& example) {
  CAPTURE(example);
  Mosquitto server(play.server);
  ReadersShell shell(server);
  std::optional<Mosquitto> other;
  if (*play.elsewhere != '\0') shell.put(play.elsewhere, other.emplace().port());
  if (!play.before.empty()) shell.run(play.before);
  for (const auto& [program, change] : play.more) shell.home().write(std::string("more-") + program, change);
  if (*play.comes_up_after != '\0') server.stop();
  std::optional<Process> watcher, beside;
  if (play.received != nullptr) {
    watcher.emplace(sub(server.port(), {"-i", "watcher", "-t", "#", "-q", "2", "--retain-handling", "never",
                                        "--retain-as-published", "-F", "%t %q %r %p"}));
    server.await_subscription("watcher", "#");
  }
  if (*play.beside != '\0') {
    beside.emplace(shell.launch(play.beside));
    Mosquitto& there = other && holds(play.beside, play.elsewhere) ? *other : server;
    there.await_log(std::string(" ") + play.beside_filter + "\n");
  }
  const Launch launch = shell.launch_interruptible(example);
  const std::size_t seen = server.log().size();
  Process reader(launch);
  if (*play.comes_up_after != '\0') {
    reader.await_err(play.comes_up_after);
    server.start();
  }
  if (*play.subscribed != '\0') server.await_log(std::string(" ") + play.subscribed + "\n", seen);
  if (*play.meanwhile != '\0') shell.run(play.meanwhile);
  if (play.lines > 0) reader.await_lines(play.lines);
  if (play.interrupted || play.code == 130) shell.interrupt();
  check_output(play, reader.wait());
  if (watcher) {
    const std::string all = std::string(play.received) + "end 0 0 \n";
    CHECK(run(pub(server.port(), {"-t", "end", "-n"})).code == 0);
    watcher->await_out("end 0 0 \n");
    CHECK(watcher->out() == all);
  }
  if (beside) CHECK(beside->wait().code == 0);
  if (*play.after != '\0') CHECK(matches_whole(shell.run(play.after), play.found));
}

Play alarm_carried(const char* example) {
  return {.example = example,
          .elsewhere = "cloud.example",
          .beside = "mqtt-sub -h cloud.example -q 2 -t 'alarm/#' -C 1 -F '%t %q %p' > seen",
          .beside_filter = "alarm/#",
          .subscribed = "alarm/#",
          .meanwhile = "mqtt-pub -q 2 -t alarm/1 -m fire && while [ ! -s seen ]; do sleep 0.01; done",
          .after = "cat seen",
          .found = "alarm/1 2 fire\n",
          .interrupted = true};
}

void play_all(const std::vector<std::string>& examples, const std::vector<Play>& plays) {
  if (!have_mosquitto()) return;
  CHECK(examples.size() == plays.size());
  for (const std::string& example : examples) {
    const auto found =
        std::ranges::find_if(plays, [&](const Play& one) { return example.starts_with(one.example); });
    CHECK_MESSAGE(found != plays.end(), "nothing plays: ", example);
    if (found != plays.end()) play(*found, example);
  }
}

}  // namespace mq
