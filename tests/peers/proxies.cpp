#include "peers/proxies.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "peers/failure.hpp"
#include "peers/file_handle.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr int attempts = 20;  // between finding a port and listening on it, another program may take it

bool somebody_listens(const std::string& host, std::uint16_t port) {
  const FileHandle socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &to.sin_addr);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

// One of 127.0.0.0/8 that no test that runs at the same time has.
std::string address_of_this_process() {
  const auto pid = static_cast<unsigned>(::getpid());
  return "127." + std::to_string(1 + (pid >> 16U) % 250) + '.' + std::to_string((pid >> 8U) & 0xFFU) + '.' +
         std::to_string(pid & 0xFFU);
}

}  // namespace

Microsocks::Microsocks(std::optional<ProxyLogin> login) : host_(address_of_this_process()) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    port_ = free_port();
    if (try_start(login)) return;
  }
  throw PeerFailure("microsocks found no free port\n" + process_->err());
}

// It doesn't say when it listens. On an address that is ours alone, whoever answers is it.
bool Microsocks::try_start(const std::optional<ProxyLogin>& login) {
  std::vector<std::string> command{"microsocks", "-i", host_, "-p", std::to_string(port_)};
  if (login) command.insert(command.end(), {"-u", login->user_name, "-P", login->password});
  process_.emplace(Launch{.command = std::move(command)});
  const auto limit = std::chrono::steady_clock::now() + patience;
  while (!somebody_listens(host_, port_)) {
    if (!process_->running()) return false;
    if (std::chrono::steady_clock::now() > limit) throw PeerFailure("microsocks does not listen");
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

Tinyproxy::Tinyproxy(const std::string& lines) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    port_ = free_port();
    const std::string file =
        dir_.write("tinyproxy.conf", "Port " + std::to_string(port_) +
                                         "\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n" + lines);
    process_.emplace(Launch{.command = {"tinyproxy", "-d", "-c", file}});
    try {
      process_->await_out("Accepting connections");
      return;
    } catch (const PeerFailure&) {
      if (process_->err().find("Could not create listening sockets") == std::string::npos) throw;
    }
  }
  throw PeerFailure("tinyproxy found no free port\n" + process_->err());
}

}  // namespace mq
