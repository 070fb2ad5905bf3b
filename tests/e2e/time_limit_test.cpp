// -W from the program's start, whatever it waits for; and programs in jq's language that never end.
#include <doctest/doctest.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

bool timed_out(const Outcome& outcome, std::string_view what) {
  return failed_with(outcome, 5, "timed out after 0.4 s: " + std::string(what)) && outcome.wall >= 390ms &&
         outcome.wall < 4s;
}

Reactions sending(std::vector<std::string> payloads) {
  return {.subscribe = [payloads = std::move(payloads)](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (const std::string& payload : payloads)
      peer.send(Publish{.topic = "t", .properties = {}, .payload = payload});
  }};
}

}  // namespace

TEST_CASE("-W ends the reading of secrets") {
  const Arguments user{"-t", "t", "-u", "me", "-W", "0.4"};
  const auto with = [&](Arguments more) {
    more.insert(more.end(), user.begin(), user.end());
    return more;
  };
  CHECK(timed_out(run(sub(with({"--password-command", "echo x; exec sleep 100"}))),
                  "the password command has not ended"));
  Process piped(with_input(sub(with({"--password-file", "-"})), Input::pipe));
  CHECK(timed_out(piped.wait(), "the password file has not come to its end"));
}

TEST_CASE("the command that -W ends does not live on") {
  const TempDir dir;
  const Outcome outcome = run(sub({"-t", "t", "-u", "me", "-W", "1", "--password-command",
                                   "echo $$ > '" + dir.file("pid") + "'; exec sleep 100"}));
  CHECK(outcome.code == 5);
  std::string pid = run({.command = {"cat", dir.file("pid")}}).out;
  pid.pop_back();
  // It may take a moment to be gone, or stay as the dead child of who adopted it.
  CHECK(run({.command = {"sh", "-c",
                         "for i in $(seq 200); do s=$(cut -d' ' -f3 /proc/$0/stat 2>/dev/null); "
                         "[ \"${s:-Z}\" = Z ] && exit 0; sleep 0.02; done; exit 1",
                         pid}})
            .code == 0);
}

TEST_CASE("-W ends a prompt for a password, and the terminal echoes again") {
  Launch launch = with_input(sub({"-t", "t", "-u", "me", "-W", "0.4", "--ask-password"}), Input::terminal);
  // What stty says comes afterwards.
  launch.command.insert(launch.command.begin(),
                        {"sh", "-c", "\"$@\"; echo code $?; stty -a | grep -ow -e '-*echo'", "sh"});
  const Outcome outcome = Process(launch).wait();
  CHECK(holds(outcome.out, "code 5\necho\n"));
  CHECK(holds(outcome.err, "timed out after 0.4 s: no password was typed"));
}

TEST_CASE("-W ends the reading of a payload, and tells so in JSON where asked") {
  Process writer(with_input(pub({"-t", "t", "-s", "-W", "0.4"}), Input::pipe));
  CHECK(timed_out(writer.wait(), "the payload has not come to its end"));
  Process json(with_input(pub({"-t", "t", "-s", "-W", "0.4", "--log-format", "json"}), Input::pipe));
  const Outcome outcome = json.wait();
  CHECK(outcome.code == 5);
  CHECK(holds(outcome.err, R"("level":"error","text":"timed out after 0.4 s: the payload has not)"));
  Process quiet(with_input(pub({"-t", "t", "-s", "-W", "0.4", "--quiet"}), Input::pipe));
  CHECK(quiet.wait().err.empty());
}

TEST_CASE("what the secrets took is taken off the time of the run") {
  FakeBroker broker;
  const Outcome outcome =
      run(sub(broker.port(), {"-t", "t", "-u", "me", "-W", "2.5", "--password-command", "sleep 2; echo x"}));
  CHECK(failed_with(outcome, 5, "timed out after 2.5 s: no message came"));
  CHECK(outcome.wall >= 2490ms);
  CHECK(outcome.wall < 4400ms);
}

TEST_CASE("a jq program that never ends is stopped by -W and by signals") {
  for (const char* program : {"def f: f; f", "range(infinite) | select(false)"}) {
    FakeBroker broker(sending({"1", "2", "3"}));
    const Outcome outcome = run(sub(broker.port(), {"-t", "t", "-W", "1", "--jq", program}));
    CHECK(failed_with(outcome, 5, "timed out after 1 s: --jq had not come to its end on 't'"));
    CHECK(outcome.wall < 6s);
  }
  for (const int number : {SIGINT, SIGTERM}) {
    FakeBroker broker(sending({"1", "2", "3"}));
    Process reader(
        sub(broker.port(), {"-t", "t", "--jq", "if .payload == 1 then \"first\" else def f: f; f end"}));
    broker.await(PacketType::subscribe);
    reader.signal(number);
    const Outcome outcome = reader.wait();
    CHECK(outcome.code == 128 + number);
    CHECK(outcome.wall < 6s);
  }
  FakeBroker broker(sending({"1"}));
  CHECK(failed_with(run(sub(broker.port(), {"-t", "t", "-W", "1", "--expect", "def f: f; f"})), 9,
                    "expected 'def f: f; f', but the program had not ended, on the only message"));
}
