// A bridge section of mosquitto's configuration between two brokers, carried out by mosquitto itself or by
// mqtt-bridge with what `import` makes of it, so that what arrives where can be compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "e2e/bridge_run.hpp"

namespace mq {

enum class BridgedBy : std::uint8_t { mosquitto, mqtt_bridge };

// A section's lines, without connection and client identifiers, which are "b", "lid" and "rid"; "{remote}"
// and
// "{remote2}" stand for the remote broker's ports, and without an address there is the first. Then the
// filters that a bridge subscribes to for it.
struct BridgeSection {
  std::string lines;
  std::vector<std::string> local = {}, remote = {};
};

class SectionRun {
 public:
  // `remote` and `local`: configurations of the brokers; lines of the local one stand before the section.
  SectionRun(BridgedBy by, BridgeSection section, MosquittoConfig remote = {}, MosquittoConfig local = {});

  void await_carrying();  // since the last start
  void stop();            // the bridge; the brokers stay, but for the local one where it is the bridge
  void start();

  // By mqtt-bridge: what import said, the file that it made, and what the bridge has said since its start.
  const std::string& notes() const { return notes_; }
  const std::string& file() const { return file_; }
  std::string said() const { return process_->err(); }
  Process& process() { return *process_; }

  Mosquitto remote, local;

 private:
  BridgedBy by_;
  BridgeSection section_;
  TempDir dir_;
  std::string notes_, file_;
  std::optional<Process> process_;
};

}  // namespace mq
