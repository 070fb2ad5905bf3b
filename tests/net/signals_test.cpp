#include <csignal>
#include <string>
#include <vector>

#include "net/testing.hpp"

using namespace mq;
using mq::testing::GuardedLoop;

TEST_CASE("signals reach their handler each time, with their number") {
  GuardedLoop loop;
  std::vector<int> seen;
  const Signals signals(loop, {SIGUSR1, SIGUSR2}, [&](int number) {
    seen.push_back(number);
    if (seen.size() == 3) loop.stop();
  });
  ::raise(SIGUSR1);
  ::raise(SIGUSR1);
  ::raise(SIGUSR2);
  CHECK(seen.empty());
  loop.run();
  CHECK(seen == std::vector{SIGUSR1, SIGUSR1, SIGUSR2});
}

TEST_CASE("signals give back the disposition that they found") {
  GuardedLoop loop;
  const auto disposition = [](int number) {
    struct sigaction action{};
    ::sigaction(number, nullptr, &action);
    return action.sa_handler;
  };
  ::signal(SIGUSR1, SIG_IGN);
  {
    const Signals signals(loop, {SIGUSR1, SIGUSR2}, [](int) {});
    CHECK((disposition(SIGUSR1) != SIG_IGN));
    CHECK((disposition(SIGUSR2) != SIG_DFL));
  }
  CHECK((disposition(SIGUSR1) == SIG_IGN));
  CHECK((disposition(SIGUSR2) == SIG_DFL));
  ::signal(SIGUSR1, SIG_DFL);
}

TEST_CASE("the younger of two signals is called, the older one again after it has gone") {
  GuardedLoop loop;
  std::vector<std::string> seen;
  const auto note = [&](std::string who) {
    return [&, who](int) {
      seen.push_back(who);
      loop.stop();
    };
  };
  const Signals older(loop, {SIGUSR1}, note("older"));
  {
    const Signals younger(loop, {SIGUSR1}, note("younger"));
    ::raise(SIGUSR1);
    loop.run();
  }
  ::raise(SIGUSR1);
  loop.run();
  CHECK(seen == std::vector<std::string>{"younger", "older"});
}

TEST_CASE("signals may be destroyed by their own handler") {
  GuardedLoop loop;
  std::unique_ptr<Signals> signals;
  int calls = 0;
  signals = std::make_unique<Signals>(loop, std::initializer_list<int>{SIGUSR1}, [&](int) {
    signals.reset();
    ++calls;
    loop.post([&] { loop.stop(); });
  });
  ::raise(SIGUSR1);
  ::raise(SIGUSR1);
  loop.run();
  CHECK(calls == 1);
}
