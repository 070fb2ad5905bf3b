#include "e2e/other_host.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

namespace mq {
namespace {

bool shell(const std::string& line) { return run({.command = {"/bin/sh", "-c", line}}).code == 0; }

bool ip(const std::string& arguments) { return shell("ip " + arguments); }

void skipped(const std::string& why) {
  std::fputs(("SKIPPED: " + why + "\n").c_str(), stderr);
  MESSAGE("skipped: ", why);
}

// Of this process, among those that may run beside it.
std::string net_of(pid_t process) {
  return "10." + std::to_string(100 + process / 256 % 100) + "." + std::to_string(process % 256) + ".";
}

}  // namespace

OtherHost::OtherHost()
    : id_(std::to_string(::getpid())),
      space_("mq" + id_),
      cable_("mqv" + id_),
      ours_(net_of(::getpid()) + "1"),
      theirs_(net_of(::getpid()) + "2") {
  made_ = ip("netns add " + space_) &&
          ip("link add " + cable_ + " type veth peer name far netns " + space_) &&
          ip("addr add " + ours_ + "/24 dev " + cable_) && ip("link set " + cable_ + " up") &&
          ip("-n " + space_ + " addr add " + theirs_ + "/24 dev far") &&
          ip("-n " + space_ + " link set far up") && ip("-n " + space_ + " link set lo up");
  if (!made_) return;
  const std::string conf = dir_.write(
      "mosquitto.conf",
      "user root\nlistener 1883 " + theirs_ +
          "\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nlog_dest stderr\n"
          "log_type subscribe\nlog_type notice\nlog_type information\n");
  broker_.emplace(Launch{.command = {"ip", "netns", "exec", space_, "mosquitto", "-c", conf}});
  broker_->await_err(" running");
}

Launch OtherHost::there(Launch launch) const {
  launch.command.insert(launch.command.begin(), {"ip", "netns", "exec", space_});
  return launch;
}

OtherHost::~OtherHost() {
  broker_.reset();
  ip("link del " + cable_);
  ip("netns del " + space_);
}

bool OtherHost::made() const {
  if (!made_) skipped("no network namespace can be made here (root and iproute2 are needed)");
  return made_;
}

void OtherHost::await_subscription(const std::string& client_id, const std::string& filter,
                                   std::size_t from) {
  broker_->await_err(client_id + " 0 " + filter, from, std::chrono::seconds(10));
}

void OtherHost::pull() { CHECK(ip("link set " + cable_ + " down")); }
void OtherHost::put_back() { CHECK(ip("link set " + cable_ + " up")); }
void OtherHost::lose_route() { CHECK(ip("route add blackhole " + theirs_ + "/32")); }
void OtherHost::find_route() { CHECK(ip("route del blackhole " + theirs_ + "/32")); }

bool OtherHost::shape(const std::string& discipline) {
  return shell("tc qdisc replace dev " + cable_ + " root " + discipline) &&
         shell("tc -n " + space_ + " qdisc replace dev far root " + discipline);
}

bool OtherHost::slow_down(int kilobits) {
  const bool done = shape("tbf rate " + std::to_string(kilobits) + "kbit burst 16kb latency 300ms");
  if (!done) skipped("no tbf here (tc, and the kernel's sch_tbf)");
  return done;
}

bool OtherHost::delay(int milliseconds) {
  const bool done = shape("netem delay " + std::to_string(milliseconds) + "ms limit 100000");
  if (!done) skipped("no netem here (tc, and the kernel's sch_netem)");
  return done;
}

}  // namespace mq
