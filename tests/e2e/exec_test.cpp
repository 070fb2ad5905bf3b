// A command for each message: what it gets, in what order, and what happens when it fails or is slow.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <csignal>
#include <future>
#include <map>
#include <thread>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

// A subscriber to x/# that runs commands, ready for messages.
Process running(Mosquitto& broker, Arguments options) {
  options.insert(options.end(), {"-i", "reader", "-t", "x/#", "-q", "1"});
  Process reader(sub(broker.port(), options));
  broker.await_subscription("reader", "x/#");
  return reader;
}

void publish(const Mosquitto& broker, const std::string& topic, const std::string& payload) {
  CHECK(run(with_input(mosquitto_pub(broker.port(), {"-q", "1", "-t", topic, "-s"}), payload)).code == 0);
}

std::string read_file_of(const std::string& path) { return run({.command = {"cat", path}}).out; }

Reactions sending(std::size_t count, std::string topic, Buffer payload) {
  return {.subscribe = [=](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (std::size_t i = 0; i < count; ++i)
      peer.send(Publish{.topic = topic, .properties = {}, .payload = payload});
  }};
}

}  // namespace

TEST_CASE("a command gets the payload byte for byte, and the message in its environment") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader =
      running(broker, {"-C", "2", "--exec",
                       R"(sh -c 'cat; echo " $MQTT_TOPIC $MQTT_QOS $MQTT_RETAIN [$MQTT_CONTENT_TYPE]" )"
                       R"("[$MQTT_USER_k_1] $MQTT_FORMAT [$MQTT_FIELD_temp] $MQTT_FIELD"')"});
  CHECK(run(pub(broker.port(),
                {"-q", "1", "-t", "x/a b", "-m", R"({"temp":20.50})", "-D", "publish", "content-type",
                 "application/json", "-D", "publish", "user-property", "k-1", "$(id)"}))
            .code == 0);
  publish(broker, "x/$(id)", Buffer("\0\xFF\n", 3));
  const Outcome outcome = reader.wait();
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out == "{\"temp\":20.50} x/a b 1 0 [application/json] [$(id)] json [20.50] 1\n" +
                           std::string("\0\xFF\n", 3) + " x/$(id) 1 0 [] [] hex [] 0\n");
}

TEST_CASE("a command inherits no descriptor and no ignored signal of ours") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader = running(
      broker, {"-C", "1", "--shell", "--exec", "ls /proc/self/fd; grep SigIgn /proc/self/status; trap"});
  publish(broker, "x/a", "1");
  const Outcome outcome = reader.wait();
  CHECK(outcome.out.starts_with("0\n1\n2\n3\nSigIgn:\t"));  // 3 is the folder that ls reads
  // SIGPIPE is the thirteenth bit.
  const std::string mask = outcome.out.substr(outcome.out.find('\t') + 1);
  CHECK((std::stoull(mask, nullptr, 16) & 0x1000) == 0);
}

TEST_CASE("500 messages on 7 topics, four commands at once: each once, and each topic in order") {
  if (!have_mosquitto()) return;
  constexpr int count = 500;
  Mosquitto broker;
  const TempDir dir;
  Process reader =
      running(broker, {"-C", std::to_string(count), "--jobs", "4", "--shell", "--exec",
                       "read line; echo begin $MQTT_TOPIC $line >> '" + dir.file("log") +
                           "'; [ $((line % 50)) != 0 ] || sleep 0.05; echo end $MQTT_TOPIC $line >> '" +
                           dir.file("log") + "'"});
  for (int topic = 0; topic < 7; ++topic) {
    std::string lines;
    for (int i = topic; i < count; i += 7) lines += fmt::format("{}\n", i);
    CHECK(run(with_input(pub(broker.port(), {"-q", "1", "-l", "-t", fmt::format("x/{}", topic)}), lines))
              .code == 0);
  }
  const Outcome outcome = reader.wait(60s);
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  std::map<std::string, int> next;     // of each topic
  std::map<std::string, bool> within;  // whether a command of its runs
  int begun = 0;
  int at_once = 0;
  int most = 0;
  const std::string log = read_file_of(dir.file("log"));
  for (std::size_t at = 0; at < log.size(); at = log.find('\n', at) + 1) {
    const std::string line = log.substr(at, log.find('\n', at) - at);
    const bool begins = line.starts_with("begin ");
    const std::string rest = line.substr(line.find(' ') + 1);
    const std::string topic = rest.substr(0, rest.find(' '));
    const int number = std::stoi(rest.substr(rest.find(' ') + 1));
    CHECK(within[topic] != begins);
    within[topic] = begins;
    if (!next.contains(topic)) next[topic] = std::stoi(topic.substr(2));
    CHECK(number == next[topic]);
    if (!begins) next[topic] += 7;
    begun += begins ? 1 : 0;
    at_once += begins ? 1 : -1;
    most = std::max(most, at_once);
  }
  CHECK(begun == count);
  CHECK(at_once == 0);
  CHECK(most > 1);
  CHECK(most <= 4);
}

TEST_CASE("failures are told ten times, counted, and end with 1") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader = running(
      broker, {"-C", "14", "--shell", "--exec", "read n; [ $n != 1 ] || kill -9 $$; [ $n = 2 ] || exit 3"});
  std::string lines;
  for (int i = 1; i <= 14; ++i) lines += fmt::format("{}\n", i);
  CHECK(run(with_input(pub(broker.port(), {"-q", "1", "-l", "-t", "x/a"}), lines)).code == 0);
  const Outcome outcome = reader.wait();
  CHECK(outcome.code == 1);
  CHECK(holds(outcome.err, "'x/a': the command was ended by signal 9 (Killed)\n"));
  CHECK(count_of("'x/a': the command ended with status 3\n", outcome.err) == 9);
  CHECK(
      outcome.err.ends_with("warning: further failures of the command are only counted\n"
                            "error: the command failed for 13 of 14 messages\n"));

  for (const char* program : {"/nonexistent/command", "no-such-prog"}) {
    const Outcome missing = run(sub(broker.port(), {"-t", "x", "--exec", program}));
    CHECK(missing.code == 2);
    CHECK(missing.err == fmt::format("error: cannot start '{}': no such file or directory\n", program));
  }
}

TEST_CASE("what would do nothing with --exec is refused or warned of") {
  for (const Arguments& option : {Arguments{"-v"}, Arguments{"-N"}, Arguments{"-0"},
                                  Arguments{"--delimiter", "x"}, Arguments{"--pretty"}}) {
    Arguments all{"-t", "t", "--exec", "cat"};
    all.insert(all.end(), option.begin(), option.end());
    CHECK(failed_with(run(sub(1, all)), 2, "--exec goes with none of"));
  }
  FakeBroker broker(sending(1, "t", "1"));
  const Outcome plain = run(sub(broker.port(), {"-t", "t", "-C", "1", "--exec", "echo 'a|b' $X | tr a b"}));
  CHECK(plain.code == 0);
  CHECK(plain.out == "a|b $X | tr a b\n");
  CHECK(plain.err ==
        "warning: no shell looks at --exec: '$' goes to the command as it stands; --shell hands it to sh\n");
}

TEST_CASE("messages wait while descriptors have run out") {
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (int i = 0; i < 60; ++i)
      peer.send(Publish{.topic = fmt::format("t/{}", i), .properties = {}, .payload = "1"});
  }});
  Launch launch = sub(broker.port(), {"-t", "t/#", "-C", "60", "--jobs", "60", "--shell", "--exec",
                                      "sleep 0.05; echo $MQTT_TOPIC"});
  launch.command.insert(launch.command.begin(), {"sh", "-c", "ulimit -n 32; exec \"$@\"", "sh"});
  const Outcome outcome = run(std::move(launch));
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(count_of("t/", outcome.out) == 60);
}

TEST_CASE("all commands are ended at once, with what they have started") {
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (int i = 0; i < 20; ++i)
      peer.send(Publish{.topic = fmt::format("t/{}", i), .properties = {}, .payload = "1"});
  }});
  Process reader(sub(broker.port(), {"-t", "t/#", "--jobs", "20", "--shell", "--exec",
                                     "trap '' TERM; sleep 100 & echo begun; wait"}));
  reader.await_lines(20);
  const auto from = std::chrono::steady_clock::now();
  reader.signal(SIGINT);
  CHECK(broker.await(PacketType::disconnect));
  reader.signal(SIGINT);
  const Outcome ended = reader.wait();  // nobody holds its output any more
  CHECK(std::chrono::steady_clock::now() - from < 2s);
  CHECK(ended.code == 130);
  CHECK(ended.err == "error: the command was stopped for 20 of 20 messages\n");
}

TEST_CASE("a command need not read what it gets, and may read slowly") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const std::string large(1 << 20, 'x');
  Process reader = running(
      broker, {"-C", "2", "--shell", "--exec", "[ $MQTT_TOPIC = x/unread ] || { sleep 0.1; wc -c; }"});
  publish(broker, "x/unread", large);
  publish(broker, "x/read", large);
  const Outcome outcome = reader.wait();
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "1048576\n");
}

TEST_CASE("a slow command stops the flow of messages, and memory stays bounded") {
  constexpr std::size_t count = 3000;
  const Buffer payload(100'000, 'x');
  std::promise<void> stopped;
  FakeBroker broker([&](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.answer(peer.expect(PacketType::subscribe)->packet);
    const Buffer message = Buffer("\x30\xA4\x8D\x06\0\x01t\0", 8) + payload;
    Buffer unsent;
    std::size_t idle = 0;
    for (std::size_t sent = 0; idle < 10;) {  // until it has taken nothing for a second
      while (unsent.size() < 10 * message.size() && sent < count) {
        unsent += message;
        ++sent;
      }
      const std::size_t got = peer.send_some(unsent);
      unsent.erase(0, got);
      idle = got == 0 ? idle + 1 : 0;
      if (got == 0) std::this_thread::sleep_for(100ms);
      if (sent == count && unsent.empty()) throw PeerFailure("all was taken");
    }
    stopped.set_value();
    peer.expect_end();
  });
  Process reader(sub(broker.port(), {"-t", "t", "--exec", "sleep 100"}));
  REQUIRE(stopped.get_future().wait_for(patience) == std::future_status::ready);
  if (!sanitized) CHECK(reader.peak_memory_kib() < 60'000);
  reader.signal(SIGINT);
  reader.signal(SIGINT);
  const Outcome outcome = reader.wait();
  CHECK(outcome.code == 130);
  CHECK(holds(outcome.err, "the command was stopped for 1 of "));
  CHECK(holds(outcome.err, "there was no command for "));
}

TEST_CASE("a signal lets the command that runs finish, and starts no other; a second one ends it") {
  FakeBroker broker(sending(3, "t", "1"));
  const TempDir dir;
  Process patient(sub(broker.port(), {"-t", "t", "--shell", "--exec",
                                      "echo begun; while ! [ -e '" + dir.file("go") +
                                          "' ]; do sleep 0.02; done; echo done"}));
  patient.await_lines(1);
  patient.signal(SIGTERM);
  CHECK(broker.await(PacketType::disconnect));
  dir.write("go", "");
  const Outcome finished = patient.wait();
  CHECK(finished.code == 143);
  CHECK(finished.out == "begun\ndone\n");
  CHECK(finished.err == "error: there was no command for 2 of 3 messages\n");

  FakeBroker second(sending(1, "t", "1"));
  Process hasty(sub(second.port(), {"-t", "t", "--shell", "--exec", "echo begun; exec sleep 100"}));
  hasty.await_lines(1);
  hasty.signal(SIGINT);
  CHECK(second.await(PacketType::disconnect));
  hasty.signal(SIGINT);
  const Outcome ended = hasty.wait();
  CHECK(ended.code == 130);
  CHECK(ended.err == "error: the command was stopped for 1 of 1 message\n");
  CHECK(ended.wall < 5s);
}

TEST_CASE("when the connection is lost, what was taken still gets its command") {
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (const char* payload : {"1\n", "2\n", "3\n"})
      peer.send(Publish{.topic = "t", .properties = {}, .payload = payload});
    peer.send_hex("E0 00");
  }});
  const Outcome outcome =
      run(sub(broker.port(), {"-t", "t", "--retries", "0", "--shell", "--exec", "sleep 0.05; cat"}));
  CHECK(outcome.out == "1\n2\n3\n");
  CHECK(outcome.code == 6);
}
