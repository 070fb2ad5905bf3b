#include "net/loop.hpp"

#include <chrono>
#include <optional>
#include <vector>

#include "net/testing.hpp"

using namespace mq;
using namespace std::chrono_literals;
using mq::testing::GuardedLoop;

TEST_CASE("run calls what was posted in its order, and returns when nothing is left") {
  Loop loop;
  std::vector<int> called;
  loop.post([&] {
    called.push_back(1);
    loop.post([&] { called.push_back(3); });
    CHECK(called.size() == 1);
  });
  loop.post([&] { called.push_back(2); });
  CHECK(called.empty());
  loop.run();
  CHECK(called == std::vector{1, 2, 3});
}

TEST_CASE("stop leaves what is not called yet for the next run") {
  Loop loop;
  std::vector<int> called;
  loop.post([&] {
    called.push_back(1);
    loop.stop();
    called.push_back(2);
  });
  loop.post([&] { called.push_back(3); });
  loop.run();
  CHECK(called == std::vector{1, 2});
  loop.run();
  CHECK(called == std::vector{1, 2, 3});
}

TEST_CASE("stop before run makes that run return at once") {
  Loop loop;
  bool called = false;
  loop.post([&] { called = true; });
  loop.stop();
  loop.run();
  CHECK_FALSE(called);
  loop.run();
  CHECK(called);
}

TEST_CASE("now stands still within a handler and moves on between handlers") {
  Loop loop;
  Time first{};
  loop.post([&] {
    first = loop.now();
    while (Clock::now() <= first) {
    }
    CHECK(loop.now() == first);
  });
  loop.post([&] { CHECK(loop.now() > first); });
  loop.run();
  CHECK(loop.now() > first);
}

TEST_CASE("the read buffer is one for all") {
  Loop loop;
  CHECK(loop.read_buffer().data() == loop.read_buffer().data());
  CHECK(loop.read_buffer().size() >= 16 * 1024);
}

TEST_CASE("timers fire in the order of their times, none early") {
  Loop loop;
  Timer late(loop);
  Timer early(loop);
  Timer past(loop);
  std::vector<int> fired;
  const Time start = loop.now();
  late.set(start + 20ms, [&] {
    CHECK(loop.now() >= start + 20ms);
    fired.push_back(3);
  });
  early.set(start + 5ms, [&] {
    CHECK(loop.now() >= start + 5ms);
    fired.push_back(2);
  });
  past.set(start - 1h, [&] { fired.push_back(1); });
  CHECK(fired.empty());
  loop.run();
  CHECK(fired == std::vector{1, 2, 3});
}

TEST_CASE("a timer that is set again forgets what was set before") {
  Loop loop;
  Timer timer(loop);
  int fired = 0;
  const Time start = loop.now();
  Time when{};
  const auto fire = [&](int what) {
    return [&, what] {
      fired = what;
      when = loop.now();
    };
  };
  SUBCASE("to later") {
    timer.set(start + 1ms, fire(1));
    timer.set(start + 15ms, fire(2));
    loop.run();
    CHECK(when >= start + 15ms);
  }
  SUBCASE("to earlier") {
    timer.set(start + 1h, fire(1));
    timer.set(start + 1ms, fire(2));
    loop.run();
    CHECK(when < start + 1h);
  }
  SUBCASE("to later, then to earlier") {
    timer.set(start + 10ms, fire(1));
    timer.set(start + 1h, fire(1));
    timer.set(start + 1ms, fire(2));
    loop.run();
    CHECK(when < start + 1h);
  }
  SUBCASE("from its own handler") {
    timer.set(start + 1ms, [&] { timer.set(loop.now() + 1ms, fire(2)); });
    loop.run();
  }
  SUBCASE("after it was cancelled") {
    timer.set(start + 1ms, fire(1));
    timer.cancel();
    timer.set(start + 2ms, fire(2));
    loop.run();
  }
  CHECK(fired == 2);
}

TEST_CASE("a cancelled timer keeps no loop running, and never fires even when it was due") {
  Loop loop;
  std::optional<Timer> second;
  second.emplace(loop);
  Timer first(loop);
  Timer never(loop);
  bool fired = false;
  const Time due = loop.now() - 1s;
  first.set(due - 1s, [&] {
    SUBCASE("cancelled") { second->cancel(); }
    SUBCASE("destroyed") { second.reset(); }
  });
  second->set(due, [&] { fired = true; });
  never.set(Time::max(), [&] { fired = true; });
  never.cancel();
  loop.run();
  CHECK_FALSE(fired);
}

TEST_CASE("a timer may be destroyed by its own handler") {
  Loop loop;
  auto timer = std::make_unique<Timer>(loop);
  timer->set(loop.now(), [&] { timer.reset(); });
  loop.run();
  CHECK(timer == nullptr);
}

TEST_CASE("a timer set to the end of time waits, and does not wrap around") {
  GuardedLoop loop;
  Timer never(loop);
  Timer soon(loop);
  bool fired = false;
  never.set(Time::max(), [&] { fired = true; });
  soon.set(loop.now() + 5ms, [&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(fired);
}
