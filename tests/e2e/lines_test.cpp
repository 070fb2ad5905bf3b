// mqtt-pub -l: every line arrives, none is late, and memory stays bounded.
#include <doctest/doctest.h>

#include <algorithm>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

TEST_CASE("a line is published when it is there, not when the input ends") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "l", "-C", "3"}));
  broker.await_subscription("reader", "l");
  Process writer(with_input(pub(broker.port(), {"-t", "l", "-l"}), Input::pipe));
  writer.write("one\n");
  reader.await_out("one\n");
  writer.write("two\nhalf");
  reader.await_out("two\n");
  writer.write(" and half");
  writer.close_input();
  CHECK(writer.wait().code == 0);
  CHECK(reader.wait().out == "one\ntwo\nhalf and half\n");
}

TEST_CASE("lines come from a terminal too") {
  FakeBroker broker;
  Process writer(with_input(pub(broker.port(), {"-t", "l", "-l"}), Input::terminal));
  writer.write("typed\n");
  CHECK(broker.await(PacketType::publish)->as<Publish>().payload == "typed");
  writer.close_input();
  CHECK(writer.wait().code == 0);
}

TEST_CASE("a line longer than any buffer arrives") {
  FakeBroker broker;
  const Buffer line(3'000'000, 'x');
  CHECK(run(with_input(pub(broker.port(), {"-t", "l", "-q", "1", "-l"}), line + "\nshort\n")).code == 0);
  CHECK((broker.await(PacketType::publish, 1)->as<Publish>().payload == line));
  CHECK(broker.await(PacketType::publish, 2)->as<Publish>().payload == "short");
}

TEST_CASE("no input at all is no message, and no failure") {
  FakeBroker broker;
  CHECK(run(with_input(pub(broker.port(), {"-t", "l", "-l"}), "")).code == 0);
  CHECK(broker.records(PacketType::publish).empty());
}

TEST_CASE("a single line through -l takes about as long as -m does") {
  FakeBroker broker;
  Duration line = 1h, message = 1h;
  for (int i = 0; i < 5; ++i) {
    line = std::min(line, run(with_input(pub(broker.port(), {"-t", "l", "-l"}), "x\n")).wall);
    message = std::min(message, run(pub(broker.port(), {"-t", "l", "-m", "x"})).wall);
  }
  CHECK(line < message + 150ms);
}

TEST_CASE("memory for -l stays below 16 MB and what is in flight, however much input waits") {
  FakeBroker broker;
  const TempDir dir;
  Buffer input;
  const Buffer line = Buffer(1023, 'x') + '\n';
  for (int i = 0; i < 48 * 1024; ++i) input += line;
  Launch sending = pub(broker.port(), {"-t", "l", "-q", "1", "-l"});
  sending.input = Input::file;
  sending.input_path = dir.write("lines", input);
  input = Buffer();
  const long own_size = run(pub(broker.port(), {"-t", "l", "-m", "x"})).max_rss_kib;
  const Outcome outcome = run(sending);
  CHECK(outcome.code == 0);
  CHECK(broker.records(PacketType::publish).size() == 48U * 1024 + 1);
  if (!sanitized) CHECK(outcome.max_rss_kib < own_size + (16 + 2 * 8) * 1024);
}
