// Retained messages against mosquitto.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

void publish(const Mosquitto& broker, Arguments more) {
  more.insert(more.begin(), {"-q", "1"});
  CHECK(run(pub(broker.port(), more)).code == 0);
}

}  // namespace

TEST_CASE("-r keeps a message, -r -n takes it away") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  for (const char* version : {"31", "311", "5"}) {
    CAPTURE(std::string(version));
    publish(broker, {"-V", version, "-t", "r/a", "-m", "kept", "-r"});
    CHECK(run(sub(broker.port(), {"-V", version, "-t", "r/a", "-C", "1", "-F", "%r %p"})).out == "1 kept\n");
    publish(broker, {"-V", version, "-t", "r/a", "-n", "-r"});
    Process reader(
        sub(broker.port(), {"-V", version, "-i", "reader", "-t", "r/#", "-C", "1", "-F", "%r %p"}));
    broker.await_subscription("reader", "r/#");
    publish(broker, {"-t", "r/a", "-m", "live"});
    CHECK(reader.wait().out == "0 live\n");
  }
}

TEST_CASE("-R hides what is retained, in versions that could not ask for it too") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  publish(broker, {"-t", "r/a", "-m", "kept", "-r"});
  for (const char* version : {"311", "5"}) {
    CAPTURE(std::string(version));
    Process reader(sub(broker.port(), {"-V", version, "-i", "reader", "-t", "r/#", "-R", "-C", "1"}));
    broker.await_subscription("reader", "r/#");
    publish(broker, {"-t", "r/b", "-m", "live"});
    CHECK(reader.wait().out == "live\n");
  }
}

TEST_CASE("--retained-only ends with the first live message") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  publish(broker, {"-t", "r/a", "-t", "r/b", "-m", "kept", "-r"});
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "r/#", "--retained-only", "-v"}));
  reader.await_lines(2);
  publish(broker, {"-t", "r/c", "-m", "live"});
  const Outcome outcome = reader.wait();
  CHECK(outcome.code == 0);
  CHECK(holds(outcome.out, "r/a kept\n"));
  CHECK(holds(outcome.out, "r/b kept\n"));
  CHECK_FALSE(holds(outcome.out, "live"));
}

TEST_CASE("--remove-retained has removed what it showed by the time that it ends") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  for (const char* version : {"311", "5"}) {
    CAPTURE(std::string(version));
    publish(broker, {"-t", "r/a", "-t", "r/b", "-m", "kept", "-r"});
    CHECK(run(sub(broker.port(),
                  {"-V", version, "-t", "r/#", "--remove-retained", "--retained-only", "-C", "2"}))
              .code == 0);
    Process reader(sub(broker.port(), {"-i", "reader", "-t", "r/#", "-C", "1"}));
    broker.await_subscription("reader", "r/#");
    publish(broker, {"-t", "r/c", "-m", "live"});
    CHECK(reader.wait().out == "live\n");
  }
}

TEST_CASE("--retain-as-published shows the flag as the publisher set it") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process plain(sub(broker.port(), {"-i", "plain", "-t", "r", "-C", "1", "-F", "%r"}));
  Process exact(
      sub(broker.port(), {"-i", "exact", "-t", "r", "-C", "1", "-F", "%r", "--retain-as-published"}));
  broker.await_subscription("plain", "r");
  broker.await_subscription("exact", "r");
  publish(broker, {"-t", "r", "-m", "x", "-r"});
  CHECK(plain.wait().out == "0\n");
  CHECK(exact.wait().out == "1\n");
}

TEST_CASE("--retain-handling says when retained messages are wanted") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  publish(broker, {"-t", "r/a", "-m", "kept", "-r"});
  CHECK(run(sub(broker.port(), {"-t", "r/#", "-C", "1", "--retain-handling", "always"})).out == "kept\n");
  Process never(sub(broker.port(), {"-i", "never", "-t", "r/#", "-C", "1", "--retain-handling", "never"}));
  broker.await_subscription("never", "r/#");
  publish(broker, {"-t", "r/b", "-m", "live"});
  CHECK(never.wait().out == "live\n");

  // "new": at the first subscription of a session, not at its repetition.
  const Arguments session{"-i", "again", "-c", "-q", "1", "-t", "r/#", "--retain-handling", "new"};
  Arguments first = session, second = session;
  first.insert(first.end(), {"-C", "1"});
  second.insert(second.end(), {"-C", "1"});
  CHECK(run(sub(broker.port(), first)).out == "kept\n");
  broker.await_subscription("again", "r/#");
  Process repeated(sub(broker.port(), second));
  broker.await_subscription("again", "r/#");
  publish(broker, {"-t", "r/b", "-m", "live"});
  CHECK(holds(repeated.wait().out, "live\n"));
}
