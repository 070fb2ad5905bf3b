#include "sub/options.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "command_lines.hpp"

namespace mq {

using test::Arguments;

TEST_CASE("subscribe options fill the settings") {
  const auto settings = test::sub({"-t",
                                   "a/#",
                                   "-t",
                                   "$share/g/b",
                                   "-T",
                                   "a/x",
                                   "-T",
                                   "a/+/y",
                                   "-U",
                                   "old/#",
                                   "-q",
                                   "1",
                                   "-C",
                                   "5",
                                   "-v",
                                   "-N",
                                   "-F",
                                   "%t [%p]\\n",
                                   "--pretty",
                                   "--random-filter",
                                   "12.5",
                                   "--retain-as-published",
                                   "--retain-handling",
                                   "new",
                                   "--remove-retained"});
  REQUIRE(settings);
  CHECK(settings->filters == std::vector<std::string>{"a/#", "$share/g/b"});
  CHECK(settings->filters_out == std::vector<std::string>{"a/x", "a/+/y"});
  CHECK(settings->unsubscribes == std::vector<std::string>{"old/#"});
  CHECK(settings->qos == QoS::at_least_once);
  CHECK(settings->count == 5);
  CHECK(settings->verbose);
  CHECK(settings->no_newline);
  CHECK(settings->format == "%t [%p]\\n");
  CHECK(settings->pretty);
  CHECK(settings->random_filter == doctest::Approx(12.5));
  CHECK(settings->retain_as_published);
  CHECK(settings->retain_handling == RetainHandling::new_only);
  CHECK(settings->remove_retained);
}

TEST_CASE("without options a subscriber shows everything and never ends") {
  const auto settings = test::sub({"-t", "a"});
  REQUIRE(settings);
  CHECK(settings->count == 0);
  CHECK_FALSE(settings->exit_when_subscribed);
  CHECK_FALSE(settings->hide_retained);
  CHECK_FALSE(settings->retained_only);
  CHECK_FALSE(settings->remove_retained);
  CHECK_FALSE(settings->no_local);
  CHECK_FALSE(settings->retain_as_published);
  CHECK(settings->retain_handling == RetainHandling::always);
  CHECK(settings->random_filter == doctest::Approx(100));
  CHECK_FALSE(settings->format);
}

TEST_CASE("-R asks the server for no retained messages, and works at every version") {
  for (const char* version : {"311", "5"}) {
    const auto settings = test::sub({"-t", "a", "-R", "-V", version});
    REQUIRE(settings);
    CHECK(settings->hide_retained);
    CHECK(settings->retain_handling == RetainHandling::never);
    CHECK_FALSE(settings->connection.needs_v5);
  }
}

TEST_CASE("to unsubscribe alone is enough to do") {
  const auto settings = test::sub({"-U", "a", "-c", "-i", "me", "-E"});
  REQUIRE(settings);
  CHECK(settings->filters.empty());
  CHECK(settings->exit_when_subscribed);
}

TEST_CASE("a command line that can't be meant is refused") {
  struct Row {
    Arguments arguments;
    const char* text;
    const char* hint;
  };
  const Row table[] = {
      {{}, "no topic filter to subscribe to", "give one with -t"},
      {{"-t", "a", "-R", "--retained-only"}, "-R and --retained-only exclude each other", ""},
      {{"-t", "a", "-R", "--remove-retained"},
       "-R and --remove-retained exclude each other",
       "with -R no retained message is asked for"},
      {{"-t", "a", "-C", "1", "-E"}, "-C and -E exclude each other", ""},
      {{"-t", "$share/g/a", "--no-local"},
       "--no-local does not go with the shared subscription '$share/g/a'",
       ""},
      {{"-t", ""}, "-t/--topic: topic filter is empty", ""},
      {{"-t", "a/#/b"}, "-t/--topic: topic filter 'a/#/b' goes on behind '#'", ""},
      {{"-t", "a+"}, "-t/--topic: topic filter 'a+' needs '+' as a level of its own", ""},
      {{"-t", "$share/g"}, "-t/--topic: topic filter '$share/g' has no filter behind its share name", ""},
      {{"-t", "\xC0\x80"}, "-t/--topic: topic filter '\\xc0\\x80' is not valid UTF-8", ""},
      {{"-t", "a", "-T", "#a"}, "-T/--filter-out: topic filter '#a' needs '#' as a level of its own", ""},
      {{"-t", "a", "-U", ""}, "-U/--unsubscribe: topic filter is empty", ""},
      {{"-t", "a", "-C", "0"}, "-C/--count: '0' is not a whole number from 1 to 18446744073709551615", ""},
      {{"-t", "a", "--random-filter", "0"},
       "--random-filter: '0' is not a share from 0.1 to 100 per cent",
       ""},
      {{"-t", "a", "--random-filter", "101"},
       "--random-filter: '101' is not a share from 0.1 to 100 per cent",
       ""},
      {{"-t", "a", "--random-filter", "nan"},
       "--random-filter: 'nan' is not a share from 0.1 to 100 per cent",
       ""},
      {{"-t", "a", "--retain-handling", "often"},
       "--retain-handling: 'often' is none of always, new, never",
       ""},
      {{"a/b"}, "unexpected argument 'a/b'", "did you mean -t 'a/b'?"},
      {{"-t", "a", "-m", "x"}, "unknown option '-m'", "--help lists all options"},
  };
  for (const Row& row : table) {
    CAPTURE(row.text);
    const auto settings = test::sub(row.arguments);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().kind == ErrorKind::usage);
    CHECK(settings.error().text == row.text);
    CHECK(settings.error().hint == row.hint);
  }
}

TEST_CASE("[MQTT-3.8.3-4] no-local is refused with a shared subscription in the URL too") {
  CHECK(test::error_of(test::sub({"-L", "mqtt://h/$share/g/a", "--no-local"})) ==
        "--no-local does not go with the shared subscription '$share/g/a'");
}

}  // namespace mq
