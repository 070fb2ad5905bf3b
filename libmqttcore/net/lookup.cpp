#include "net/lookup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "net/address.hpp"

namespace mq {
namespace {

using Addresses = Result<std::vector<std::string>>;

std::unexpected<Error> not_resolved(const std::string& host, int code, int number) {
  // Only what will be so tomorrow is of kind resolve: nobody tries that again.
  const auto because = [&](ErrorKind kind, std::string_view why, std::string hint = {}) {
    return fail(kind, fmt::format("cannot resolve {}: {}", quoted(host), why), 0, std::move(hint));
  };
  switch (code) {
    case EAI_NONAME:
    case EAI_NODATA:
      return because(ErrorKind::resolve, "no such host");
    case EAI_ADDRFAMILY:
      return because(ErrorKind::resolve, "no address of a family that this machine has");
    case EAI_AGAIN:
      return because(ErrorKind::connect, "the name server did not answer",
                     "check the network and /etc/resolv.conf");
    case EAI_SYSTEM:
      return because(ErrorKind::connect, system_error(number));
    default: {
      std::string why = ::gai_strerror(code);
      why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
      return because(ErrorKind::connect, why);
    }
  }
}

Addresses ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_ADDRCONFIG;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code != 0) return not_resolved(host, code, errno);
  std::vector<std::string> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace

std::optional<std::vector<std::string>> known_addresses(const std::string& host) {
  if (numeric_address(host, 0)) return std::vector{host};
  std::string name;
  for (const char c : host) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name.ends_with('.')) name.pop_back();
  if (name == "localhost" || name.ends_with(".localhost"))
    return std::vector<std::string>{"::1", "127.0.0.1"};
  return std::nullopt;
}

// What the thread and the loop share. The thread writes it, says so with `given`, and wakes the loop by
// closing its end of a pipe; by then the loop may be gone.
struct Lookup::Answer {
  Addresses addresses;
  std::atomic<bool> given = false;
};

Lookup::Lookup(Descriptor answered, std::shared_ptr<Answer> answer, Handler handler)
    : handler_(std::move(handler)), answer_(std::move(answer)), answered_(std::move(answered)) {
  answered_.readable([this] {
    answer_->given.wait(false, std::memory_order_acquire);
    auto to_call = std::exchange(handler_, {});
    to_call(std::move(answer_->addresses));
  });
}

Result<std::unique_ptr<Lookup>> Lookup::start(Loop& loop, Resolver resolver, const std::string& host,
                                              Handler handler) {
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return not_resolved(host, EAI_SYSTEM, errno);
  Descriptor answered(loop, pipe[0]);
  auto answer = std::make_shared<Answer>();
  auto ask = [answer, host, resolver = std::move(resolver), wake_up = pipe[1]] {
    try {
      answer->addresses = resolver ? resolver(host) : ask_system(host);
    } catch (const std::exception& e) {
      answer->addresses =
          fail(ErrorKind::connect, fmt::format("cannot resolve {}: {}", quoted(host), e.what()));
    }
    answer->given.store(true, std::memory_order_release);
    ::close(wake_up);
  };
  // Signals are for the threads that were there before.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int trouble = 0;
  try {
    std::thread(std::move(ask)).detach();
  } catch (const std::system_error& e) {
    trouble = e.code().value();
    ::close(pipe[1]);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (trouble != 0) return not_resolved(host, EAI_SYSTEM, trouble);
  return std::make_unique<Lookup>(std::move(answered), std::move(answer), std::move(handler));
}

}  // namespace mq
