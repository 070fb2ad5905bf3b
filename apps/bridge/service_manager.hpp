// What a bridge tells the service manager that started it (systemd, or another that speaks its protocol):
// that it is there, that it ends, how it does, and that its loop still turns. The protocol is a datagram of
// lines to the socket in $NOTIFY_SOCKET, sd_notify(3); libsystemd would bring half a dozen libraries along
// for that.
#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"
#include "shared/command_line.hpp"

namespace mq {

class ServiceManager {
 public:
  // Where there is none, nothing is told to anybody. `environment`: NOTIFY_SOCKET, a path or "@NAME" of an
  // abstract socket; WATCHDOG_USEC and WATCHDOG_PID.
  explicit ServiceManager(const Environment& environment);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // "READY=1", "STATUS=text", "WATCHDOG=1"; several with '\n' between them. What the manager does not take
  // within a second is not told.
  void tell(std::string_view state) const;

  // How often it wants WATCHDOG=1: half of the time after which it would act. 0: not at all.
  Duration watchdog_interval() const { return watchdog_interval_; }

 private:
  int socket_ = -1;
  std::string address_;  // a sockaddr_un
  Duration watchdog_interval_{};
};

}  // namespace mq
