#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "net/testing.hpp"

using namespace mq;
using mq::testing::GuardedLoop;
using mq::testing::Open;

namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    reading = Open(ends[0]);
    writing = Open(ends[1]);
  }
  Open reading;
  Open writing;
};

std::pair<Open, Open> socket_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return {Open(ends[0]), Open(ends[1])};
}

void put(int descriptor, std::string_view text) {
  REQUIRE(::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

char get(int descriptor) {
  char c = 0;
  REQUIRE(::read(descriptor, &c, 1) == 1);
  return c;
}

}  // namespace

TEST_CASE("a watch says once that a pipe is readable, and again when it is asked again") {
  GuardedLoop loop;
  const Pipe pipe;
  Watch watch(loop, pipe.reading.number());
  std::string seen;
  std::move_only_function<void()> ask = [&] {
    watch.readable([&] {
      seen += get(pipe.reading.number());
      if (seen.size() < 3) return ask();
      loop.post([&] { loop.stop(); });
    });
  };
  ask();
  loop.post([&] { put(pipe.writing.number(), "abcd"); });
  loop.run();
  CHECK(seen == "abc");  // "d" is there too, but nobody asked
}

TEST_CASE("a watch leaves the flags of a descriptor that others share alone") {
  GuardedLoop loop;
  const Pipe pipe;
  const int before = ::fcntl(pipe.reading.number(), F_GETFL);
  {
    Watch reading(loop, pipe.reading.number());
    Watch writing(loop, pipe.writing.number());
    writing.writable([&] { put(pipe.writing.number(), "x"); });
    reading.readable([&] {
      CHECK(::fcntl(pipe.reading.number(), F_GETFL) == before);
      CHECK((::fcntl(pipe.writing.number(), F_GETFL) & O_NONBLOCK) == 0);
      loop.stop();
    });
    loop.run();
  }
  CHECK(::fcntl(pipe.reading.number(), F_GETFL) == before);
  CHECK((before & O_NONBLOCK) == 0);
}

TEST_CASE("what no kernel waits for is always ready") {
  GuardedLoop loop;
  const Open file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const Open null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int number : {file.number(), null.number(), -1}) {
    CAPTURE(number);
    Watch watch(loop, number);
    int calls = 0;
    const auto called = [&] {
      if (++calls == 2) loop.stop();
    };
    watch.readable(called);
    watch.writable(called);
    CHECK(calls == 0);
    loop.run();
    CHECK(calls == 2);
  }
}

TEST_CASE("the same descriptor can be watched for reading and for writing") {
  GuardedLoop loop;
  const auto [near, far] = socket_pair();
  std::vector<std::string> seen;
  const auto written = [&] {
    seen.emplace_back("writable");
    put(far.number(), "x");
  };
  const auto read = [&] {
    seen.emplace_back("readable");
    loop.stop();
  };
  SUBCASE("by two watches") {
    Watch first(loop, near.number());
    Watch second(loop, near.number());
    first.readable(read);
    second.writable(written);
    loop.run();
  }
  SUBCASE("by one") {
    Watch watch(loop, near.number());
    watch.readable(read);
    watch.writable(written);
    loop.run();
  }
  SUBCASE("by one that is told of both at the same time") {
    Watch watch(loop, near.number());
    put(far.number(), "y");
    watch.writable([&] {
      seen.insert(seen.begin(), "writable");
      if (seen.size() == 2) loop.stop();
    });
    watch.readable([&] {
      seen.emplace_back("readable");
      if (seen.size() == 2) loop.stop();
    });
    loop.run();
  }
  CHECK(seen == std::vector<std::string>{"writable", "readable"});
}

TEST_CASE("a hang-up is readable, a reader that went is writable") {
  GuardedLoop loop;
  Pipe pipe;
  int calls = 0;
  SUBCASE("hang-up") {
    pipe.writing = Open();
    Watch watch(loop, pipe.reading.number());
    watch.readable([&] {
      char c = 0;
      CHECK(::read(pipe.reading.number(), &c, 1) == 0);
      ++calls;
      loop.stop();
    });
    loop.run();
  }
  SUBCASE("reader gone") {
    pipe.reading = Open();
    Watch watch(loop, pipe.writing.number());
    watch.writable([&] {
      ++calls;
      loop.stop();
    });
    loop.run();
  }
  SUBCASE("reader gone, with nothing to write") {
    Watch watch(loop, pipe.writing.number());
    watch.over([&] {
      ++calls;
      loop.stop();
    });
    Timer later(loop);
    later.set(loop.now(), [&] { pipe.reading = Open(); });
    loop.run();
  }
  SUBCASE("of what is always ready nobody learns that it is over") {
    const Open null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    Watch watch(loop, null.number());
    watch.over([&] { calls = 100; });
    Timer later(loop);
    later.set(loop.now(), [&] {
      ++calls;
      loop.stop();
    });
    loop.run();
  }
  CHECK(calls == 1);
}

TEST_CASE("a watch that is cancelled or destroyed calls nothing and keeps no loop running") {
  Loop loop;
  const Pipe pipe;
  put(pipe.writing.number(), "x");
  auto watch = std::make_unique<Watch>(loop, pipe.reading.number());
  bool called = false;
  watch->readable([&] { called = true; });
  SUBCASE("cancelled") { watch->cancel(); }
  SUBCASE("destroyed") { watch.reset(); }
  SUBCASE("cancelled by a handler before") {
    loop.post([&] { watch->cancel(); });
  }
  loop.run();
  CHECK_FALSE(called);
  CHECK(get(pipe.reading.number()) == 'x');
}

TEST_CASE("a watch may be destroyed by its own handler, and waits again after a cancel") {
  GuardedLoop loop;
  const Pipe pipe;
  auto watch = std::make_unique<Watch>(loop, pipe.reading.number());
  watch->readable([] { FAIL_CHECK("cancelled"); });
  watch->cancel();
  watch->readable([&] {
    watch.reset();
    loop.stop();
  });
  put(pipe.writing.number(), "x");
  loop.run();
  CHECK(watch == nullptr);
}
