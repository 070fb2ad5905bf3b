// Scenario files: what they say, and what is wrong with them.
#include "bench/scenario_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "bench/check.hpp"
#include "bench_options/bench_lines.hpp"
#include "load/receivers.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;
using test::Arguments;

Result<BenchSettings> run(Arguments arguments) {
  return test::parsed(parse_run, "run", std::move(arguments));
}

Result<BenchSettings> run_text(std::string_view text, Arguments arguments = {}) {
  const TempDir folder;
  const std::string path = folder.write("s.toml", text);
  arguments.push_back(path.c_str());
  auto settings = run(arguments);
  if (!settings && settings.error().text.starts_with(path))
    settings.error().text.replace(0, path.size(), "s.toml");
  return settings;
}

Scenario scenario(std::string_view text, Arguments arguments = {}) {
  auto settings = run_text(text, std::move(arguments));
  if (!settings) FAIL(settings.error().text);
  return settings->scenario;
}

std::string contents(const std::string& path) {
  std::ifstream file(std::string(MQTTKIT_SOURCE_DIR "/") + path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr std::string_view publisher = R"([[population]]
name = "p"
[population.publish]
topic = "a/{number}"
rate = 5
)";

// ".a" so often.
std::string deep(std::size_t times) {
  std::string text;
  while (times-- > 0) text += ".a";
  return text;
}

// A file that is complete but for what stands before its population.
std::string with(std::string_view start) { return std::string(start).append("\n").append(publisher); }

}  // namespace

TEST_CASE("keys and values nested without end, and files too large, are refused before they are read") {
  std::string deep;
  for (int i = 0; i < 30'000; ++i) deep += "a.";
  for (const std::string& text : {deep + "a=1", "x=1\n[" + deep + "a]", "x = {" + deep + "a=1}"}) {
    const auto settings = run_text(text);
    REQUIRE(!settings);
    CHECK(settings.error().text.ends_with(": a key has more than 16 parts"));
  }
  const std::string strings = "# \"\n'\"' = '''\n\"'''\n";
  CHECK(run_text(strings + deep + "a=1").error().text == "s.toml:4: a key has more than 16 parts");
  CHECK(!run_text("x=" + std::string(100'000, '[')));
  std::string both = "1";
  for (int i = 0; i < 250; ++i) both.insert(0, "{a.a.a.a.a.a.a.a=").append("}");
  CHECK(!run_text("x=" + both));
  CHECK(run_text("#" + std::string(1U << 20U, ' ')).error().text ==
        "s.toml:1: 1048577 bytes are more than the 1048576 it may have");
}

TEST_CASE("dots in texts and comments are no parts of keys") {
  const std::string dots(100, '.');
  const std::string start = std::string(publisher) + "count = 1\n";
  CHECK(scenario(start + "message = \"" + dots + "\\\"" + dots + "\" # " + dots + "\n\n# \"" + dots)
            .populations.size() == 1);
  CHECK(scenario(start + "message = \"\"\"" + dots + "\n\" " + dots + "\"\"\"\"\n").populations.size() == 1);
  CHECK(scenario(start + "message = '" + dots + "'\n").populations.size() == 1);
}

TEST_CASE("the least that a scenario file can hold") {
  const Scenario made = scenario(with("[scenario]\nduration = 3"));
  CHECK(made.name == "s");
  CHECK(made.duration == 3s);
  CHECK(made.drain == 10s);
  REQUIRE(made.populations.size() == 1);
  const Population& one = made.populations[0];
  CHECK(one.clients == 1);
  CHECK(one.client_id == "bench-{run}-{client}");
  CHECK(one.connect.per_second == 1000);
  CHECK(one.publish->rate.pace == Pace::constant);
  CHECK(one.publish->rate.per_second == 5);
  CHECK(one.publish->payload.size.most == 64);
  CHECK(one.publish->stamp == StampPlace::payload);
}

TEST_CASE("the example of the documentation") {
  const auto settings = run({MQTTKIT_SOURCE_DIR "/docs/bench-scenario.toml", "--run", "77"});
  if (!settings) FAIL(settings.error().text);
  const Scenario& made = settings->scenario;
  CHECK(made.name == "factory");
  CHECK(made.seed == 42);
  CHECK(made.warm_up == 10s);
  CHECK(made.drain == 15s);
  REQUIRE(made.stages.size() == 4);
  CHECK(made.stages[0].to == 1);
  CHECK(made.stages[2].from == 2.5);
  CHECK(made.stages[3].from == 2.5);
  CHECK(made.stages[3].to == 0);
  REQUIRE(made.populations.size() == 10);
  const Population& machines = made.populations[2];
  CHECK(machines.first_client == 8);
  CHECK(machines.after.size() == 2);
  CHECK(machines.publish->rate.pace == Pace::poisson);
  CHECK(machines.publish->window == 10);
  CHECK(machines.publish->stamp == StampPlace::user_property);
  CHECK(machines.publish->properties.view().bytes(PropertyId::content_type) == "application/json");
  CHECK(made.populations[1].subscribe->filters.front() == "$share/workers/factory/+/reading");
  CHECK(made.populations[3].publish->rate.in_total);
  CHECK(made.populations[3].publish->rate.burst == 10);
  CHECK(made.populations[5].request->timeout == 5s);
  CHECK(made.populations[5].request->publish.window == 1);
  CHECK(made.populations[6].churn->stay == 10s);
  CHECK(made.populations[7].leaves_when_ready);
  CHECK_FALSE(made.populations[7].session.clean_start);
  CHECK_FALSE(made.populations[7].session.continues_session);
  CHECK(made.populations[9].resumes == 7U);
  CHECK(made.populations[9].session.continues_session);
  CHECK(made.populations[9].after[0].finished);
  CHECK(check_scenario(made, settings->connection.log));
  const auto counts = receivers(made);
  REQUIRE(counts);
  CHECK(counts->at(machines.first_client) == 6);             // five dashboards, one of the workers
  CHECK(counts->at(made.populations[8].first_client) == 1);  // its absent client
  CHECK(counts->at(made.populations[5].first_client) == 1);  // one of the services
}

TEST_CASE("the example of the manual page") {
  std::string page = contents("man/mqtt-bench-run.1.in");
  const std::size_t begin = page.find(".EX\n", page.find(".SS An example")) + 4;
  std::string text = page.substr(begin, page.find(".EE", begin) - begin);
  const auto replace_all = [&text](std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  replace_all("\\-", "-");
  replace_all("\\(aq", "'");
  const Scenario made = scenario(text);
  CHECK(made.populations.size() == 3);
  REQUIRE(made.stages.size() == 3);
  CHECK(made.stages[0].from == 0);
  CHECK(made.stages[1].from == 1);
  CHECK(made.stages[1].to == 1);
  CHECK(made.stages[2].to == 0);
}

TEST_CASE("the command line goes before the file") {
  const std::string text = with("[scenario]\nduration = 3\nseed = 5");
  CHECK(scenario(text).seed == 5);
  CHECK(scenario(text, {"--seed", "9"}).seed == 9);
  const auto settings = run_text(text, {"--shard", "0/2", "--run", "a", "-k", "7", "--threads", "3"});
  REQUIRE(settings);
  CHECK(settings->scenario.shard.count == 2);
  CHECK(settings->scenario.threads == 3);
  CHECK(settings->scenario.populations[0].session.keep_alive == 7);
}

TEST_CASE("stages without factors go on as the one before ended") {
  const Scenario made =
      scenario(with("[[stage]]\nlength = 1\n[[stage]]\nlength = 2\nto = 3\n[[stage]]\nlength = 1"));
  REQUIRE(made.stages.size() == 3);
  CHECK(made.stages[0].from == 1);
  CHECK(made.stages[1].from == 1);
  CHECK(made.stages[2].to == 3);
  CHECK_FALSE(made.duration);
}

TEST_CASE("what is wrong is told with its line and the nearest name") {
  struct Row {
    std::string text;
    std::string_view error, hint;
  };
  const std::string start = "[scenario]\nduration = 3\n";
  const std::string population = start + "[[population]]\nname = \"p\"\n";
  const Row table[] = {
      {"", "s.toml has no [[population]]", ""},
      {"[scenario\n", "s.toml:1: ", ""},
      {with("[scenario]\ndurations = 3"), "s.toml:2: [scenario] has no 'durations'",
       "did you mean duration?"},
      {with("[scenarios]\nduration = 3"), "s.toml:1: a scenario file has no 'scenarios'",
       "did you mean scenario?"},
      {with("[scenario]\nduration = \"x\""), "s.toml:2: duration: 'x' is no length of time", ""},
      {with("[scenario]\nduration = [1, 2]"), "s.toml:2: duration takes one value", ""},
      {with("[scenario]\nduration = 2020-01-01"), "s.toml:2: duration: 'a date or time' is no length of time",
       ""},
      {with("[scenario]\nduration = 3\n[[stage]]\nlength = 3"), "s.toml: a duration does not go with stages",
       "the stages say how long it takes"},
      {with("[[stage]]\nfactor = 3"), "s.toml:1: a stage needs a length", ""},
      {with("[[stage]]\nlength = 3\nfactor = -1"), "s.toml:3: factor: '-1' is no factor from 0", ""},
      {with("[[stage]]\nlength = 3\nfactor = 1\nto = 2"), "s.toml:1: a stage has a factor, or goes", ""},
      {std::string(publisher), "nothing ends the scenario of ", ""},
      {start + "[[population]]\nclients = 3", "s.toml:3: a population needs a name", ""},
      {population + "client = 3", "s.toml:5: [[population]] has no 'client'", "did you mean clients?"},
      {population + "clients = 0", "s.toml:5: clients: '0' is not a whole number from 1", ""},
      {population + "after = \"q\"", "s.toml:5: after: there is no other population 'q'", ""},
      {population + "after = \"p\"", "s.toml:5: after: there is no other population 'p'", ""},
      {population + "[[population]]\nname = \"p\"", "s.toml:5: there are two populations called 'p'", ""},
      {population + "clean-start = 1", "s.toml:5: clean-start: '1' is neither true nor false", ""},
      {population + "leaves-when-ready = true", "s.toml:3: these clients would come and go at once",
       "see churn"},
      {population + "[population.publish]\nrate = 5", "s.toml:5: there is no topic to publish to", ""},
      {population + "[population.publish]\ntopic = \"a\"", "s.toml:5: there is no rate", ""},
      {population + "[population.publish]\ntopic = \"a\"\nrate = 1\nflood = true",
       "s.toml:5: --rate does not go with --flood", ""},
      {population + "[population.publish]\ntopic = \"a\"\nrate = 1\nflood = 1",
       "s.toml:8: flood is true or false", ""},
      {population + "[population.publish]\ntopic = \"a\"\nrate = 1\nwindow = 5", "s.toml:5: window is about",
       ""},
      {population + "[population.publish]\ntopic = \"a\"\nrate = 1\nsize = 5",
       "s.toml:5: a payload of 5 bytes", ""},
      {population + "[population.publish]\ntopic = \"a\"\nrate = 1\nproperty = [\"x\"]",
       "s.toml:8: a property is a list of its name and its value", ""},
      {population + "[population.publish]\ntopic = \"a\"\nrate = 1\nproperty = [[\"content-typ\", \"x\"]]",
       "s.toml:8: ", ""},
      {population + "[population.subscribe]\nqos = 1", "s.toml:5: there is no filter to subscribe to", ""},
      {population + "[population.subscribe]\nfilter = \"a#\"", "s.toml:6: filter: ", ""},
      {population + "[population.respond]\nfilter = \"a\"\ncount = 5", "s.toml:7: respond has no 'count'",
       ""},
      {population + "after = \"q\"\n[[population]]\nname = \"q\"\nafter = \"p\"",
       "s.toml:3: 'p' waits for itself", ""},
      {population + "publish = 5", "s.toml:5: publish is a table", ""},
      {"[stage]\nlength = 1\n" + population, "s.toml:1: stage stands in double brackets",
       "write [[stage]]: there may be several"},
      {"[population]\nname = \"p\"", "s.toml:1: population stands in double brackets",
       "write [[population]]: there may be several"},
      {"[!stage]", "s.toml:1: Error while parsing key: expected bare key starting character", ""},
      {"# " + deep(20) + "\na" + deep(16) + " = '" + deep(20) + "'\n", "s.toml:2: a scenario file has no 'a'",
       ""},
      {"b = \"\"\"\n.\\\"\"\"\"\na" + deep(17) + " = 1\n", "s.toml:3: a key has more than 16 parts", ""},
      {"# \xC3\xA4\nb = '\xC3\xA4'\n\xC3\xA4 = 1", "s.toml:3: a character beyond ASCII stands in no quotes",
       ""},
      {"\xEF\xBB\xBF[stages]\n", "s.toml:1: a scenario file has no 'stages'", "did you mean stage?"},
      {"a" + deep(100'000) + " = 1\n", "s.toml:1: a key has more than 16 parts", ""},
  };
  for (const Row& row : table) {
    CAPTURE(row.text);
    const auto settings = run_text(row.text);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().kind == ErrorKind::usage);
    CAPTURE(settings.error().text);
    CHECK(settings.error().text.starts_with(row.error));
    if (!row.hint.empty()) CHECK(settings.error().hint == row.hint);
  }
}

TEST_CASE("who waits for whom is known at once, however many ways lead there") {
  std::string text = "[scenario]\nduration = 1\n";
  constexpr int many = 60;
  for (int i = 0; i < many; ++i) {
    text += "[[population]]\nname = \"" + std::to_string(i) + "\"\n";
    if (i > 1) text += "after = [\"" + std::to_string(i - 1) + "\", \"" + std::to_string(i - 2) + "\"]\n";
    text += "[population.publish]\ntopic = \"a\"\nrate = 1\n";
  }
  CHECK(scenario(text).populations.size() == many);
}

TEST_CASE("one file at a time") {
  CHECK(test::error_of(run({})) == "no scenario to carry out");
  CHECK(test::error_of(run({"a.toml", "b.toml"})) == "one scenario at a time");
  CHECK(test::error_of(run({"/does/not/exist.toml"})).contains("/does/not/exist.toml"));
  CHECK(run({"--help"})->connection.answer);
}

}  // namespace mq
