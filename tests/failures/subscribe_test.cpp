// Subscribing with a session that is kept, to a pipe and to a file, as text and as a recording, while calls
// fail: what was acknowledged has been written, so that with what the next run gets nothing is lost.
#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "failures/sweep.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

constexpr int each = 5;  // messages at QoS 1, and at QoS 2

class Sender {
 public:
  explicit Sender(bool recorded)
      : more_(recorded ? Arguments{"--output", "json"} : Arguments{"-F", "%p"}),
        publisher_(with_input(pub(broker_.port(), {"-l", "--input", "json"}), Input::pipe)) {
    CHECK(run(session({"-E"})).code == 0);
  }

  // Messages for the session, then a run that is to take them all; then one that takes the rest.
  void judge(int number, const Fault& fault, bool to_file, bool harmless) {
    const std::string mark = "<" + std::to_string(number) + ">";
    publisher_.write(marked_lines("s", mark, each));

    const TempDir dir;
    Launch launch = session({"-C", std::to_string(2 * each)});
    if (to_file) {
      launch = with_output(std::move(launch), Output::file);
      launch.output_path = dir.file("out");
    }
    const Outcome outcome = run(fault.in(std::move(launch)));
    const bool done = ended_well(fault, outcome);
    if (harmless) CHECK(done);
    std::string out = outcome.out;
    if (to_file) {
      std::ifstream file(dir.file("out"));
      out.assign(std::istreambuf_iterator<char>(file), {});
    }

    CAPTURE(outcome.err);
    // A message at QoS 1 may have come twice.
    if (done) CHECK(count_of("\n", out) == 2 * each);

    // What comes while a session is resumed overtakes, with mosquitto, what was there before.
    publisher_.write(R"({"topic":"s","payload":"end )" + mark + R"(","qos":1})" + "\n");
    Process rest(session({}));
    rest.await_out("end " + mark);
    for (int i = 0; i < each; ++i)
      for (const char qos : {'1', '2'})
        if (const std::string message = mark + qos + std::to_string(i) + '.'; !holds(out, message))
          rest.await_out(message);
    rest.signal(SIGTERM);
    rest.wait();
  }

 private:
  Launch session(const Arguments& arguments) const {
    Arguments all{"-c", "-i", "kept", "-q", "2", "-t", "s", "--retry-delay", "0.05:0.1"};
    all.insert(all.end(), more_.begin(), more_.end());
    all.insert(all.end(), arguments.begin(), arguments.end());
    return sub(broker_.port(), all);
  }

  Arguments more_;
  Mosquitto broker_{{.lines = "max_queued_messages 0\n"}};
  Process publisher_;
};

unsigned strike_all(Sender& sender, const std::string& call, const std::string& how, unsigned stride,
                    bool to_file, bool harmless = false) {
  static int number = 0;
  return sweep(call, how, stride,
               [&](const Fault& fault) { sender.judge(++number, fault, to_file, harmless); });
}

}  // namespace

TEST_CASE("no memory while subscribing: what is acknowledged is written") {
  if (!have_mosquitto() || !memory_can_fail()) return;
  for (const bool recorded : {false, true}) {
    CAPTURE(recorded);
    Sender sender(recorded);
    CHECK(strike_all(sender, "malloc", "", 11, recorded) > 10);
  }
}

TEST_CASE("system calls that fail while subscribing: what is acknowledged is written") {
  if (!have_mosquitto()) return;
  const std::array<std::pair<std::string, std::string>, 9> faults{{{"send", "ECONNRESET"},
                                                                   {"recv", "ECONNRESET"},
                                                                   {"recv", "ETIMEDOUT"},
                                                                   {"epoll_ctl", "ENOMEM"},
                                                                   {"open", "EMFILE"},
                                                                   {"write", "ENOSPC"},
                                                                   {"write", "EIO"},
                                                                   {"write", "EDQUOT"},
                                                                   {"read", "EIO"}}};
  for (const bool to_file : {false, true}) {
    CAPTURE(to_file);
    Sender sender(to_file);
    for (const auto& [call, error] : faults) strike_all(sender, call, error, 1, to_file);
  }
}

TEST_CASE("what is done in single bytes, or interrupted, makes no difference to what is received") {
  if (!have_mosquitto()) return;
  for (const bool to_file : {false, true}) {
    CAPTURE(to_file);
    Sender sender(to_file);
    int number = 0;
    for (const std::string call : {"send", "recv", "write"}) {
      const TempDir dir;
      const Fault fault(dir, call, 1, "+:short");
      sender.judge(--number, fault, to_file, true);
      CHECK(fault.struck());
    }
    for (const std::string call : {"send", "recv", "write", "epoll_wait"})
      strike_all(sender, call, "EINTR", 1, to_file, true);
  }
}

TEST_CASE("calls that fail while messages at QoS 0 come: who says that all is done has them all") {
  if (!have_mosquitto()) return;
  const Mosquitto broker;
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += "q/" + std::to_string(i) + " x\n";
  CHECK(run(with_input(pub(broker.port(), {"-l", "-r", "--line-format", "%t %p"}), Bytes(lines))).code == 0);
  const auto judge = [&](const Fault& fault) {
    const Outcome outcome =
        run(fault.in(sub(broker.port(), {"-t", "q/#", "-C", "10", "-F", "%t", "--retry-delay", "0.05:0.1"})));
    const bool done = ended_well(fault, outcome);
    CHECK((!done || count_of("\n", outcome.out) == 10));
    if (fault.text().ends_with("EINTR")) CHECK(done);
  };
  for (const std::string call : {"send", "recv", "write"}) {
    sweep(call, call == "write" ? "EIO" : "ECONNRESET", 1, judge);
    sweep(call, "EINTR", 1, judge);
  }
  if (memory_can_fail()) CHECK(sweep("malloc", "", 11, judge) > 10);
}
