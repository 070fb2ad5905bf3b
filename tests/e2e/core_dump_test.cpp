// What a core dump holds: nothing of a run that was given a secret.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

// Long enough to lie on the heap as a text of its own, and found nowhere else.
const std::string secret = "open-sesame-0123456789-abcdefghij";

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Whether this machine writes core dumps into the folder of the process, as Linux does unless it is told
// otherwise, and limits and sanitizers let it.
bool dumps_here() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != RLIM_INFINITY) return false;
  const std::string pattern = content_of("/proc/sys/kernel/core_pattern");
  return !sanitized && !pattern.empty() && pattern[0] != '|' && !pattern.contains('/');
}

Launch in_folder(Launch launch, const std::string& folder) {
  std::vector<std::string> command{"sh", "-c", R"(ulimit -c unlimited; cd "$0" && exec "$@")", folder};
  command.insert(command.end(), launch.command.begin(), launch.command.end());
  launch.command = std::move(command);
  return launch;
}

// The core dump of a subscriber that is connected; what it was started with is in `more`.
std::string core_of(const Arguments& more) {
  FakeBroker broker;
  const TempDir dir;
  Arguments arguments{"-t", "t", "-u", "ann", "-i", "client-in-memory-0123456789"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  Process process(in_folder(sub(broker.port(), arguments), dir.path()));
  broker.await(PacketType::subscribe);
  process.signal(SIGABRT);
  CHECK(process.wait().signal == SIGABRT);
  for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
    if (entry.path().filename().string().starts_with("core")) return content_of(entry.path());
  return {};
}

std::string filter_of(const Process& process) {
  return content_of("/proc/" + std::to_string(process.pid()) + "/coredump_filter");
}

}  // namespace

TEST_CASE("a core dump has nothing of a secret, wherever that came from") {
  if (!dumps_here()) {
    MESSAGE("SKIPPED: core dumps don't come into the folder of the process here");
    return;
  }
  const TempDir dir;
  const std::string file = dir.write("password", secret + "\n");
  for (const Arguments& source : {Arguments{"--password-file", file}, Arguments{"-P", secret},
                                  Arguments{"--password-command", "cat " + file}}) {
    const std::string core = core_of(source);
    CHECK(
        core.starts_with("\x7f"
                         "ELF"));
    CHECK_FALSE(core.contains(secret));
    CHECK_FALSE(core.contains(secret.substr(0, 20)));
  }
  // Without a secret there is all that a debugger needs.
  CHECK(core_of({}).contains("client-in-memory-0123456789"));
}

TEST_CASE("programs leave their memory out of core dumps as soon as they hold a secret, no sooner") {
  FakeBroker broker;
  const TempDir dir;
  const std::string file = dir.write("password", secret + "\n");
  const std::string usual = content_of("/proc/self/coredump_filter");
  {
    Process open(sub(broker.port(), {"-t", "t"}));
    broker.await(PacketType::subscribe, 1);
    CHECK(filter_of(open) == usual);
  }
  Process reader(sub(broker.port(), {"-t", "t", "-u", "ann", "--password-file", file}));
  broker.await(PacketType::subscribe, 2);
  CHECK(filter_of(reader) == "00000010\n");
  CHECK(broker.records(PacketType::connect).back()->as<Connect>().password == secret);
}

TEST_CASE("a bridge leaves its memory out of core dumps when an endpoint has a password") {
  FakeBroker from;
  FakeBroker to;
  const TempDir dir;
  dir.write("password", secret);
  const auto host = [](const FakeBroker& at) {
    return "host = '127.0.0.1'\nport = " + std::to_string(at.port());
  };
  const std::string plan = dir.write("b.toml", "store = 'memory'\n[endpoint.a]\n" + host(from) +
                                                   "\nusername = 'ann'\npassword-file = '" +
                                                   dir.file("password") + "'\n[endpoint.b]\n" + host(to) +
                                                   "\n[[route]]\nfrom = 'a'\nto = 'b'\ntopics = ['#']\n");
  Process bridge({.command = {MQTT_BRIDGE, "-c", plan}, .environment = {{"STATE_DIRECTORY", dir.path()}}});
  from.await(PacketType::connect);
  CHECK(filter_of(bridge) == "00000010\n");
}
