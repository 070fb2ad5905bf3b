#include "faults/shim/strike.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace mq::faults {
namespace {

constexpr std::array<std::string_view, 11> groups{"malloc", "read",       "write",    "send",
                                                  "recv",   "connect",    "socket",   "open",
                                                  "fsync",  "epoll_wait", "epoll_ctl"};
constexpr std::array<std::pair<std::string_view, int>, 14> errors{{{"ENOMEM", ENOMEM},
                                                                   {"ENOSPC", ENOSPC},
                                                                   {"EIO", EIO},
                                                                   {"EPIPE", EPIPE},
                                                                   {"ECONNRESET", ECONNRESET},
                                                                   {"ECONNREFUSED", ECONNREFUSED},
                                                                   {"ENETUNREACH", ENETUNREACH},
                                                                   {"EMFILE", EMFILE},
                                                                   {"EINTR", EINTR},
                                                                   {"EAGAIN", EAGAIN},
                                                                   {"ETIMEDOUT", ETIMEDOUT},
                                                                   {"EACCES", EACCES},
                                                                   {"ENOBUFS", ENOBUFS},
                                                                   {"EDQUOT", EDQUOT}}};

Group wanted = Group::none;
unsigned long first = 0;
bool ever_after = false;
Struck how;
const char* witness = nullptr;
std::atomic<unsigned long> calls = 0;
std::atomic<bool> told = false;

[[noreturn]] void refuse() {
  constexpr std::string_view text = "MQTTKIT_FAIL can't be understood\n";
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(127);
}

std::string_view part(std::string_view& text) {
  std::string_view first_part = text;
  while (!text.empty() && text.front() != ':') text.remove_prefix(1);
  first_part.remove_suffix(text.size());
  if (!text.empty()) text.remove_prefix(1);
  return first_part;
}

Struck how_of(std::string_view text) {
  if (text.empty()) return {ENOMEM, false};
  if (text == "short") return {0, true};
  for (const auto& [name, number] : errors)
    if (name == text) return {number, false};
  refuse();
}

void tell() {
  if (witness == nullptr || told.exchange(true)) return;
  const long file = ::syscall(SYS_openat, AT_FDCWD, witness, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) ::syscall(SYS_close, file);
}

}  // namespace

void begin() {
  const char* const asked = std::getenv("MQTTKIT_FAIL");
  if (asked == nullptr) return;
  witness = std::getenv("MQTTKIT_STRUCK");
  std::string_view text = asked;
  const std::string_view name = part(text);
  std::string_view number = part(text);
  ever_after = number.ends_with('+');
  if (ever_after) number.remove_suffix(1);
  for (const char digit : number) first = first * 10 + static_cast<unsigned long>(digit - '0');
  how = how_of(text);
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (groups[i] == name) wanted = static_cast<Group>(i);
  if (wanted == Group::none || first == 0) refuse();
}

Struck strike(Group group) {
  if (group != wanted) return {};
  const unsigned long number = ++calls;
  if (number < first || (number > first && !ever_after)) return {};
  const int saved = errno;
  tell();
  errno = group == Group::malloc ? ENOMEM : saved;
  return how;
}

}  // namespace mq::faults
