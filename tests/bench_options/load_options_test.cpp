// Options of the scenario commands: what holds for all of them, and what can't be.
#include <doctest/doctest.h>

#include "bench/rows.hpp"
#include "bench_options/bench_lines.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::hint_of;
using test::load;

const PublishPlan& plan(const Result<BenchSettings>& settings) {
  for (const Population& one : settings->scenario.populations)
    if (one.publish) return *one.publish;
  FAIL("nobody publishes");
  return *settings->scenario.populations.front().publish;
}

}  // namespace

TEST_CASE("what holds for every run when nothing is said") {
  for (const LoadCommand& command : load_commands()) {
    CAPTURE(command.name);
    const auto settings = load(command.name, {});
    REQUIRE(settings);
    const Scenario& scenario = settings->scenario;
    CHECK(scenario.name == command.name);
    CHECK(scenario.threads == 1);
    CHECK(scenario.seed == 1);
    CHECK(scenario.shard.count == 1);
    CHECK(scenario.warm_up == 0s);
    CHECK(scenario.drain == 10s);
    CHECK(settings->processes == 0);
    CHECK(settings->report.progress);
    std::uint64_t next = 0;
    for (const Population& population : scenario.populations) {
      CHECK(population.first_client == next);
      next += population.clients;
      CHECK(population.session.client_id.empty());
      CHECK(population.client_id == "bench-{run}-{client}");
      CHECK(population.connect.in_total);
    }
    CHECK(load(command.name, {})->scenario.run != scenario.run);
  }
}

TEST_CASE("every default that help shows is the one that holds") {
  for (const LoadCommand& command : load_commands()) {
    CAPTURE(command.name);
    LoadSettings settings;
    General general;
    for (const OptionRow& row : load_options(command, settings, general)) {
      CAPTURE(row.name);
      const bool own = row.group == OptionGroup::load || row.group == OptionGroup::publish ||
                       row.group == OptionGroup::subscribe;
      if (!own) continue;
      if (!row.default_text.empty()) CHECK(row.set({&row.default_text, 1}));
      CHECK(row.summary.size() <= 50);
      CHECK_FALSE(row.detail.empty());
    }
  }
}

TEST_CASE("load: rates") {
  CHECK(plan(load("pub", {"--rate", "2.5k"})).rate.per_second == 2500);
  const Rate total = plan(load("pub", {"--total-rate", "10", "--poisson"})).rate;
  CHECK(total.pace == Pace::poisson);
  CHECK(total.per_second == 10);
  CHECK(total.in_total);
  const Rate bursts = plan(load("pub", {"--burst", "7"})).rate;
  CHECK(bursts.pace == Pace::bursts);
  CHECK(bursts.burst == 7);
  CHECK(bursts.per_second == 100);
  CHECK(plan(load("pub", {"--flood"})).rate.pace == Pace::flood);
  const auto conn = load("conn", {"--connect-rate", "max", "-c", "5"});
  CHECK(conn->scenario.populations[0].connect.pace == Pace::flood);
  CHECK(conn->scenario.populations[0].clients == 5);
  CHECK(error_of(load("pub", {"--flood", "--rate", "5"})) == "--rate does not go with --flood");
  CHECK(error_of(load("pub", {"--flood", "--burst", "5"})) == "--burst does not go with --flood");
  CHECK(error_of(load("pub", {"--poisson", "--burst", "5"})) == "--poisson does not go with --burst");
  CHECK(error_of(load("pub", {"--rate", "5", "--total-rate", "5"})) ==
        "--rate and --total-rate say the same in two ways");
}

TEST_CASE("load: -r is --retain, whatever it is elsewhere") {
  for (const char* name : {"pub", "pubsub"}) {
    const auto wrong = load(name, {"-r", "100"});
    CHECK(error_of(wrong) == "unexpected argument '100'");
    CHECK(hint_of(wrong) == "did you mean --rate '100'? -r is --retain");
  }
  CHECK(hint_of(load("pub", {"--retain", "100"})) == "did you mean -t '100'?");
  CHECK(hint_of(load("pub", {"--rate", "5", "-r", "100"})) == "did you mean -t '100'?");
  CHECK(hint_of(load("pub", {"-r", "a/b"})) == "did you mean -t 'a/b'?");
}

TEST_CASE("load: counts and times") {
  CHECK(load("pub", {})->scenario.duration == 10s);
  CHECK_FALSE(load("pub", {"-n", "5"})->scenario.duration);
  CHECK(plan(load("pub", {"-n", "5"})).count == 5);
  const auto both = load("pub", {"-n", "5", "-d", "1m", "--warm-up", "5s", "--drain", "250ms"});
  CHECK(both->scenario.duration == 65s);
  CHECK(both->scenario.warm_up == 5s);
  CHECK(both->scenario.drain == 250ms);
  CHECK(error_of(load("pub", {"-d", "0"})) == "a duration of 0 measures nothing");
  CHECK(error_of(load("sub", {"-n", "5"})) == "unknown option '-n'");
}

TEST_CASE("load: payloads and stamps") {
  CHECK(plan(load("pub", {})).payload.size.most == 64);
  CHECK(plan(load("pub", {})).stamp == StampPlace::payload);
  const auto text = load("pub", {"-m", "on"});
  CHECK(plan(text).stamp == StampPlace::user_property);
  CHECK_FALSE(text->connection.client.fall_back_to_v311);
  CHECK(plan(load("pub", {"-m", "on", "-V", "311"})).stamp == StampPlace::none);
  CHECK(load("pub", {})->connection.client.fall_back_to_v311);
  CHECK(plan(load("pub", {"-m", "on", "--stamp", "payload"})).stamp == StampPlace::payload);
  CHECK(plan(load("pub", {"-f", "x.json"})).payload.path == "x.json");
  CHECK(plan(load("pub", {"-m", "1", "--format", "cbor"})).payload.format.format == "cbor");
  CHECK(plan(load("pub", {"--size", "8", "--stamp", "none"})).payload.size.most == 8);
  CHECK(error_of(load("pub", {"--size", "31"})) ==
        "a payload of 31 bytes has no room for a stamp, which takes 32");
  CHECK(error_of(load("pub", {"--size", "5-90"})) ==
        "a payload of 5 bytes has no room for a stamp, which takes 32");
  CHECK(error_of(load("pub", {"-m", "x", "--size", "99"})) ==
        "--size is about payloads of ours, not about texts");
  CHECK(error_of(load("pub", {"-m", "x", "-f", "y"})) == "-m and -f are two texts");
  CHECK(error_of(load("pub", {"--format", "json"})) == "formats, schemas and --compress are about texts");
  CHECK(error_of(load("pub", {"-m", "x", "--stamp", "property", "-V", "311"}))
            .contains("needs MQTT 5.0, but -V asks for MQTT 3.1.1"));
  CHECK(error_of(load("pub", {"-m", "1", "--schema", "s.json", "--stamp", "payload"})) ==
        "a payload with a stamp in front breaks every schema");
  CHECK(error_of(load("pub", {"--data-by", "message"})) == "--data-by means nothing without --data");
}

TEST_CASE("load: windows") {
  CHECK(plan(load("pub", {"-q", "1", "--window", "7"})).window == 7);
  const auto v3 = load("pub", {"-q", "1", "-V", "311"});
  CHECK(plan(v3).window == 20);
  CHECK(v3->scenario.populations[0].session.receive_maximum_below_v5 == 20);
  const auto given = load("pub", {"-q", "1", "-V", "311", "--window", "500"});
  CHECK(given->scenario.populations[0].session.max_in_flight == 500);
  CHECK(given->scenario.populations[0].session.receive_maximum_below_v5 == 500);
  CHECK(error_of(load("pub", {"--window", "7"})) ==
        "--window is about acknowledgements, which QoS 0 has none of");
}

TEST_CASE("load: threads, shards and the name of the run") {
  const auto settings = load("pub", {"--threads", "4", "--processes", "3", "-A", "127.0.0.2", "-A", "::1",
                                     "--seed", "9", "--run", "abc", "--start-at", "1896091200"});
  REQUIRE(settings);
  CHECK(settings->scenario.threads == 4);
  CHECK(settings->processes == 3);
  CHECK(settings->scenario.source_addresses == std::vector<std::string>{"127.0.0.2", "::1"});
  CHECK(settings->scenario.seed == 9);
  CHECK(settings->scenario.run == 0xABC);
  CHECK(settings->start_at == LocalTime::Moment(1896091200s));
  CHECK(error_of(load("pub", {"--shard", "0/4"})) == "all shards need the same name of the run");
  const auto one = load("pub", {"--shard", "0/4", "--title", "nightly"});
  const auto other = load("pub", {"--shard", "3/4", "--title", "nightly"});
  CHECK(one->scenario.run == other->scenario.run);
  CHECK(one->scenario.run != load("pub", {"--shard", "0/4", "--title", "daily"})->scenario.run);
  CHECK(load("pub", {"--shard", "0/4", "--start-at", "1896091200"}));
  CHECK(error_of(load("pub", {"--shard", "0/4", "--run", "1", "--processes", "2"})) ==
        "--processes does not go with --shard");
  CHECK(error_of(load("pub", {"-c", "2", "--shard", "3/4", "--run", "1"})) ==
        "shard 3/4 of 2 clients has none");
  CHECK(error_of(load("pub", {"-A", "localhost"})).contains("no numeric address"));
}

TEST_CASE("load: servers, sessions and identifiers") {
  const auto settings = load("pub", {"-h", "a", "-h", "b", "-p", "1884", "-u", "me", "-P", "secret", "-k",
                                     "5", "-D", "connect", "user-property", "x", "y"});
  REQUIRE(settings);
  CHECK(settings->connection.client.endpoints.size() == 2);
  const SessionConfig& session = settings->scenario.populations[0].session;
  CHECK(session.keep_alive == 5);
  CHECK(session.user_name == "me");
  CHECK(session.password == "secret");
  CHECK_FALSE(session.properties.empty());
  CHECK(load("pub", {"-L", "mqtt://me:word@h"})->scenario.populations[0].session.password == "word");
  CHECK(load("pub", {"-i", "dev"})->scenario.populations[0].client_id == "dev-{client}");
  CHECK(load("pub", {"-i", "dev{number}"})->scenario.populations[0].client_id == "dev{number}");
  CHECK(error_of(load("pub", {"-L", "mqtt://h/topic"})) == "a URL with a topic is for one client");
  CHECK(error_of(load("pub", {"--no-clean-start"})) == "sessions are found again by the run's name");
  const auto going_on = load("pub", {"--no-clean-start", "--run", "1"});
  CHECK(going_on->scenario.populations[0].session.continues_session);
  const auto properties = load("pubsub", {"-D", "publish", "content-type", "text/plain", "-D", "subscribe",
                                          "user-property", "a", "b"});
  CHECK_FALSE(plan(properties).properties.empty());
  CHECK_FALSE(properties->scenario.populations[0].subscribe->properties.empty());
}

TEST_CASE("load: passwords that are read later reach every population") {
  auto settings = load("pubsub", {"-u", "me"});
  REQUIRE(settings);
  settings->connection.client.session.password = "from a file";
  share_credentials(*settings);
  for (const Population& one : settings->scenario.populations) CHECK(one.session.password == "from a file");
}

TEST_CASE("load: reports") {
  const auto settings = load("pub", {"--output",  "json",     "--title",       "T",
                                     "--report",  "r.html",   "--csv",         "c",
                                     "--json",    "j",        "--hgrm",        "h",
                                     "--junit",   "u",        "--baseline",    "b",
                                     "--fail-if", "lost > 0", "--fail-if",     "e2e.p99 > 5ms",
                                     "--metrics", ":9100",    "--no-progress", "--color",
                                     "never"});
  REQUIRE(settings);
  const ReportSettings& report = settings->report;
  CHECK(report.json);
  CHECK(report.title == "T");
  CHECK(report.html == "r.html");
  CHECK(report.csv == "c");
  CHECK(report.json_file == "j");
  CHECK(report.percentiles == "h");
  CHECK(report.junit == "u");
  CHECK(report.baseline == "b");
  CHECK(report.fail_if == std::vector<std::string>{"lost > 0", "e2e.p99 > 5ms"});
  CHECK(report.metrics == ":9100");
  CHECK_FALSE(report.progress);
  CHECK(report.colour == OutputSettings::Colour::never);
  CHECK(error_of(load("pub", {"--metrics", "9100"})).contains("names no port"));
  CHECK(error_of(load("pub", {"--fail-if", ""})).contains("no condition"));
}

}  // namespace mq
