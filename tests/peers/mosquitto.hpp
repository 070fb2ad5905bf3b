// Debian's mosquitto as a broker of a test's own: its own directory, a free port of 127.0.0.1, the
// configuration that the test asks for. Stopped, by its process id, when the test ends.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

// Whether there is a mosquitto to test against. If not, it says SKIPPED on stderr, and throws where CI is set
// in the environment.
bool have_mosquitto();

struct MosquittoConfig {
  bool anonymous = true;
  bool persistence = false;  // state survives stop(), crash() and start()
  // Further lines, after those of the first listener. "{dir}" stands for the directory, "{port2}" for a
  // second free port.
  std::string lines = {};
  std::vector<std::pair<std::string, std::string>> files = {};  // name in the directory, content
  std::vector<std::pair<std::string, std::string>> users = {};  // name, password
};

class Mosquitto {
 public:
  explicit Mosquitto(MosquittoConfig config = {});

  std::uint16_t port() const { return port_; }
  std::uint16_t second_port() const { return second_port_; }
  std::string path(const std::string& name) const { return dir_.file(name); }

  void stop();   // SIGTERM, and waits
  void crash();  // SIGKILL, and waits
  void start();  // again, on the same port; waits until it accepts connections

  // Its log since the last start, and a wait for a text in it. It logs connections ("as CLIENT-ID ") and
  // subscriptions.
  std::string log() const { return process_->err(); }
  void await_log(std::string_view text, std::size_t from = 0) { process_->await_err(text, from); }
  // Waits until a client with that id has subscribed to that filter; the nth call since the start, for the
  // nth time.
  void await_subscription(const std::string& client_id, const std::string& filter);

  const Process& process() const { return *process_; }

 private:
  bool try_start();
  void write_users(const std::vector<std::pair<std::string, std::string>>& users);

  TempDir dir_;
  MosquittoConfig config_;
  std::uint16_t port_ = 0, second_port_ = 0;
  std::optional<Process> process_;
  std::map<std::string, std::size_t> awaited_;  // "CLIENT-ID FILTER": behind its last line in the log
};

}  // namespace mq
