// mqtt-rr ping's command line.
#include <doctest/doctest.h>

#include "command_lines.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::ping;

}  // namespace

TEST_CASE("ping: what holds when nothing is said") {
  const auto settings = ping({});
  REQUIRE(settings);
  CHECK(settings->topic.empty());
  CHECK(settings->qos == QoS::at_most_once);
  CHECK(settings->count == 0);
  CHECK(settings->interval == 1s);
  CHECK(settings->size == 16);
  CHECK_FALSE(settings->json);
  CHECK_FALSE(settings->connection.timeout);
  CHECK(settings->connection.client.retry.before_first == 0);
  CHECK_FALSE(settings->connection.client.retry.after_loss);  // for ever
}

TEST_CASE("ping: what is said") {
  const auto settings = ping({"-t", "a/b", "-q", "2", "-C", "7", "--interval", "0.001", "--size", "64K",
                              "--output", "json", "-W", "2.5", "--retries", "3"});
  REQUIRE(settings);
  CHECK(settings->topic == "a/b");
  CHECK(settings->qos == QoS::exactly_once);
  CHECK(settings->count == 7);
  CHECK(settings->interval == 1ms);
  CHECK(settings->size == 65536);
  CHECK(settings->json);
  CHECK(settings->connection.timeout == 2500ms);
  CHECK(settings->connection.client.retry.after_loss == 3);
  CHECK(ping({"-L", "mqtt://example/a/b"})->topic == "a/b");
  CHECK(ping({"-L", "mqtt://example/a/b", "-t", "c"})->topic == "c");
}

TEST_CASE("ping: what can't be") {
  CHECK(error_of(ping({"-t", "a/+"})).starts_with("-t/--topic: "));
  CHECK(error_of(ping({"-t", ""})).starts_with("-t/--topic: "));
  CHECK(error_of(ping({"-L", "mqtt://example/a/%23"})) != "");
  CHECK(error_of(ping({"-q", "3"})).starts_with("-q/--qos: "));
  for (const char* count : {"0", "-1", "x", ""})
    CHECK(error_of(ping({"-C", count})).starts_with("-C/--count: "));
  for (const char* interval : {"0", "0.0009", "-1", "nan", "x", ""})
    CHECK(error_of(ping({"--interval", interval})).starts_with("--interval: "));
  for (const char* size : {"15", "0", "129M", "x", ""})
    CHECK(error_of(ping({"--size", size})).starts_with("--size: "));
  CHECK(error_of(ping({"--output", "xml"})) == "--output: 'xml' is neither text nor json");
  CHECK(error_of(ping({"-m", "x"})) == "unknown option '-m'");
}

}  // namespace mq
