// Publishing lines at every QoS, and replaying a recording, while calls fail: who says that all is done has
// got it to the subscriber.
#include <doctest/doctest.h>

#include <array>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "failures/sweep.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

constexpr int each = 5;  // messages of each QoS

// What runs publish to, and what has come of it.
class Audience {
 public:
  Audience()
      : subscriber_(
            sub(broker_.port(), {"-i", "audience", "-q", "2", "-t", "f/#", "-t", "end", "-F", "%t %p"})),
        ender_(with_input(pub(broker_.port(), {"-l", "-t", "end", "-q", "1"}), Input::pipe)) {
    broker_.await_subscription("audience", "f/#");
  }

  std::uint16_t port() const { return broker_.port(); }

  // Each QoS's numbers, in a topic of the run's own.
  std::string lines(int run) const {
    std::string text;
    for (int number = 0; number < each; ++number)
      for (int qos = 0; qos < 3; ++qos)
        text += R"({"topic":"f/)" + std::to_string(run) + '/' + std::to_string(qos) + R"(","payload":")" +
                std::to_string(number) + R"(","qos":)" + std::to_string(qos) + "}\n";
    return text;
  }

  // What came of that run, once all that was sent before has come.
  void judge(int run, bool done) {
    const std::string mark = std::to_string(run);
    ender_.write(mark + '\n');
    subscriber_.await_out("end " + mark + '\n', read_);
    const std::string out = subscriber_.out().substr(read_);
    read_ += out.size();
    for (int qos = 0; qos < 3; ++qos) {
      CAPTURE(qos);
      const std::string topic = "f/" + mark + '/' + std::to_string(qos) + ' ';
      std::multiset<std::string> seen;
      std::istringstream lines(out);
      for (std::string line; std::getline(lines, line);)
        if (line.starts_with(topic)) seen.insert(line.substr(topic.size()));
      for (int number = 0; number < each; ++number) {
        const std::size_t count = seen.count(std::to_string(number));
        if (done) CHECK(count >= 1);
        if (qos != 1) CHECK(count <= 1);
      }
    }
  }

 private:
  Mosquitto broker_;
  Process subscriber_, ender_;
  std::size_t read_ = 0;
};

// A way to publish what a run has.
using Way = std::function<Launch(const std::string& lines)>;

Way from_lines(const Audience& audience) {
  return [&audience](const std::string& lines) {
    return with_input(pub(audience.port(), {"-l", "--input", "json"}), Bytes(lines));
  };
}

Way from_recording(const Audience& audience, const TempDir& dir) {
  return [&audience, &dir](const std::string& lines) {
    return pub(audience.port(), {"--replay", dir.write("recording", lines), "--speed", "max"});
  };
}

unsigned strike_all(Audience& audience, const Way& way, const std::string& call, const std::string& how,
                    unsigned stride, bool harmless = false) {
  static int number = 0;
  return sweep(call, how, stride, [&](const Fault& fault) {
    ++number;
    const bool done = ended_well(fault, run(fault.in(way(audience.lines(number)))));
    if (harmless) CHECK(done);
    audience.judge(number, done);
  });
}

}  // namespace

TEST_CASE("no memory while publishing: what is said to be done is done") {
  if (!have_mosquitto() || !memory_can_fail()) return;
  Audience audience;
  const TempDir dir;
  CHECK(strike_all(audience, from_lines(audience), "malloc", "", 7) > 10);
  CHECK(strike_all(audience, from_recording(audience, dir), "malloc", "", 7) > 10);
}

TEST_CASE("system calls that fail while publishing: what is said to be done is done") {
  if (!have_mosquitto()) return;
  Audience audience;
  const TempDir dir;
  const std::array<std::pair<std::string, std::string>, 6> faults{{{"send", "ECONNRESET"},
                                                                   {"recv", "ECONNRESET"},
                                                                   {"recv", "ETIMEDOUT"},
                                                                   {"epoll_ctl", "ENOMEM"},
                                                                   {"open", "EMFILE"},
                                                                   {"read", "EIO"}}};
  for (const auto& [call, error] : faults) {
    strike_all(audience, from_lines(audience), call, error, 1);
    strike_all(audience, from_recording(audience, dir), call, error, 1);
  }
}

TEST_CASE("what is done in single bytes, or interrupted, makes no difference to what is published") {
  if (!have_mosquitto()) return;
  Audience audience;
  const TempDir dir;
  for (const Way& way : {from_lines(audience), from_recording(audience, dir)}) {
    for (const std::string call : {"send", "recv", "read"}) {
      const Fault fault(dir, call, 1, "+:short");
      const int number = call == "send" ? -1 : call == "recv" ? -2 : -3;
      const bool done = ended_well(fault, run(fault.in(way(audience.lines(number)))));
      CHECK(done);
      audience.judge(number, done);
    }
    for (const std::string call : {"send", "recv", "read", "epoll_wait"})
      strike_all(audience, way, call, "EINTR", 1, true);
  }
}

TEST_CASE(
    "a write that fails while the connection stands: an error after leave_timeout, not after the keep "
    "alive") {
  if (!have_mosquitto()) return;
  Audience audience;
  const TempDir dir;
  const Fault fault(dir, "send", 2, "ENOBUFS");
  const Outcome outcome = run(fault.in(from_lines(audience)(audience.lines(0))));
  CHECK(failed_with(outcome, 6, "no buffer space available"));
  CHECK(fault.struck());
}
