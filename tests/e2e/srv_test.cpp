// --srv all the way: a network namespace of the test's own, in which /etc/resolv.conf names a name server of
// the test's and mosquitto is behind its records. Where the machine doesn't let us make one the test says
// SKIPPED.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <thread>

#include "e2e/programs.hpp"
#include "net/name_server.hpp"
#include "peers/certificates.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

// What a machine has that knows no name server but ours.
class Island {
 public:
  using Zone = std::map<std::string, std::vector<SrvRecord>>;

  explicit Island(Zone zone) : name_("mqsrv" + std::to_string(::getpid())), zone_(std::move(zone)) {
    resolv_conf_ = dir_.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n");
    made_ = shell("ip netns add " + name_) && shell("ip -n " + name_ + " link set lo up") && serve_names() &&
            run(inside({.command = {"grep", "-q", "127.0.0.1", "/etc/resolv.conf"}})).code == 0;
    if (!made_) return;
    const std::string conf = dir_.write(
        "mosquitto.conf", "user root\nlistener 1884 127.0.0.1\nlistener 8884 127.0.0.1\n" + tls_lines() +
                              "allow_anonymous true\nlog_dest stderr\n"
                              "log_type subscribe\nlog_type notice\nlog_type information\n");
    broker_.emplace(inside({.command = {"mosquitto", "-c", conf}}));
    broker_->await_err(" running");
  }
  Island(const Island&) = delete;
  Island& operator=(const Island&) = delete;
  ~Island() {
    broker_.reset();
    names_.reset();
    shell("ip netns del " + name_);
  }

  bool is_there() const {
    if (made_) return true;
    std::fputs(
        "SKIPPED: no network namespace with a resolv.conf of its own can be made here (root and "
        "iproute2 are needed)\n",
        stderr);
    MESSAGE("skipped: no network namespace");
    return false;
  }
  Process& broker() { return *broker_; }

  // In the namespace, and in one of mounts that goes with the program.
  Launch inside(Launch launch) const {
    Arguments command{"ip",
                      "netns",
                      "exec",
                      name_,
                      "/bin/sh",
                      "-c",
                      "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
                      resolv_conf_};
    command.insert(command.end(), launch.command.begin(), launch.command.end());
    launch.command = std::move(command);
    return launch;
  }

 private:
  static bool shell(const std::string& line) { return run({.command = {"/bin/sh", "-c", line}}).code == 0; }

  // Sockets stay in the namespace of the thread that made them.
  bool serve_names() {
    std::thread([this] {
      try {
        const FileHandle space(::open(("/run/netns/" + name_).c_str(), O_RDONLY | O_CLOEXEC));
        if (::setns(space.get(), CLONE_NEWNET) == 0)
          names_.emplace([this](const std::string& query, bool) { return answer(query); }, 53);
      } catch (...) {  // of doctest
        names_.reset();
      }
    }).join();
    return names_.has_value();
  }

  // All hosts are this one, and none has an IPv6 address.
  std::string answer(const std::string& query) const {
    const DnsQuestion question = question_of(query);
    std::vector<std::string> records;
    if (question.type == a_type) records.push_back(dns_record(same_name, a_type, {127, 0, 0, 1}));
    if (question.type != srv_type) return dns_answer(query, records);
    const auto known = zone_.find(question.name);
    constexpr std::uint16_t no_such_name = 0x8183;
    if (known == zone_.end()) return dns_answer(query, {}, no_such_name);
    for (const SrvRecord& record : known->second)
      records.push_back(dns_record(same_name, srv_type, srv_data(record)));
    return dns_answer(query, records);
  }

  std::string name_;
  Zone zone_;
  TempDir dir_;
  std::string resolv_conf_;
  bool made_ = false;
  std::optional<NameServer> names_;
  std::optional<Process> broker_;
};

}  // namespace

TEST_CASE("--srv finds the broker of a domain by its records, the best that lives first, and through TLS") {
  if (!have_mosquitto()) return;
  Island island({
      {"_mqtt._tcp.broker.test", {{20, 0, 1884, "second.broker.test"}, {10, 0, 1, "first.broker.test"}}},
      {"_secure-mqtt._tcp.broker.test", {{0, 0, 8884, "tls.broker.test"}}},
      {"_secure-mqtt._tcp.another.test", {{0, 0, 8884, "tls.broker.test"}}},
      {"_mqtt._tcp.none.test", {{0, 0, 0, ""}}},
  });
  if (!island.is_there()) return;
  const auto publish = [&](const Arguments& more) {
    Arguments arguments{"-S", "-t", "r", "-m", "x", "-q", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(island.inside(pub(arguments)));
  };
  Process reader(island.inside(sub({"--srv", "-h", "broker.test", "-i", "reader", "-t", "r", "-C", "2"})));
  island.broker().await_err("reader 0 r");

  const Outcome plain = publish({"-h", "broker.test"});
  CHECK(plain.code == 0);
  const Outcome secure = publish({"-h", "broker.test", "--cafile", made("root.pem")});
  CHECK(secure.code == 0);
  CHECK(secure.err.empty());
  CHECK(reader.wait().out == "x\nx\n");

  // The certificate must have the domain's name, and no record's.
  CHECK(failed_with(publish({"-h", "another.test", "--cafile", made("root.pem")}), 3, "another.test"));
  CHECK(failed_with(publish({"-h", "unknown.test"}), 3, "'unknown.test'"));
  CHECK(failed_with(publish({"-h", "none.test"}), 3, "'none.test' says that it offers no _mqtt._tcp"));
}
