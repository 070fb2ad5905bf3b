#include "e2e/bridge_mosquitto.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <csignal>
#include <utility>

namespace mq {
namespace {

std::string section_lines(std::string lines, const Mosquitto& remote) {
  if (!holds("\n" + lines, "\naddress")) lines = "address 127.0.0.1:{remote}\n" + lines;
  for (const auto& [word, port] :
       {std::pair("{remote}", remote.port()), {"{remote2}", remote.second_port()}}) {
    const std::string_view what = word;
    for (std::size_t at = lines.find(what); at != std::string::npos; at = lines.find(what))
      lines.replace(at, what.size(), std::to_string(port));
  }
  return "connection b\nlocal_clientid lid\nremote_clientid rid\n" + lines;
}

MosquittoConfig with_section(MosquittoConfig config, BridgedBy by, const std::string& lines) {
  if (by == BridgedBy::mosquitto) config.lines += lines;
  return config;
}

}  // namespace

SectionRun::SectionRun(BridgedBy by, BridgeSection section, MosquittoConfig remote_config,
                       MosquittoConfig local_config)
    : remote(std::move(remote_config)),
      local(with_section(std::move(local_config), by, section_lines(section.lines, remote))),
      by_(by),
      section_(std::move(section)) {
  if (by_ == BridgedBy::mosquitto) return;
  const std::string conf = dir_.write("mosquitto.conf", fmt::format("listener {} 127.0.0.1\n{}", local.port(),
                                                                    section_lines(section_.lines, remote)));
  file_ = dir_.file("bridge.toml");
  const Outcome imported = run({.command = {MQTT_BRIDGE, "import", conf, "-o", file_}});
  REQUIRE_MESSAGE(imported.code == 0, imported.err);
  notes_ = imported.err;
  start();
}

void SectionRun::start() {
  if (by_ == BridgedBy::mosquitto) return local.start();
  Launch launch = bridge(file_);
  launch.environment.emplace_back("STATE_DIRECTORY", dir_.path());
  process_.emplace(std::move(launch));
}

void SectionRun::stop() {
  if (by_ == BridgedBy::mosquitto) return local.stop();
  process_->signal(SIGTERM);
  CHECK(process_->wait().code == 0);
}

void SectionRun::await_carrying() {
  if (by_ == BridgedBy::mqtt_bridge) {
    await_bridge(*process_, 2);
    for (const std::string& filter : section_.local) local.await_subscription("lid", filter);
  } else {
    // mosquitto says it at the local broker once the remote one has accepted it.
    Process state(sub(local.port(), {"-t", "$SYS/broker/connection/rid/state", "-F", "%p"}));
    state.await_out("1\n");
  }
  for (const std::string& filter : section_.remote) remote.await_subscription("rid", filter);
}

}  // namespace mq
