// Every format through mosquitto: published from text, received decoded, validated and filtered.
#include <doctest/doctest.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

constexpr std::string_view proto = R"(syntax = "proto3";
package plant;
message Status { string name = 1; double temp = 2; int64 id = 3; repeated int32 codes = 4; }
)";
constexpr std::string_view avsc = R"({"type":"record","name":"Status","fields":[
  {"name":"name","type":"string"},{"name":"temp","type":"double"},{"name":"id","type":"long"}]})";
constexpr std::string_view schema =
    R"({"type":"object","required":["temp"],"properties":{"temp":{"type":"number","maximum":50}}})";

struct Case {
  std::string format;
  Arguments options = {};  // what the format needs to know
  std::string text = R"({"name":"pump","temp":31.5,"id":9007199254740993})";
};

std::vector<Case> cases(const TempDir& dir) {
  dir.write("plant.proto", proto);
  const std::string avro = dir.write("status.avsc", avsc);
  return {
      {"json"},
      {"cbor"},
      {"msgpack"},
      {"protobuf", {"--proto", "plant.proto", "--proto-path", dir.path(), "--proto-type", "plant.Status"}},
      {"avro", {"--avro-schema", avro}}};
}

Arguments joined(Arguments first, const Arguments& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

TEST_CASE("what is published in a format is received as what was written") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  for (const Case& format : cases(dir)) {
    CAPTURE(format.format);
    const Arguments asked = joined({"--format", format.format}, format.options);
    const std::string topic = "f/" + format.format;
    Process reader(sub(broker.port(), joined(asked, {"-i", "reader", "-t", topic, "-C", "1"})));
    Process chooser(sub(broker.port(), joined(asked, {"-i", "chooser", "-t", topic, "-C", "1", "--jq",
                                                      "select(.payload.temp > 30) | .payload.id"})));
    Process judge(sub(broker.port(), joined(asked, {"-i", "judge", "-t", topic, "-C", "2", "-F", "%V",
                                                    "--schema", dir.write("schema.json", schema)})));
    broker.await_subscription("reader", topic);
    broker.await_subscription("chooser", topic);
    broker.await_subscription("judge", topic);
    CHECK(run(pub(broker.port(), joined(asked, {"-t", topic, "-m", format.text}))).code == 0);
    CHECK(reader.wait().out == format.text + "\n");
    CHECK(chooser.wait().out == "9007199254740993\n");
    CHECK(run(pub(broker.port(), joined(asked, {"-t", topic, "-m", R"({"name":"p","temp":61,"id":1})"})))
              .code == 0);
    const Outcome judged = judge.wait();
    CHECK(judged.code == 7);
    CHECK(judged.out == "valid\ninvalid\n");
    CHECK(holds(judged.err, "invalid: '" + topic + "': /temp: maximum: expected at most 50, found 61"));
    CHECK(holds(judged.err, "1 valid, 1 invalid, 0 not checked"));
    CHECK(holds(judged.err, "error: 1 of 2 messages was not valid"));
  }
}

TEST_CASE("each format has its own notation for people") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  dir.write("plant.proto", proto);
  const auto seen = [&broker](const std::string& topic, const Arguments& asked, const Arguments& publish) {
    Process reader(
        sub(broker.port(), joined(asked, {"-i", "reader", "-t", topic, "-C", "1", "--show", "native"})));
    broker.await_subscription("reader", topic);
    CHECK(run(pub(broker.port(), joined(publish, {"-t", topic}))).code == 0);
    return reader.wait().out;
  };
  CHECK(seen("n/cbor", {"--format", "cbor"},
             {"--format", "cbor", "-m", "{1: [_ 1.5, h'00ff'], \"t\": 0(\"now\")}"}) ==
        "{1: [_ 1.5, h'00ff'], \"t\": 0(\"now\")}\n");
  const Arguments typed{"--proto", "plant.proto", "--proto-path", dir.path(), "--proto-type", "plant.Status"};
  CHECK(seen("n/proto", typed, joined(typed, {"-m", "name: \"pump\" codes: [1, 2]"})) ==
        "name: \"pump\" codes: 1 codes: 2\n");
  CHECK(seen("n/raw", {"--format", "protobuf"}, joined(typed, {"-m", "name: \"pump\" id: 5"})) ==
        "1: \"pump\" 3: 5\n");
}

TEST_CASE("Sparkplug metrics keep the names that their birth gave to aliases") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "spBv1.0/#", "-C", "2", "--jq",
                                     ".payload.metrics[] | \"\\(.name)=\\(.value)\""}));
  broker.await_subscription("reader", "spBv1.0/#");
  const auto publish = [&broker](const std::string& type, const std::string& text) {
    CHECK(run(pub(broker.port(),
                  {"-t", "spBv1.0/plant/" + type + "/node", "--format", "sparkplug", "-m", text}))
              .code == 0);
  };
  publish("NBIRTH", R"({"seq":0,"metrics":[{"name":"temp","alias":7,"type":"Int16","value":-5}]})");
  publish("NDATA", R"({"seq":1,"metrics":[{"alias":7,"type":"Int16","value":12}]})");
  CHECK(reader.wait().out == "temp=-5\ntemp=12\n");
}

TEST_CASE("compressed payloads are read as what is in them") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "z", "-C", "2", "--format", "auto"}));
  broker.await_subscription("reader", "z");
  for (const char* how : {"gzip", "zstd"})
    CHECK(run(pub(broker.port(), {"-t", "z", "-m", R"({"packed":true})", "--compress", how})).code == 0);
  CHECK(reader.wait().out == "{\"packed\":true}\n{\"packed\":true}\n");
}

TEST_CASE("how payloads are compressed can be said") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "z", "-C", "2", "--decompress", "deflate"}));
  Process plain(
      sub(broker.port(), {"-i", "plain", "-t", "z", "-C", "1", "--decompress", "none", "-F", "%p"}));
  broker.await_subscription("reader", "z");
  broker.await_subscription("plain", "z");
  CHECK(run(pub(broker.port(), {"-t", "z", "-m", "[1]", "--compress", "deflate"})).code == 0);
  CHECK(run(pub(broker.port(), {"-t", "z", "-m", "[1]"})).code == 0);
  const Outcome outcome = reader.wait();
  CHECK(outcome.out == "[1]\n5b315d\n");
  CHECK(count_of("shown in hexadecimal", outcome.err) == 1);
  CHECK(plain.wait().out.starts_with("78"));
}

TEST_CASE("nothing is sent that breaks its schema") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string file = dir.write("schema.json", schema);
  // Before a connection is made: nobody listens there.
  CHECK(failed_with(
      run(pub({"-h", "127.0.0.1", "-p", "1", "-t", "v", "-m", R"({"temp":61})", "--schema", file})), 7,
      "/temp: maximum: expected at most 50, found 61"));
  CHECK(failed_with(run(pub({"-h", "127.0.0.1", "-p", "1", "-t", "v", "-m", "{", "--format", "cbor"})), 7));
  const std::string lines = "{\"temp\":1}\n{\"temp\":61}\n{}\n{\"temp\":2}\n";
  const auto sent = [&](const Arguments& options, const std::string& expected) {
    Process reader(sub(broker.port(), {"-i", "reader", "-t", "v", "-q", "1"}));
    broker.await_subscription("reader", "v");
    const Outcome outcome = run(with_input(
        pub(broker.port(), joined({"-t", "v", "-q", "1", "-l", "--schema", file}, options)), lines));
    reader.await_out(expected);
    reader.signal(SIGTERM);
    CHECK(reader.wait().out == expected);
    return outcome;
  };
  const Outcome stopped = sent({}, "{\"temp\":1}\n");
  CHECK(failed_with(stopped, 7, "line 2: /temp: maximum: expected at most 50, found 61"));
  const Outcome skipped = sent({"--on-invalid", "skip"}, "{\"temp\":1}\n{\"temp\":2}\n");
  CHECK(skipped.code == 7);
  CHECK(holds(skipped.err, "line 2: /temp"));
  CHECK(holds(skipped.err, "line 3: the payload: required"));
}

TEST_CASE("a subscriber shows, hides or stops at what is not valid") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string file = dir.write("schema.json", schema);
  const auto seen = [&](const std::string& policy, const std::string& count) {
    Process reader(sub(broker.port(),
                       {"-i", "reader", "-t", "v", "-C", count, "--schema", file, "--on-invalid", policy}));
    broker.await_subscription("reader", "v");
    for (const char* payload : {R"({"temp":1})", "{}", "no JSON", R"({"temp":2})"})
      CHECK(run(pub(broker.port(), {"-t", "v", "-m", payload})).code == 0);
    const Outcome outcome = reader.wait();
    CHECK(outcome.code == 7);
    return outcome.out;
  };
  CHECK(seen("show", "4") ==
        "valid     v {\"temp\":1}\ninvalid   v {}\ninvalid   v no JSON\nvalid     v {\"temp\":2}\n");
  CHECK(seen("only", "2") == "invalid   v {}\ninvalid   v no JSON\n");
  CHECK(seen("hide", "2") == "valid     v {\"temp\":1}\nvalid     v {\"temp\":2}\n");
  CHECK(seen("stop", "4") == "valid     v {\"temp\":1}\ninvalid   v {}\n");
}
