// The Debian packages, made anew: what is in them, what lintian says, and what can be done with them once
// unpacked.
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "peers/mosquitto.hpp"
#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;
const std::string source = MQTTKIT_SOURCE_DIR;
const std::string built = MQ_BUILD;
const std::string compiler = MQ_CXX;
// Packing and compiling on a machine that does four things at once.
constexpr auto long_patience = 200s;

using Command = std::vector<std::string>;

// What it printed; it must succeed.
std::string output_of(const Command& command) {
  const Outcome outcome = run(Launch{.command = command}, long_patience);
  CAPTURE(command.front());
  CAPTURE(outcome.out);
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  return outcome.out;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Both packages, by cpack, and one folder that they are unpacked to.
struct Packages {
  TempDir dir;
  std::string root = dir.file("root");
  std::string programs, development;

  Packages() {
    // xz takes longer than all the rest.
    output_of({"cpack", "-G", "DEB", "--config", built + "/CPackConfig.cmake", "-B", dir.file("made"), "-D",
               "CPACK_DEBIAN_COMPRESSION_TYPE=gzip"});
    for (const auto& entry : fs::directory_iterator(dir.file("made"))) {
      if (entry.path().extension() != ".deb") continue;
      const bool ours = entry.path().filename().string().starts_with("mqttkit_");
      (ours ? programs : development) = entry.path();
    }
    REQUIRE(!programs.empty());
    REQUIRE(!development.empty());
    for (const std::string& package : {programs, development}) output_of({"dpkg-deb", "-x", package, root});
  }

  // The folder with that file in it, wherever the architecture has its libraries.
  fs::path folder_of(const std::string& name) const {
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (entry.path().filename() == name) return entry.path().parent_path();
    FAIL("there is no " << name);
    return {};
  }
};

bool field_has(const std::string& package, const std::string& field, const std::string& part) {
  return output_of({"dpkg-deb", "-f", package, field}).find(part) != std::string::npos;
}

// Dependencies, names and places.
void check_places(const Packages& packages) {
  CHECK(field_has(packages.programs, "Package", "mqttkit"));
  for (const char* library : {"libc6", "libjq1", "libprotobuf32", "libre2-9", "libsqlite3-0", "libssl3"})
    CHECK(field_has(packages.programs, "Depends", library));
  CHECK(field_has(packages.development, "Package", "libmqttcore-dev"));

  const fs::path usr = packages.root + "/usr";
  for (const char* file :
       {"bin/mqtt-pub", "bin/mqtt-sub", "bin/mqtt-rr", "bin/mqtt-bench", "bin/mqtt-bridge",
        "share/man/man1/mqtt-pub.1.gz", "share/man/man5/mqttkit.conf.5.gz", "share/man/man7/mqttkit.7.gz",
        "share/bash-completion/completions/mqtt-pub", "share/zsh/vendor-completions/_mqtt-pub",
        "share/fish/vendor_completions.d/mqtt-pub.fish", "lib/sysusers.d/mqtt-bridge.conf",
        "share/doc/mqttkit/copyright", "share/doc/mqttkit/changelog.Debian.gz",
        "include/mqttcore/client/client.hpp"}) {
    CAPTURE(file);
    CHECK(fs::exists(usr / file));
  }
  const std::string unit = text_of(usr / "lib/systemd/system/mqtt-bridge@.service");
  CHECK(unit.find("\nExecStart=/usr/bin/mqtt-bridge ") != std::string::npos);
}

void check_lintian(const Packages& packages) {
  if (find_program("lintian").empty()) {
    if (std::getenv("CI") != nullptr) FAIL("no lintian");
    MESSAGE("left out: lintian is not installed, see scripts/setup --ci");
    return;
  }
  output_of(
      {"lintian", "--allow-root", "--fail-on", "error,warning", packages.programs, packages.development});
}

// Each module is found beside the programs.
void check_programs(const Packages& packages, const Mosquitto& broker) {
  const std::string path = std::getenv("PATH");
  const Outcome smoke =
      run(Launch{.command = {source + "/tests/package/smoke", std::to_string(broker.port())},
                 .environment = {{"PATH", packages.root + "/usr/bin:" + path},
                                 {"XDG_CONFIG_HOME", packages.dir.path()},
                                 {"MQTTKIT_MODULES", std::nullopt}}},
          long_patience);
  CAPTURE(smoke.out);
  CAPTURE(smoke.err);
  CHECK(smoke.code == 0);
}

// The consumer's message must come; it says itself whether it was acknowledged.
void greets(const std::string& consumer, Mosquitto& broker) {
  const std::size_t before = broker.log().size();
  const Outcome greeted = run(Launch{.command = {consumer, std::to_string(broker.port())}});
  CAPTURE(greeted.err);
  CHECK(greeted.code == 0);
  broker.await_log("'greeting'", before);
}

void check_library(const Packages& packages, Mosquitto& broker) {
  const std::string consumer = source + "/tests/package/consumer";
  const std::string by_pkg_config = packages.dir.file("by-pkg-config");
  output_of({"/bin/sh", "-euc",
             "export PKG_CONFIG_PATH='" + packages.folder_of("mqttcore.pc").string() + "'\n" + compiler +
                 " -std=c++23 '" + consumer + "/consumer.cpp' $(pkg-config --cflags --libs mqttcore) -o '" +
                 by_pkg_config + "'"});
  greets(by_pkg_config, broker);

  const std::string build = packages.dir.file("by-cmake");
  output_of({"cmake", "-S", consumer, "-B", build, "-G", "Ninja", "-DCMAKE_CXX_COMPILER=" + compiler,
             "-Dmqttcore_DIR=" + packages.folder_of("mqttcore-config.cmake").string()});
  output_of({"cmake", "--build", build});
  greets(build + "/consumer", broker);
}

}  // namespace

TEST_CASE("the Debian packages: what they are, no fault that lintian knows, and what can be done with them") {
  if (!MQ_SHIPPED) {
    MESSAGE("left out: packages are made of the release preset");
    return;
  }
  if (find_program("dpkg-deb").empty() || find_program("dpkg-shlibdeps").empty()) {
    MESSAGE("left out: dpkg-dev is not installed");
    return;
  }
  const Packages packages;
  check_places(packages);
  check_lintian(packages);
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "log_type all\n"});
  check_programs(packages, broker);
  check_library(packages, broker);
}
