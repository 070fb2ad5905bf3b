// Passwords from where they belong, and nowhere that they don't: files, commands, the environment, profiles,
// listings of processes.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <csignal>

#include <fstream>
#include <sstream>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

// The password that a run of mqtt-pub logs in with, or its error.
std::string password_with(const Arguments& more,
                          std::vector<std::pair<std::string, std::optional<std::string>>> environment = {}) {
  FakeBroker broker;
  Arguments arguments{"-t", "t", "-m", "x", "-u", "ann"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  Launch launch = pub(broker.port(), arguments);
  for (auto& variable : environment) launch.environment.push_back(std::move(variable));
  const Outcome outcome = run(launch);
  if (outcome.code != 0) return outcome.err;
  return std::string(broker.await(PacketType::connect)->as<Connect>().password.value_or("none"));
}

std::string command_line_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a password comes from a file, a command or the environment") {
  const TempDir dir;
  const std::string file = dir.write("password", "from a file\n");
  CHECK(password_with({"--password-file", file}) == "from a file");
  CHECK(password_with({"--password-command", "echo 'by command'; echo more"}) == "by command");
  CHECK(password_with({}, {{"MQTTKIT_PASSWORD", "variable"}}) == "variable");
  CHECK(password_with({}, {{"MQTTKIT_PASSWORD_FILE", file}}) == "from a file");
  CHECK(holds(password_with({"--password-file", dir.file("none")}), "no such file"));
  CHECK(holds(password_with({"--password-command", "exit 3"}), "the password command ended with status 3"));
  CHECK(holds(password_with({"--ask-password"}), "there is no terminal"));
}

TEST_CASE("a password on the command line is hidden from listings of processes") {
  FakeBroker broker;
  const std::string port = std::to_string(broker.port());
  Process by_option(sub({"-h", "127.0.0.1", "-p", port, "-t", "t", "-u", "ann", "-P", "sesame"}));
  broker.await(PacketType::subscribe, 1);
  CHECK_FALSE(holds(command_line_of(by_option.pid()), "sesame"));
  CHECK(holds(command_line_of(by_option.pid()), "ann"));
  CHECK(broker.await(PacketType::connect)->as<Connect>().password == "sesame");
  by_option.signal(SIGTERM);
  CHECK(by_option.wait().code == 143);

  Process by_url(sub({"-L", "mqtt://ann:open%20sesame@127.0.0.1:" + port + "/t"}));
  broker.await(PacketType::subscribe, 2);
  CHECK_FALSE(holds(command_line_of(by_url.pid()), "sesame"));
  CHECK(holds(command_line_of(by_url.pid()), "mqtt://ann:"));
  by_url.signal(SIGTERM);
  CHECK(by_url.wait().code == 143);
}

TEST_CASE("a profile says how to connect; one that shows a password to others is refused") {
  FakeBroker broker;
  const TempDir home;
  REQUIRE(::mkdir(home.file("mqttkit").c_str(), 0700) == 0);
  const std::string content = "# the broker at home\nhost 127.0.0.1\nport " + std::to_string(broker.port()) +
                              "\nusername ann\npassword sesame\n";
  const std::string profile = home.write("mqttkit/home.conf", content);
  Launch launch = pub({"--profile", "home", "-t", "t", "-m", "x"});
  launch.environment.emplace_back("XDG_CONFIG_HOME", home.path());
  REQUIRE(::chmod(profile.c_str(), 0644) == 0);
  const Outcome open = run(launch);
  CHECK(open.code == 2);
  CHECK(holds(open.err, "holds a password and others can read it\nhint: chmod 600 "));
  CHECK_FALSE(holds(open.err, "sesame"));
  REQUIRE(::chmod(profile.c_str(), 0600) == 0);
  CHECK(run(launch).code == 0);
  CHECK(broker.await(PacketType::connect)->as<Connect>().password == "sesame");

  Launch missing = pub({"--profile", "nowhere", "-t", "t", "-m", "x"});
  missing.environment = launch.environment;
  CHECK(failed_with(run(missing), 2, "no such file"));
  Launch strange = pub({"--profile", "../home", "-t", "t", "-m", "x"});
  strange.environment = launch.environment;
  CHECK(failed_with(run(strange), 2, "is no name of a profile"));

  // Without a name it is default.conf, and what stands on the command line goes before it.
  home.write("mqttkit/default.conf", "host 127.0.0.1\nport 1\n");
  Launch usual = pub({"-p", std::to_string(broker.port()), "-t", "t", "-m", "x"});
  usual.environment = launch.environment;
  CHECK(run(usual).code == 0);
}

TEST_CASE("a password that goes over the network in the clear is warned of, once") {
  // An address of nobody: TEST-NET-1 is not reached, the time limit ends the run.
  const Outcome far =
      run(pub({"-h", "192.0.2.1", "-t", "t", "-m", "x", "-u", "ann", "-P", "sesame", "-W", "0.2"}));
  CHECK(count_of("warning: the password goes to 192.0.2.1:1883 without TLS", far.err) == 1);
  CHECK_FALSE(holds(far.err, "sesame"));
  FakeBroker broker;
  const Outcome near = run(pub(broker.port(), {"-t", "t", "-m", "x", "-u", "ann", "-P", "sesame"}));
  CHECK(near.err.empty());
}

TEST_CASE("--log-format json: each line on stderr is an object") {
  FakeBroker broker;
  const std::uint16_t port = broker.port();
  const Outcome refused =
      run(pub({"-h", "127.0.0.1", "-p", "1", "-t", "t", "-m", "x", "--log-format", "json"}));
  CHECK(refused.code == 3);
  CHECK(refused.err.starts_with("{\"time\":\"20"));
  CHECK(holds(refused.err,
              "\"level\":\"error\",\"text\":\"cannot connect to 127.0.0.1:1: connection refused\""));
  CHECK(refused.err.ends_with("\"exit_code\":3}\n"));
  const Outcome failover =
      run(pub({"-L", "mqtt://127.0.0.1:1", "-L", "mqtt://127.0.0.1:" + std::to_string(port), "-t", "t", "-m",
               "x", "--log-format", "json"}));
  CHECK(failover.code == 0);
  CHECK(holds(failover.err, "\"event\":\"connection-failed\""));
  CHECK(holds(failover.err, "\"next\":\"127.0.0.1:" + std::to_string(port) + "\",\"pause\":\"0.000\"}"));
}

TEST_CASE("--ask-password asks on the terminal, which shows the question and not the answer") {
  FakeBroker broker;
  Launch launch = pub(broker.port(), {"-t", "t", "-m", "x", "-u", "ann", "--ask-password"});
  launch.input = Input::terminal;
  Process process(std::move(launch));
  process.await_terminal("Password: ");
  process.write("sesame\n");
  const Outcome outcome = process.wait();
  CHECK(outcome.code == 0);
  CHECK_FALSE(holds(outcome.out + outcome.err + process.terminal(), "sesame"));
  CHECK(broker.await(PacketType::connect)->as<Connect>().password == "sesame");
}
