// The command line of mqtt-rr serve.
#include "rr/serve_options.hpp"

#include <doctest/doctest.h>

#include "command_lines.hpp"

using namespace mq;

namespace {

Result<ServeSettings> serve(test::Arguments arguments) {
  arguments.insert(arguments.begin(), "serve");
  return parse_serve(static_cast<int>(arguments.size()), arguments.data(), test::environment_of({}));
}

Result<ServeSettings> serve_with(test::Arguments arguments) {
  arguments.insert(arguments.end(), {"-t", "svc"});
  return serve(std::move(arguments));
}

std::string fault(test::Arguments arguments) { return test::error_of(serve_with(std::move(arguments))); }

}  // namespace

TEST_CASE("there is one way to answer") {
  CHECK(fault({}) == "it is not said how to answer");
  CHECK(fault({"--echo", "--reply", "x"}).ends_with("--echo says already how to answer"));
  CHECK(fault({"--echo", "--exec", "cat"}) == "--echo says already how to answer");
  CHECK(serve_with({"--reply", "a", "--reply", "b"})->reply == "b");
  CHECK(test::error_of(serve({"--echo"})) == "no topic filter of requests");
  CHECK(serve({"--echo", "-L", "mqtt://localhost/svc/#"})->filters == std::vector<std::string>{"svc/#"});
}

TEST_CASE("what is for commands needs one") {
  for (const auto& [option, value] : {std::pair("--jobs", "2"), {"--request-timeout", "2"}, {"--queue", "2"}})
    CHECK(fault({"--echo", option, value}) == std::string(option) + " means nothing without --exec");
  CHECK(fault({"--echo", "--max-answer", "2"}) == "--max-answer means nothing without --exec or --jq");
  CHECK(*serve_with({"--jq", ".", "--max-answer", "2"})->max_answer == 2);
  CHECK(fault({"--echo", "--shell"}) == "--shell means nothing without --exec");
  const auto all = serve_with({"--exec", "a 'b c'", "--jobs", "8", "--request-timeout", "0.5", "--queue", "0",
                               "--max-answer", "64K"});
  REQUIRE(all);
  CHECK(all->command == std::vector<std::string>{"a", "b c"});
  CHECK(*all->request_timeout == std::chrono::milliseconds(500));
  CHECK(all->queue == 0);
  CHECK(*all->max_answer == 65536);
  CHECK_FALSE(serve_with({"--exec", "a", "--request-timeout", "0"}));
  CHECK_FALSE(serve_with({"--exec", "a", "--max-answer", "268435456"}));
}

TEST_CASE("answers have no properties that belong to the single request") {
  CHECK(serve_with({"--echo", "-D", "publish", "content-type", "text/plain"}));
  for (const auto& [name, value] :
       {std::pair("response-topic", "x"), {"correlation-data", "x"}, {"topic-alias", "1"}})
    CHECK(fault({"--echo", "-D", "publish", name, value})
              .starts_with("-D publish " + std::string(name) + " is not for answers: "));
}

TEST_CASE("patterns and filters are checked") {
  CHECK_FALSE(serve_with({"--echo", "-e", "a/+"}));
  CHECK(serve_with({"--echo", "-e", "{topic}/answer"})->pattern->fill("a", {}, {}) == "a/answer");
  CHECK_FALSE(serve_with({"--echo", "--allow-response", "a/#/b"}));
  CHECK_FALSE(serve_with({"--echo", "-t", "#/a"}));
}

TEST_CASE("an answer must be possible, and be told from a request") {
  const auto of = [](test::Arguments arguments) {
    arguments.emplace_back("--echo");
    return test::error_of(serve(std::move(arguments)));
  };
  const auto back = [](const std::string& filter) {
    return "every answer to a request by '" + filter + "' would be a request itself";
  };
  CHECK(of({"-V", "311", "-t", "a", "-e", "b"}).ends_with("can't be told from a request"));
  CHECK(of({"-V", "311", "-t", "a/+/+", "-e", "b/{id}"}).empty());
  CHECK(of({"-V", "311", "-t", "a/+", "-e", "b/{client}"}).ends_with("can't be told from a request"));
  CHECK(of({"-V", "311", "-t", "a", "-e", "{topic}/b"}).empty());
  CHECK(of({"-V", "311", "-t", "a/#"}) == back("a/#"));
  CHECK(of({"-V", "311", "-t", "$share/g/a/#"}) == back("$share/g/a/#"));
  CHECK(of({"-V", "311", "-t", "b", "-t", "a/#"}) == back("a/#"));
  CHECK(of({"-V", "311", "-t", "a/#", "-e", "b/{topic}"}).empty());
  CHECK(of({"-t", "a/#"}).empty());
  CHECK(of({"-t", "a", "-e", "b"}).empty());
  CHECK(of({"-t", "a", "-e", "a"}) == back("a"));
  CHECK(of({"-t", "a/+/+", "-e", "a/{client}/{id}"}) == back("a/+/+"));
  CHECK(of({"-t", "a/#", "-t", "b/+/+", "-e", "{topic}/answer"}).empty());
  CHECK(of({"-t", "#"}) == back("#"));
  CHECK(of({"-t", "a/#", "--allow-response", "a/b"}) ==
        "no answer can go to 'a/b', where it would be a request");
  CHECK(of({"-t", "a/+/#", "--allow-response", "a/#"}).empty());
  CHECK(of({"-t", "a/+", "--allow-response", "a/+"}) ==
        "no answer can go to 'a/+', where it would be a request");
  CHECK(of({"-t", "a/+", "--allow-response", "+/b"}).empty());
}
