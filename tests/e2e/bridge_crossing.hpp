// Numbered messages on their way: publisher, broker a, a bridge that the test ends and starts as it likes,
// broker b, checker. What became of them is judged twice: by what the checker has got, and by what went over
// the bridge's own cables, so that what a broker loses or doubles is not put down to the bridge, nor the
// other way round.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "e2e/bridge_run.hpp"
#include "peers/cable.hpp"
#include "peers/mosquitto.hpp"
#include "peers/process.hpp"
#include "peers/temp_dir.hpp"
#include "wire/packet.hpp"

namespace mq {

struct CrossingPlan {
  std::string version_a = "5", version_b = "5";  // what the bridge speaks to each: "5" or "311"
  Numbered numbered = {};
  std::string rate = {};  // messages a second; empty: as fast as it goes
};

class Crossing {
 public:
  // Both brokers know the bridge's sessions and the checker's subscription when it returns.
  explicit Crossing(CrossingPlan plan);

  Mosquitto& a() { return a_; }
  Mosquitto& b() { return b_; }
  Cable& to_a() { return to_a_; }  // between the bridge and the broker
  Cable& to_b() { return to_b_; }

  Launch bridge() const;
  Launch bridge_that_dies(const std::string& fault) const;  // see tests/faults

  void publish(const std::string& lines) { publisher_.write(lines); }
  // SIGTERM, and a start with what it has kept. Returns when its other client is there again: mosquitto 2.0
  // that stops twice without it between gives again what it had given.
  void restart_a();
  void restart_b();

  // All is published: a last bridge carries the rest, and what is promised is CHECKed.
  void finish();

 private:
  void await_empty_store();
  void judge(QoS qos);

  CrossingPlan plan_;
  Mosquitto a_, b_;
  Cable to_a_, to_b_, to_checker_;
  TempDir dir_;
  std::string store_, file_;
  Process checker_, publisher_;
};

}  // namespace mq
