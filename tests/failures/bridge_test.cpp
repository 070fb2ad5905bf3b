// A bridge whose calls fail, with its store on disk: what it has acknowledged comes through, at the latest
// with the next bridge of the same store.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include "failures/sweep.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

constexpr int each = 5;  // messages at QoS 1, and at QoS 2

class Way {
 public:
  Way()
      : a_({.lines = "max_queued_messages 0\n"}),
        b_({.lines = "max_queued_messages 0\n"}),
        file_(dir_.write("bridge.toml", configuration())),
        checker_(sub(b_.port(), {"-c", "-i", "checker", "-q", "2", "-t", "w"})),
        publisher_(with_input(pub(a_.port(), {"-l", "--input", "json"}), Input::pipe)) {
    b_.await_subscription("checker", "w");
    Process first(bridge());
    a_.await_subscription("bridge-a", "w");
    first.signal(SIGTERM);
    first.wait();
  }

  // Messages, a bridge that is to carry them, and one that carries what is left.
  void judge(int number, const Fault& fault, bool harmless) {
    const std::string mark = "<" + std::to_string(number) + ">";
    publisher_.write(marked_lines("w", mark, each));

    Process carrier(fault.in(bridge()));
    await_all_or_end(mark, carrier);
    carrier.signal(SIGTERM);
    const Outcome outcome = carrier.wait();
    CAPTURE(outcome.err);
    // What was in the way of its store it tells, and that it is over.
    Outcome told = outcome;
    if (const std::string over = "the store can be written again\n"; holds(told.err, over))
      told.err = told.err.substr(told.err.rfind(over));
    const bool done = ended_well(fault, told);
    if (harmless) CHECK((done && all_there(mark) && told.err == outcome.err));

    if (!all_there(mark)) {
      Process next(bridge());
      await_all_or_end(mark, next);
      next.signal(SIGTERM);
      next.wait();
    }
    const std::string out = checker_.out();
    for (int i = 0; i < each; ++i) {
      CHECK(count_of(mark + '1' + std::to_string(i) + '.', out) >= 1);
      CHECK(count_of(mark + '2' + std::to_string(i) + '.', out) == 1);
    }
  }

 private:
  std::string configuration() const {
    const auto endpoint = [](const std::string& name, const Mosquitto& broker) {
      return "[endpoint." + name + "]\nhost = \"127.0.0.1\"\nport = " + std::to_string(broker.port()) +
             "\nretry-delay = \"0.05:0.5\"\n";
    };
    return "name = \"bridge\"\nstore-path = \"" + dir_.file("store.sqlite") + "\"\n" + endpoint("a", a_) +
           endpoint("b", b_) + "[[route]]\nfrom = \"a\"\nto = \"b\"\ntopics = [\"w\"]\n";
  }

  Launch bridge() const { return {.command = {MQTT_BRIDGE, "-c", file_}}; }

  bool all_there(const std::string& mark) const {
    const std::string out = checker_.out();
    for (int i = 0; i < each; ++i)
      for (const char qos : {'1', '2'})
        if (!holds(out, mark + qos + std::to_string(i) + '.')) return false;
    return true;
  }

  void await_all_or_end(const std::string& mark, const Process& carrier) const {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (carrier.running() && !all_there(mark)) {
      if (std::chrono::steady_clock::now() > until)
        throw PeerFailure("nothing comes through any more, and the bridge says: " + carrier.err());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  TempDir dir_;
  Mosquitto a_, b_;
  std::string file_;
  Process checker_, publisher_;
};

unsigned strike_all(Way& way, const std::string& call, const std::string& how, unsigned stride,
                    bool harmless = false) {
  static int number = 0;
  return sweep(call, how, stride, [&](const Fault& fault) { way.judge(++number, fault, harmless); });
}

}  // namespace

TEST_CASE("no memory for a bridge: nothing is lost, and at QoS 2 nothing doubled") {
  if (!have_mosquitto() || !memory_can_fail()) return;
  Way way;
  CHECK(strike_all(way, "malloc", "", 149) > 10);
}

TEST_CASE("system calls of a bridge that fail: nothing is lost, and at QoS 2 nothing doubled") {
  if (!have_mosquitto()) return;
  const std::array<std::pair<std::string, std::string>, 9> faults{{{"write", "ENOSPC"},
                                                                   {"write", "EIO"},
                                                                   {"fsync", "EIO"},
                                                                   {"read", "EIO"},
                                                                   {"open", "EMFILE"},
                                                                   {"socket", "EMFILE"},
                                                                   {"send", "ECONNRESET"},
                                                                   {"recv", "ECONNRESET"},
                                                                   {"epoll_ctl", "ENOMEM"}}};
  Way way;
  for (const auto& [call, error] : faults) strike_all(way, call, error, 9);
}

TEST_CASE("what is done in single bytes, or interrupted, makes no difference to a bridge") {
  if (!have_mosquitto()) return;
  Way way;
  int number = 0;
  for (const std::string call : {"send", "recv", "write", "read"}) {
    const TempDir dir;
    const Fault fault(dir, call, 1, "+:short");
    way.judge(--number, fault, true);
    CHECK(fault.struck());
  }
  for (const std::string call : {"send", "recv", "write", "read", "epoll_wait"})
    strike_all(way, call, "EINTR", 9, true);
}
