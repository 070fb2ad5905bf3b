// A broker on another host: a network namespace of the test's own at the end of a veth cable, which can be
// pulled and put back, made slow, and whose route can be lost.
#pragma once

#include <optional>
#include <string>

#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

class OtherHost {
 public:
  OtherHost();
  ~OtherHost();
  OtherHost(const OtherHost&) = delete;
  OtherHost& operator=(const OtherHost&) = delete;

  // Where the machine doesn't let us make one: false, and the test says skipped.
  bool made() const;
  // The other's, with mosquitto on port 1883. Ours is another of the same net.
  const std::string& address() const { return theirs_; }
  Process& broker() { return *broker_; }
  // To be run there, where no cable is between it and the broker (address()).
  Launch there(Launch launch) const;
  // Waits until that client has subscribed.
  void await_subscription(const std::string& client_id, const std::string& filter, std::size_t from = 0);

  void pull();
  void put_back();
  void lose_route();
  void find_route();

  // At most so many kilobits a second each way. False, and said, where the kernel has no tbf.
  bool slow_down(int kilobits);
  // So much later on each way. The same with netem, which replaces slow_down().
  bool delay(int milliseconds);

 private:
  bool shape(const std::string& discipline);

  std::string id_, space_, cable_, ours_, theirs_;
  TempDir dir_;
  bool made_ = false;
  std::optional<Process> broker_;
};

}  // namespace mq
