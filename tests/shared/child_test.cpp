// What a program that runs for us writes, when it is captured.
#include "exec/child.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <csignal>

using namespace mq;

namespace {

struct Seen {
  int status = -1;
  std::string output, error;
  bool too_long = false;
};

Seen seen(const std::string& script, CaptureBounds bounds, Buffer input = {}) {
  std::signal(SIGPIPE, SIG_IGN);
  Loop loop;
  Seen result;
  std::unique_ptr<Child> child;
  auto started = Child::start(
      loop, {"/bin/sh", "-c", script}, {"PATH=/bin:/usr/bin"}, input,
      [&](int status) {
        result = {status, std::string(child->output()), std::string(child->error()),
                  child->output_too_long()};
        loop.stop();
      },
      bounds);
  REQUIRE(started);
  child = std::move(*started);
  loop.run();
  return result;
}

constexpr CaptureBounds roomy{.output = 4 << 20, .error = 4096};

}  // namespace

TEST_CASE("output and error are there when the program has ended") {
  const Seen both = seen("cat; echo no >&2; exit 3", roomy, "in");
  CHECK(WEXITSTATUS(both.status) == 3);
  CHECK(both.output == "in");
  CHECK(both.error == "no\n");
  const Buffer large(3 << 20, 'x');
  CHECK(seen("cat", roomy, large).output == large);
  CHECK(seen("exec >&- 2>&-; exit 0", roomy).output.empty());
}

TEST_CASE("an output that is too long is closed, an error is cut but read on") {
  const Seen endless = seen("exec yes", {.output = 1000, .error = 10});
  CHECK(WTERMSIG(endless.status) == SIGPIPE);
  CHECK(endless.too_long);
  CHECK(endless.output.size() == 1000);
  CHECK_FALSE(seen("printf 1234567890", {.output = 10, .error = 10}).too_long);
  CHECK(seen("printf 12345678901", {.output = 10, .error = 10}).too_long);
  const Seen chatty = seen("head -c 1000000 /dev/zero >&2; echo ok", {.output = 10, .error = 100});
  CHECK(chatty.status == 0);
  CHECK(chatty.output == "ok\n");
  CHECK(chatty.error.size() == 100);
}

TEST_CASE("who is left behind with the output open is not waited for") {
  const Seen left = seen("sleep 0.5 & echo answer", roomy);
  CHECK(left.status == 0);
  CHECK(left.output == "answer\n");
  const Seen writer = seen("yes & sleep 0.05; kill -9 $$", {.output = 1 << 30, .error = 10});
  CHECK(WTERMSIG(writer.status) == SIGKILL);
}
