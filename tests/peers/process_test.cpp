#include "peers/process.hpp"

#include <doctest/doctest.h>

#include <csignal>

#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

TEST_CASE("a program's exit code, output, time and signals are told") {
  const Outcome done = run({.command = {"sh", "-c", "echo out; echo err >&2; exit 7"}});
  CHECK(done.code == 7);
  CHECK(done.signal == 0);
  CHECK(done.out == "out\n");
  CHECK(done.err == "err\n");
  CHECK(done.wall > 0s);
  CHECK(done.max_rss_kib > 100);

  Process sleeping({.command = {"sleep", "1000"}});
  CHECK(sleeping.running());
  CHECK(sleeping.peak_memory_kib() > 0);
  sleeping.signal(SIGTERM);
  const Outcome ended = sleeping.wait();
  CHECK(ended.signal == SIGTERM);
  CHECK(ended.code == 143);
}

TEST_CASE("a program that does not end in time is a failure that shows what was seen") {
  Process endless({.command = {"sh", "-c", "echo so far; exec sleep 1000"}});
  endless.await_lines(1);
  CHECK_THROWS_WITH_AS(endless.wait(10ms), doctest::Contains("so far"), PeerFailure);
  CHECK_THROWS_AS(run({.command = {"/nowhere/at-all"}}), PeerFailure);
}

TEST_CASE("a wait for text ends with the program") {
  Process brief({.command = {"sh", "-c", "echo something else"}});
  CHECK_THROWS_WITH_AS(brief.await_out("never"), doctest::Contains("something else"), PeerFailure);
}

TEST_CASE("every kind of standard input") {
  const TempDir dir;
  Buffer large(3'000'000, 'x');
  CHECK(run({.command = {"wc", "-c"}, .input = Input::bytes, .input_bytes = large}).out == "3000000\n");
  CHECK(run({.command = {"wc", "-c"}, .input = Input::file, .input_path = dir.write("f", "1234")}).out ==
        "4\n");
  CHECK(run({.command = {"wc", "-c"}}).out == "0\n");
  CHECK(run({.command = {"wc", "-c"}, .input = Input::bytes}).out == "0\n");
  CHECK(run({.command = {"sh", "-c", "test -e /proc/self/fd/0 || echo none"}, .input = Input::closed}).out ==
        "none\n");

  Process cat({.command = {"cat"}, .input = Input::pipe});
  cat.write("one\n");
  cat.await_out("one\n");
  cat.write("two\n");
  cat.close_input();
  CHECK(cat.wait().out == "one\ntwo\n");

  Process typed({.command = {"sh", "-c", "test -t 0 && exec cat"}, .input = Input::terminal});
  typed.write("by hand\n");
  typed.await_out("by hand");
  typed.close_input();
  CHECK(typed.wait().code == 0);
}

TEST_CASE("every kind of standard output") {
  const TempDir dir;
  CHECK(run({.command = {"yes"}, .output = Output::broken}).signal == SIGPIPE);
  CHECK(run({.command = {"echo"}, .output = Output::file, .output_path = "/dev/full"}).code != 0);

  Process unread(
      {.command = {"sh", "-c", "head -c 1000000 /dev/zero; echo done >&2"}, .output = Output::unread});
  CHECK_THROWS_AS(unread.await_err("done", 0, 50ms), PeerFailure);
  unread.read_output();
  CHECK(unread.wait().out.size() == 1'000'000);

  Process head({.command = {"yes"}, .output = Output::unread});
  head.close_output();
  CHECK(head.wait().signal == SIGPIPE);
}

TEST_CASE("the environment can be changed") {
  const Outcome shown = run({.command = {"sh", "-c", "echo \"$MQ_PROBE.${HOME-gone}\""},
                             .environment = {{"MQ_PROBE", "set"}, {"HOME", std::nullopt}}});
  CHECK(shown.out == "set.gone\n");
}
