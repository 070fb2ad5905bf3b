// mqtt-pub --template, --size and --lint: what is made for each message, and what is said about it.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <set>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "shared/timestamp.hpp"

using namespace mq;

namespace {

// "topic payload" of each.
std::string story(const FakeBroker& broker) {
  std::string text;
  for (const RecordPtr& record : broker.records(PacketType::publish))
    text += fmt::format("{} {}\n", record->as<Publish>().topic, record->as<Publish>().payload);
  return text;
}

std::string sent(const Arguments& arguments, Bytes lines = {}) {
  FakeBroker broker;
  const Outcome outcome = run(with_input(pub(broker.port(), arguments), lines));
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  return story(broker);
}

}  // namespace

TEST_CASE("templates in payloads and topics") {
  CHECK(sent({"-t", "d/{count}", "-t", "all", "--template", "-m", R"({"n":{count}})", "--repeat", "2"}) ==
        "d/1 {\"n\":1}\nall {\"n\":1}\nd/2 {\"n\":2}\nall {\"n\":2}\n");
  CHECK(sent({"-t", "a", "-m", "{count}"}) == "a {count}\n");
  CHECK(sent({"-t", "a/{line}", "-l", "--template", "-m", "<{line}> {count}"}, "x\ny\n") ==
        "a/x <x> 1\na/y <y> 2\n");
  CHECK(sent({"-t", "a", "-l", "--template"}, "{count} {random 3 3}\n{{count}} {count}\n") ==
        "a 1 3\na {count} 2\n");
  CHECK(sent({"-l", "--line-format", "%t %p", "--template"}, "x {count}\n") == "x 1\n");
  CHECK(sent({"-t", "a", "-s", "--template"}, "{\"a\":{\"b\":{count}}}") == "a {\"a\":{\"b\":1}}\n");
  CHECK(sent({"-t", "a/{{count}}", "--template", "-m", "x", "--lint", "off"}) == "a/{count} x\n");
  const std::string moment = sent({"-t", "a", "--template", "-m", "{time}"});
  CHECK(parse_timestamp(moment.substr(2, moment.size() - 3)));
}

TEST_CASE("templates know the environment, and a seed makes runs alike") {
  FakeBroker broker;
  Launch launch = pub(broker.port(), {"-t", "a", "--template", "-m", "{env ROOM}"});
  launch.environment.emplace_back("ROOM", "kitchen");
  CHECK(run(launch).code == 0);
  CHECK(story(broker) == "a kitchen\n");
  const Arguments seeded{"-t",       "a", "--template", "-m", "{uuid} {random 1 1000000}",
                         "--repeat", "3", "--seed",     "7"};
  CHECK(sent(seeded) == sent(seeded));
  const Arguments free{"-t", "a", "--template", "-m", "{uuid}"};
  CHECK(sent(free) != sent(free));
}

TEST_CASE("a template that is wrong is told before a connection is made; one on a line with its number") {
  CHECK(failed_with(run(pub({"-t", "a", "--template", "-m", "{cuont}"})), 2, "hint: did you mean {count}?"));
  CHECK(
      failed_with(run(pub({"-t", "a/{random 2 1}", "--template", "-m", "x"})), 2, "its larger number first"));
  CHECK(failed_with(run(pub({"-t", "a", "--template", "-m", "{line}"})), 2, "there is no {line} without -l"));
  FakeBroker broker;
  CHECK(failed_with(run(with_input(pub(broker.port(), {"-t", "a", "-l", "--template"}), "x\n{cuont}\n")), 7,
                    "line 2: {cuont}"));
  CHECK(story(broker) == "a x\n");
}

TEST_CASE("a topic that a template makes must be one") {
  FakeBroker broker;
  const Outcome outcome = run(
      with_input(pub(broker.port(), {"-t", "{line}", "-l", "--template", "-m", "x", "--on-invalid", "skip"}),
                 "a\n#\n\nb\n"));
  CHECK(outcome.code == 7);
  CHECK(holds(outcome.err, "error: line 2: topic name '#' holds a wildcard"));
  CHECK(holds(outcome.err, "error: line 3: topic name is empty"));
  CHECK(story(broker) == "a x\nb x\n");
}

TEST_CASE("random payloads have the size that was asked for, and each is another") {
  FakeBroker broker;
  CHECK(run(pub(broker.port(), {"-t", "a", "--size", "2k", "--repeat", "3"})).code == 0);
  std::set<std::string> seen;
  for (const RecordPtr& record : broker.records(PacketType::publish)) {
    CHECK(record->as<Publish>().payload.size() == 2048);
    seen.emplace(record->as<Publish>().payload);
  }
  CHECK(seen.size() == 3);
  CHECK(sent({"-t", "a", "--size", "0"}) == "a \n");
  CHECK(sent({"-t", "a", "--size", "8", "--seed", "1"}) == sent({"-t", "a", "--size", "8", "--seed", "1"}));
}

TEST_CASE("odd topics are warned of once a run and kind, refused, or let be") {
  FakeBroker broker;
  const Arguments odd{"-t", "/a b", "-m", "x", "--repeat", "3"};
  const Outcome warned = run(pub(broker.port(), odd));
  CHECK(warned.code == 0);
  CHECK(count_of("\n", warned.err) == 2);
  CHECK(holds(warned.err, "warning: topic '/a b' begins with '/'"));
  CHECK(holds(warned.err, "warning: topic '/a b' holds white space"));
  for (const char* option : {"--quiet", "--lint=off"}) {
    Arguments silent = odd;
    silent.emplace_back(option);
    CHECK(run(pub(broker.port(), silent)).err == "");
  }
  Arguments strict = odd;
  strict.insert(strict.end(), {"--lint", "error"});
  const int connections = broker.connections();
  CHECK(failed_with(run(pub(broker.port(), strict)), 2, "topic '/a b' begins with '/'"));
  CHECK(broker.connections() == connections);
}

TEST_CASE("odd topics of lines: one warning for all, or each line refused") {
  const Arguments reading{"-l", "--line-format", "%t %p"};
  const Bytes lines = "a 1\n$x 2\n$y 3\n/z 4\nb 5\n";
  FakeBroker broker;
  const Outcome warned = run(with_input(pub(broker.port(), reading), lines));
  CHECK(warned.code == 0);
  CHECK(count_of("\n", warned.err) == 2);
  CHECK(holds(warned.err, "topic '$x' begins with '$'"));
  CHECK(holds(warned.err, "topic '/z' begins with '/'"));
  Arguments strict = reading;
  strict.insert(strict.end(), {"--lint", "error", "--on-invalid", "skip"});
  FakeBroker other;
  const Outcome refused = run(with_input(pub(other.port(), strict), lines));
  CHECK(refused.code == 7);
  CHECK(count_of("error: line ", refused.err) == 3);
  CHECK(story(other) == "a 1\nb 5\n");
}

TEST_CASE("JSON payloads are asked for a time and a version where that is wanted") {
  FakeBroker broker;
  const auto told = [&broker](const char* lint, const char* payload) {
    return run(pub(broker.port(), {"-t", "a", "--repeat", "2", "--lint", lint, "-m", payload}));
  };
  CHECK(told("warn", "{}").err == "");
  CHECK(told("payload", R"({"ts":1,"v":1})").err == "");
  CHECK(told("payload", "21.5").err == "");
  const Outcome warned = told("payload", R"({"a":1})");
  CHECK(warned.code == 0);
  CHECK(count_of("warning: a payload for 'a' has no member", warned.err) == 2);
  CHECK(failed_with(told("error,payload", R"({"ts":1})"), 2, "which form it has"));
}

TEST_CASE("a topic whose template never changes is looked at all the same") {
  FakeBroker broker;
  const Outcome outcome = run(pub(broker.port(), {"-t", "/a b", "--template", "-m", "x", "--lint", "error"}));
  CHECK(failed_with(outcome, 2, "begins with '/'"));
}
