#include "engine/poller.hpp"

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <thread>

using namespace mq;

namespace {

// From now on this thread has a kernel without that system call.
bool take_away(unsigned call) {
  std::array<sock_filter, 4> program{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
                                      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                                      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

TEST_CASE("a kernel without epoll_pwait2 does as well") {
  int posted = 0;
  Duration waited{};
  bool taken = false;
  std::thread other([&] {
    taken = take_away(__NR_epoll_pwait2);
    Poller poller;
    poller.post([&] { ++posted; });
    poller.turn(std::nullopt);
    const Time before = poller.moment();
    poller.turn(before + std::chrono::milliseconds(20));
    waited = poller.moment() - before;
  });
  other.join();
  CHECK(taken);
  CHECK(posted == 1);
  CHECK(waited >= std::chrono::milliseconds(20));
}
