// A broker on another host: a network namespace of the test's own at the end of a veth cable, which is pulled
// and put back, and whose route is lost. Where the machine doesn't let us make one the test says SKIPPED.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

bool ip(const std::string& arguments) {
  return run({.command = {"/bin/sh", "-c", "ip " + arguments}}).code == 0;
}

// The other host, 10.213.0.2 beside our 10.213.0.1, with mosquitto on port 1883.
class OtherHost {
 public:
  OtherHost() : id_(std::to_string(::getpid())), space_("mq" + id_), cable_("mqv" + id_) {
    made_ = ip("netns add " + space_) &&
            ip("link add " + cable_ + " type veth peer name far netns " + space_) &&
            ip("addr add 10.213.0.1/24 dev " + cable_) && ip("link set " + cable_ + " up") &&
            ip("-n " + space_ + " addr add 10.213.0.2/24 dev far") && ip("-n " + space_ + " link set far up");
    if (!made_) return;
    const std::string conf =
        dir_.write("mosquitto.conf",
                   "user root\nlistener 1883 10.213.0.2\nallow_anonymous true\nlog_dest stderr\n"
                   "log_type subscribe\nlog_type notice\nlog_type information\n");
    broker_.emplace(Launch{.command = {"ip", "netns", "exec", space_, "mosquitto", "-c", conf}});
    broker_->await_err(" running");
  }
  ~OtherHost() {
    broker_.reset();
    ip("link del " + cable_);
    ip("netns del " + space_);
  }

  bool made() const { return made_; }
  Process& broker() { return *broker_; }
  void pull() { CHECK(ip("link set " + cable_ + " down")); }
  void put_back() { CHECK(ip("link set " + cable_ + " up")); }
  void lose_route() { CHECK(ip("route add blackhole 10.213.0.2/32")); }
  void find_route() { CHECK(ip("route del blackhole 10.213.0.2/32")); }

 private:
  std::string id_, space_, cable_;
  TempDir dir_;
  bool made_ = false;
  std::optional<Process> broker_;
};

}  // namespace

TEST_CASE("a pulled cable and a lost route are noticed in time, and the connection comes back by itself") {
  if (!have_mosquitto()) return;
  OtherHost host;
  if (!host.made()) {
    std::fputs("SKIPPED: no network namespace can be made here (root and iproute2 are needed)\n", stderr);
    return;
  }
  Process reader(sub({"-h", "10.213.0.2", "-i", "reader", "-t", "r", "-C", "3", "-k", "2",
                      "--connect-timeout", "1", "--retry-delay", "0.1:0.2"}));
  const auto send = [](const char* payload) {
    return run(pub({"-h", "10.213.0.2", "-t", "r", "-m", payload, "-q", "1", "-W", "10"})).code;
  };
  host.broker().await_err("reader 0 r");
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
    reader.await_err("connected to 10.213.0.2:1883 again", said, 20s);
    host.broker().await_err("reader 0 r", known, 10s);
    CHECK(send(after) == 0);
  };
  meet([&] { host.pull(); }, [&] { host.put_back(); }, "after the cable");
  meet([&] { host.lose_route(); }, [&] { host.find_route(); }, "after the route");
  const Outcome read = reader.wait();
  CHECK(read.code == 0);
  CHECK(read.out == "before\nafter the cable\nafter the route\n");
}
