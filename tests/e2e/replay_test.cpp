// What mqtt-sub --output json writes, mqtt-pub --replay sends again: byte for byte, at its pace, elsewhere.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <random>

#include "base/text.hpp"
#include "e2e/programs.hpp"
#include "payload/json.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"
#include "shared/message_record.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  std::string bytes() {
    std::string out(below(60), '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
  }

  // Without control characters, for which mosquitto closes the connection.
  std::string text() {
    static constexpr std::string_view parts[] = {"a", "\"", "\\", "%", "é", "\u2028", "😀", "/", " "};
    std::string out;
    for (unsigned i = below(8); i > 0; --i) out += parts[below(std::size(parts))];
    return out;
  }

  std::string payload() {
    static constexpr std::string_view some[] = {
        "",      "null",    "1",  "1.50", R"({"a":[1,2]})",  R"({ "a": 1 })",
        "1e999", "\"x\"\n", "[]", "{",    R"({"a":1,"a":2})"};
    const unsigned kind = below(3);
    return kind == 0 ? bytes() : kind == 1 ? text() : std::string(some[below(std::size(some))]);
  }

 private:
  std::mt19937 random_;
};

std::string base64_member(std::string_view name, Bytes bytes) {
  return fmt::format(R"("{}":"{}")", name, to_base64(bytes));
}

std::string json_text(std::string_view text) {
  Buffer out;
  append_json(Value::of_text(std::string(text)), out);
  return out;
}

// A message as a line; written here by hand, so that what reads it is not held to what wrote it.
std::string line_of(Maker& make, const std::string& topic) {
  std::string properties;
  const auto add = [&properties](const std::string& member) {
    properties.append(properties.empty() ? "" : ",").append(member);
  };
  if (make.below(2) == 0) add(R"("payload_format_indicator":0)");
  if (make.below(2) == 0) add(R"("message_expiry_interval":100000)");
  if (make.below(2) == 0) add(R"("content_type":)" + json_text("x/" + make.text()));
  if (make.below(2) == 0) add(R"("response_topic":)" + json_text("r/" + make.text()));
  if (make.below(2) == 0) add(base64_member("correlation_data", make.bytes()));
  std::string pairs;
  for (unsigned i = make.below(4); i > 0; --i)
    pairs.append(pairs.empty() ? "" : ",")
        .append(fmt::format(R"([{},{}])", make.below(2) == 0 ? "\"k\"" : json_text(make.text()),
                            json_text(make.text())));
  if (!pairs.empty()) add(fmt::format(R"("user_properties":[{}])", pairs));
  return fmt::format(R"({{"topic":"{}","qos":{},"retain":{},"properties":{{{}}},"encoding":"base64",{}}})",
                     topic, make.below(3), make.below(2) == 0, properties,
                     base64_member("payload", make.payload()));
}

// All but time, packet identifier and the first level of the topic; the expiry, which the server counts down,
// only as being there.
std::string content_of(Bytes line) {
  MessageRecord record;
  const auto read = read_record(line, RecordTime::ignored, record);
  REQUIRE(read);
  std::string text = fmt::format("{} {} {}", static_cast<int>(record.qos.value()), record.retain.value(),
                                 to_hex(record.payload));
  for (const PropertyRow& row : property_rows())
    for (const Property& property : record.properties.view()) {
      if (property.id != row.id) continue;
      const bool expiry = row.id == PropertyId::message_expiry_interval;
      if (expiry) CHECK((property.number > 90'000 && property.number <= 100'000));
      text += fmt::format(" {}={}:{}:{}", row.name, expiry ? 0 : property.number, to_hex(property.name),
                          to_hex(property.value));
    }
  return text;
}

std::map<std::string, std::string> contents_of(Bytes lines) {
  std::map<std::string, std::string> contents;
  while (!lines.empty()) {
    const Bytes line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    MessageRecord record;
    REQUIRE(read_record(line, RecordTime::ignored, record));
    contents[record.topic.substr(record.topic.find('/'))] = content_of(line);
  }
  return contents;
}

// Records `count` messages of `filter` while `writing` runs.
std::string recorded(Mosquitto& broker, const std::string& filter, std::size_t count, const Launch& writing) {
  Process reader(sub(broker.port(), {"-i", "reader", "-q", "2", "-t", filter, "--retain-as-published",
                                     "--output", "json", "-C", std::to_string(count)}));
  broker.await_subscription("reader", filter);
  const Outcome wrote = run(writing);
  CHECK(wrote.code == 0);
  CHECK(wrote.err == "");
  const Outcome read = reader.wait();
  CHECK(read.code == 0);
  return read.out;
}

// A recording whose messages came at those seconds.
std::string recording(const std::vector<double>& seconds) {
  std::string lines;
  for (std::size_t i = 0; i < seconds.size(); ++i)
    lines += fmt::format(
        "{{\"time\":\"2026-11-22T06:{:02}:{:09.6f}+01:00\",\"topic\":\"t\",\"qos\":1,\"payload\":{}}}\n",
        static_cast<int>(seconds[i] / 60), seconds[i] - 60 * static_cast<int>(seconds[i] / 60), i + 1);
  return lines;
}

std::string payloads(const FakeBroker& broker) {
  std::string text;
  for (const RecordPtr& record : broker.records(PacketType::publish))
    text.append(record->as<Publish>().payload).append(" ");
  return text;
}

}  // namespace

TEST_CASE("random messages published, recorded, replayed elsewhere and recorded again are the same") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  for (const unsigned seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    Maker make(seed);
    constexpr std::size_t count = 120;
    std::string lines;
    // Each has a topic of its own: at different QoS one may overtake the other.
    for (std::size_t i = 0; i < count; ++i) lines += line_of(make, fmt::format("first{}/{}", seed, i)) + '\n';
    const std::string first = recorded(broker, fmt::format("first{}/#", seed), count,
                                       with_input(pub(broker.port(), {"-l", "--input", "json"}), lines));
    const auto wanted = contents_of(lines);
    CHECK(wanted.size() == count);
    CHECK((contents_of(first) == wanted));
    const std::string second =
        recorded(broker, fmt::format("second{}/#", seed), count,
                 pub(broker.port(), {"--replay", dir.write("recording", first), "--speed", "max", "--map",
                                     fmt::format("first{0}/#=second{0}/#", seed)}));
    CHECK((contents_of(second) == wanted));
    CHECK(count_of(fmt::format("\"topic\":\"second{}/", seed), second) == count);
  }
}

TEST_CASE("a recording is played with the pauses that it has, faster if asked, or without") {
  const TempDir dir;
  const std::string file = dir.write("recording", recording({10, 10.3, 10.2, 10.2, 10.6}));
  struct Row {
    Arguments arguments;
    Duration least;
  };
  const Row rows[] = {{{}, 700ms}, {{"--speed", "2.0"}, 350ms}, {{"--speed", "0.5"}, 1400ms}};
  for (const auto& [arguments, least] : rows) {
    FakeBroker broker;
    Arguments all{"--replay", file};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Outcome outcome = run(pub(broker.port(), all));
    CHECK(outcome.code == 0);
    CHECK(outcome.wall >= least);
    CHECK(outcome.wall < least + 5s);
    CHECK(payloads(broker) == "1 2 3 4 5 ");
    const auto sent = broker.records(PacketType::publish);
    CHECK(sent[4]->when - sent[3]->when > least / 4);
  }
  FakeBroker broker;
  const Outcome outcome =
      run(with_input(pub(broker.port(), {"--replay", "-", "--speed", "max"}), recording({0, 1000, 3000})));
  CHECK(outcome.code == 0);
  CHECK(payloads(broker) == "1 2 3 ");
}

TEST_CASE("in a long pause the connection is kept alive, and a signal ends it at once") {
  FakeBroker broker;
  Process writer(with_input(pub(broker.port(), {"-k", "1", "--replay", "-"}), recording({0, 3000})));
  broker.await(PacketType::publish);
  broker.await(PacketType::pingreq);
  writer.signal(SIGINT);
  const Outcome outcome = writer.wait(3s);
  CHECK(outcome.code == 130);
  CHECK(broker.records(PacketType::publish).size() == 1);
  CHECK(broker.records(PacketType::disconnect).size() == 1);
}

TEST_CASE("a recording can be played several times, one on standard input can't") {
  const TempDir dir;
  FakeBroker broker;
  const std::string file = dir.write("recording", recording({0, 0}));
  CHECK(run(pub(broker.port(), {"--replay", file, "--repeat", "3"})).code == 0);
  CHECK(payloads(broker) == "1 2 1 2 1 2 ");
  CHECK(failed_with(run(pub(broker.port(), {"--replay", "-", "--repeat", "3"})), 2, "--repeat"));
  // What holds nothing is not looked at again and again.
  CHECK(run(pub(broker.port(), {"--replay", dir.write("none", "\n"), "--repeat", "100000000"})).code == 0);
  const std::string bad = dir.write("bad", recording({0}) + "no JSON\n");
  const Outcome skipped =
      run(pub(broker.port(), {"--replay", bad, "--repeat", "30", "--on-invalid", "skip", "--speed", "max"}));
  CHECK(skipped.code == 7);
  CHECK(count_of("error: ", skipped.err) == 10);
  CHECK(holds(skipped.err, "30 lines were skipped"));
}

TEST_CASE("what -F %j wrote is no recording") {
  FakeBroker broker;
  const Outcome outcome =
      run(with_input(pub(broker.port(), {"--replay", "-"}),
                     R"({"tst":"2026-11-22T06:47:58.597706+0000","topic":"m","qos":0,"retain":0,)"
                     R"("payloadlen":1,"payload":"/w==","payload-encoding":"base64"})"));
  CHECK(failed_with(outcome, 7, "-F %j"));
  CHECK(holds(outcome.err, "hint: record with mqtt-sub --output json"));
}

TEST_CASE("a lost connection does not end a replay that tries again") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& message) {
    if (peer.number() == 1 && message.payload == "2") return peer.reset();
    peer.send(Puback{{message.packet_id, ReasonCode::success, {}}});
  }});
  const Outcome outcome =
      run(with_input(pub(broker.port(), {"--replay", "-", "--retries", "5", "--retry-delay", "0.1:0.1"}),
                     recording({0, 0.1, 0.2})));
  CHECK(outcome.code == 0);
  CHECK(broker.connections() == 2);
  CHECK(payloads(broker).ends_with("3 "));
}

TEST_CASE("lines that can't be read are named by number; they end the run, or are passed over") {
  const std::string lines =
      recording({0}) + "\n{\"topic\":\"a/#\"}\nnot json\n" + recording({0}) + "{\"payload\":1}";
  {
    FakeBroker broker;
    CHECK(failed_with(run(with_input(pub(broker.port(), {"--replay", "-"}), lines)), 7,
                      "line 3: topic name 'a/#' holds a wildcard"));
    CHECK(payloads(broker) == "1 ");
  }
  FakeBroker broker;
  const Outcome outcome =
      run(with_input(pub(broker.port(), {"--replay", "-", "--on-invalid", "skip"}), lines));
  CHECK(outcome.code == 7);
  CHECK(holds(outcome.err, "error: line 3: topic name"));
  CHECK(holds(outcome.err, "error: line 4: this is not JSON: column 2"));
  CHECK(holds(outcome.err, "error: line 6: there is no topic"));
  CHECK(payloads(broker) == "1 1 ");
}

TEST_CASE("a recording is never held in memory as a whole") {
  FakeBroker broker;
  const TempDir dir;
  const std::string line = fmt::format("{{\"topic\":\"t\",\"payload\":\"{}\"}}\n", Buffer(4000, 'x'));
  Buffer lines;
  for (int i = 0; i < 10'000; ++i) lines += line;
  const std::string file = dir.write("recording", lines);
  lines = Buffer();
  const long own_size = run(pub(broker.port(), {"-t", "t", "-m", "x"})).max_rss_kib;
  const Outcome outcome =
      run(pub(broker.port(), {"--replay", file, "-q", "1", "--max-inflight-bytes", "1M"}));
  CHECK(outcome.code == 0);
  CHECK(broker.records(PacketType::publish).size() == 10'001);
  if (!sanitized) CHECK(outcome.max_rss_kib < own_size + 16 * 1024);
}

TEST_CASE("what does not go with a replay is told before a connection is made") {
  const TempDir dir;
  const std::string file = dir.write("recording", "");
  CHECK(failed_with(run(pub({"--replay", "/nonexistent/file"})), 2, "cannot open '/nonexistent/file'"));
  CHECK(failed_with(run(pub({"--replay", "/"})), 2, "it is a directory"));
  const Arguments rows[] = {{"--format", "cbor"}, {"--rate", "1"},    {"-m", "x"},
                            {"--template"},       {"--speed", "0"},   {"--speed", "x"},
                            {"--map", "a/#=b/+"}, {"--input", "json"}};
  for (Arguments row : rows) {
    row.insert(row.end(), {"--replay", file});
    CHECK(failed_with(run(pub(row)), 2));
  }
  CHECK(failed_with(run(pub({"-t", "a", "-m", "x", "--speed", "2"})), 2, "--speed is about a recording"));
  CHECK(failed_with(run(pub({"-t", "a", "-m", "x", "--map", "a=b"})), 2, "--map is about topics"));
}

TEST_CASE("at 3.1.1 messages go without their properties, which is told once") {
  FakeBroker broker;
  const std::string line = R"({"topic":"t","payload":"x","properties":{"content_type":"c"}})"
                           "\n";
  const Outcome outcome = run(with_input(pub(broker.port(), {"-V", "311", "--replay", "-"}), line + line));
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "warning: messages go without their properties, which only MQTT 5.0 has\n");
  CHECK(payloads(broker) == "x x ");
}

TEST_CASE("a terminal shows how far a replay is, and nothing of that stays") {
  FakeBroker broker;
  const TempDir dir;
  Launch launch = pub(broker.port(), {"--replay", dir.write("recording", recording({0, 1}))});
  launch.command.insert(launch.command.begin(), {"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&0"});
  Process writer(with_input(launch, Input::terminal));
  writer.await_terminal("2 messages, 100 %");
  CHECK(writer.wait().code == 0);
  CHECK(writer.terminal().ends_with("\r\x1b[K"));
}
