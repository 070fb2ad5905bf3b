// A broker on another host whose cable is pulled and put back, whose route is lost, and to which the way is
// slow or long. Where the machine doesn't let us make one the test says SKIPPED.
#include <doctest/doctest.h>

#include "e2e/other_host.hpp"
#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Launch with(Launch (*program)(const Arguments&), const OtherHost& host, const Arguments& more) {
  Arguments arguments{"-h", host.address(), "-t", "r"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return program(arguments);
}

// A stream at QoS 1 from a program that reads faster than the network takes it: all arrives once and in
// order, both programs stay small, and no connection is given up.
void stream_through(OtherHost& host, int count) {
  Process reader(with(sub, host, {"-i", "reader", "-q", "1", "-k", "2"}));
  host.broker().await_err("reader 1 r");
  std::string lines;
  for (int i = 0; i < count; ++i) lines.append(std::to_string(i)).append(500, '.').append("\n");
  Process writer(with_input(with(pub, host, {"-l", "-q", "1", "-k", "2"}), Input::pipe));
  writer.write(lines);
  reader.await_lines(static_cast<std::size_t>(count), 60s);
  if (!sanitized) {
    CHECK(writer.peak_memory_kib() < 12'000);
    CHECK(reader.peak_memory_kib() < 12'000);
  }
  writer.close_input();
  const Outcome written = writer.wait();
  CHECK(written.code == 0);
  CHECK(written.err.empty());
  CHECK((reader.out() == lines));
  CHECK(reader.err().empty());
  MESSAGE(count, " lines; memory at most ", written.max_rss_kib, " and ", reader.peak_memory_kib(), " KiB");
}

}  // namespace

TEST_CASE("a pulled cable and a lost route are noticed in time, and the connection comes back by itself") {
  if (!have_mosquitto()) return;
  OtherHost host;
  if (!host.made()) return;
  Process reader(
      with(sub, host,
           {"-i", "reader", "-C", "3", "-k", "2", "--connect-timeout", "1", "--retry-delay", "0.1:0.2"}));
  const auto send = [&](const char* payload) {
    return run(with(pub, host, {"-m", payload, "-q", "1", "-W", "10"})).code;
  };
  host.await_subscription("reader", "r");
  CHECK(send("before") == 0);
  reader.await_lines(1);

  const auto meet = [&](auto trouble, auto mend, const char* after) {
    const std::size_t said = reader.err().size();
    const std::size_t known = host.broker().err().size();
    const auto start = Clock::now();
    trouble();
    reader.await_err("; trying again", said, 10s);
    CHECK(Clock::now() - start < 3500ms);  // one and a half intervals, and a busy machine
    mend();
    reader.await_err("connected to " + host.address() + ":1883 again", said, 20s);
    host.await_subscription("reader", "r", known);
    CHECK(send(after) == 0);
  };
  meet([&] { host.pull(); }, [&] { host.put_back(); }, "after the cable");
  meet([&] { host.lose_route(); }, [&] { host.find_route(); }, "after the route");
  const Outcome read = reader.wait();
  CHECK(read.code == 0);
  CHECK(read.out == "before\nafter the cable\nafter the route\n");
}

TEST_CASE("over a slow link thousands of lines arrive whole and in order, in little memory") {
  if (!have_mosquitto()) return;
  OtherHost host;
  if (!host.made() || !host.slow_down(12'000)) return;
  stream_through(host, 4'000);
}

TEST_CASE("over a long link thousands of lines arrive whole and in order, in little memory") {
  if (!have_mosquitto()) return;
  OtherHost host;
  if (!host.made() || !host.delay(20)) return;
  stream_through(host, 3'000);
}

TEST_CASE(
    "a message that takes longer than the keep-alive interval to leave or to come costs no connection") {
  if (!have_mosquitto()) return;
  OtherHost host;
  if (!host.made() || !host.slow_down(4'000)) return;
  const std::string large(1 << 20, 'x');  // two seconds
  Process reader(with(sub, host, {"-i", "reader", "-C", "2", "-k", "1", "-q", "1"}));
  host.broker().await_err("reader 1 r");
  for (const char* qos : {"0", "1"}) {
    const Outcome written = run(with_input(with(pub, host, {"-s", "-q", qos, "-k", "1"}), large), 30s);
    CHECK(written.code == 0);
    CHECK(written.err.empty());
    CHECK(written.wall > 1700ms);
  }
  const Outcome read = reader.wait(30s);
  CHECK((read.out == large + "\n" + large + "\n"));
  CHECK(read.err.empty());
}
