#include "peers/mosquitto.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "peers/file_handle.hpp"

namespace mq {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

bool have_mosquitto() {
  if (!find_program("mosquitto").empty()) return true;
  if (std::getenv("CI") != nullptr) throw PeerFailure("no mosquitto in PATH, /usr/sbin or /sbin");
  std::fputs("SKIPPED: no mosquitto in PATH, /usr/sbin or /sbin (apt-get install mosquitto)\n", stderr);
  return false;
}

Mosquitto::Mosquitto(MosquittoConfig config) : config_(std::move(config)) {
  for (const auto& [name, content] : config_.files) dir_.write(name, content);
  if (!config_.users.empty()) write_users(config_.users);
  // Between finding a port and listening on it, another program may take it.
  for (int attempt = 0; attempt < 20; ++attempt) {
    port_ = free_port();
    do second_port_ = free_port();
    while (second_port_ == port_);
    if (try_start()) return;
  }
  throw PeerFailure("mosquitto found no free port\n" + log());
}

void Mosquitto::write_users(const std::vector<std::pair<std::string, std::string>>& users) {
  std::string lines;
  for (const auto& [name, password] : users) lines.append(name).append(":").append(password).append("\n");
  const std::string file = dir_.write("users", lines);
  const Outcome hashed = run({.command = {"mosquitto_passwd", "-U", file}});
  if (hashed.code != 0) throw PeerFailure("mosquitto_passwd: " + hashed.err);
}

bool Mosquitto::try_start() {
  std::string text = "per_listener_settings false\nmax_queued_messages 0\nlog_dest stderr\n";
  for (const char* kind : {"error", "warning", "notice", "information", "subscribe", "unsubscribe"})
    text.append("log_type ").append(kind).append("\n");
  if (::geteuid() == 0) text += "user root\n";  // the directory is ours alone
  text += "listener " + std::to_string(port_) + " 127.0.0.1\n";
  text += config_.anonymous ? "allow_anonymous true\n" : "allow_anonymous false\n";
  if (!config_.users.empty()) text += "password_file {dir}/users\n";
  if (config_.persistence) text += "persistence true\npersistence_location {dir}/\n";
  text += config_.lines;
  replace_all(text, "{dir}", dir_.path());
  replace_all(text, "{port2}", std::to_string(second_port_));

  awaited_.clear();
  process_.emplace(Launch{.command = {"mosquitto", "-c", dir_.write("mosquitto.conf", text)}});
  try {
    process_->await_err(" running");
  } catch (const PeerFailure&) {
    if (process_->err().find("Address already in use") == std::string::npos) throw;
    return false;
  }
  return true;
}

// mosquitto forgets a signal that comes between "running" and the first turn of its loop.
void Mosquitto::stop() {
  using namespace std::chrono_literals;
  for (int attempt = 0; attempt < 30 && process_->running(); ++attempt) {
    process_->signal(SIGTERM);
    for (int nap = 0; nap < 100 && process_->running(); ++nap) std::this_thread::sleep_for(10ms);
  }
  process_->wait();
}

void Mosquitto::crash() {
  process_->signal(SIGKILL);
  process_->wait();
}

void Mosquitto::start() {
  if (!try_start()) throw PeerFailure("mosquitto could not have its old port back\n" + log());
}

void Mosquitto::await_subscription(const std::string& client_id, const std::string& filter) {
  // "TIME: CLIENT-ID QOS FILTER"
  const std::string end = ' ' + filter + '\n';
  std::size_t& from = awaited_[client_id + end];
  while (true) {
    await_log(end, from);
    const std::string text = log();
    const std::size_t found = text.find(end, from);
    const std::size_t begin = text.rfind('\n', found) + 1;
    from = found + 1;
    if (text.substr(begin, found - begin).find(": " + client_id + ' ') != std::string::npos) return;
  }
}

}  // namespace mq
