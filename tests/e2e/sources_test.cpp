// Lines with a format, lines of JSON, other ends of lines, and a fixed rate.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <utility>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

// "topic|qos|retain|payload" of each.
std::string story(const FakeBroker& broker) {
  std::string text;
  for (const RecordPtr& record : broker.records(PacketType::publish)) {
    const Publish& message = record->as<Publish>();
    text += fmt::format("{}|{}|{}|{}\n", message.topic, static_cast<int>(message.qos), message.retain ? 1 : 0,
                        message.payload);
  }
  return text;
}

std::string sent(const Arguments& arguments, Bytes lines) {
  FakeBroker broker;
  const Outcome outcome = run(with_input(pub(broker.port(), arguments), lines));
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  return story(broker);
}

}  // namespace

TEST_CASE("lines that begin with their topic") {
  CHECK(sent({"-l", "--line-format", "%t %p"}, "a/1 one two\nb \n") == "a/1|0|0|one two\nb|0|0|\n");
  CHECK(sent({"-l", "--line-format", "%q,%r,%t,%p"}, "1,1,a,x,y\n2,0,b,\n") == "a|1|1|x,y\nb|2|0|\n");
  CHECK(sent({"-l", "-q", "1", "-r", "--line-format", "%q %r %t %p"}, "2 0 a x\n") == "a|1|1|x\n");
  CHECK(sent({"-l", "-t", "a", "-t", "b", "--line-format", "%p;"}, "x;\n") == "a|0|0|x\nb|0|0|x\n");
  CHECK(sent({"-l", "-t", "unused", "--line-format", "%t %p", "--map", "a/#=b/#"}, "a/1 x\nc y\n") ==
        "b/1|0|0|x\nc|0|0|y\n");
}

TEST_CASE("a line that does not fit is named by number, and ends the run or is passed over") {
  const Arguments arguments{"-l", "--line-format", "%t %p"};
  {
    FakeBroker broker;
    CHECK(failed_with(run(with_input(pub(broker.port(), arguments), "a 1\nb\nc 3\n")), 7,
                      "line 2: ' ' is missing behind the topic"));
    CHECK(story(broker) == "a|0|0|1\n");
  }
  FakeBroker broker;
  Arguments skipping = arguments;
  skipping.insert(skipping.end(), {"--on-invalid", "skip"});
  CHECK(failed_with(run(with_input(pub(broker.port(), skipping), "a 1\n# 2\nc 3\n")), 7,
                    "line 2: topic name '#'"));
  CHECK(story(broker) == "a|0|0|1\nc|0|0|3\n");
}

TEST_CASE("lines end with whatever byte they are said to end with") {
  CHECK(sent({"-l", "-t", "a", "-0"}, Bytes("x\ny\0z\0", 6)) == "a|0|0|x\ny\na|0|0|z\n");
  CHECK(sent({"-l", "-t", "a", "--null"}, "x") == "a|0|0|x\n");
  CHECK(sent({"-l", "-t", "a", "--delimiter", ";"}, "x;y;\n;") == "a|0|0|x\na|0|0|y\na|0|0|\n\n");
  CHECK(sent({"-l", "-t", "a", "--delimiter", "\\x1e"}, "x\x1ey") == "a|0|0|x\na|0|0|y\n");
}

TEST_CASE("JSON lines as people write them") {
  CHECK(sent({"-l", "--input", "json"},
             "{\"topic\":\"a\",\"payload\":{ \"t\": 1.50 "
             "}}\n\n{\"topic\":\"b\",\"qos\":2,\"retain\":true,\"payload\":\"x\"}") ==
        "a|0|0|{\"t\":1.50}\nb|2|1|x\n");
  CHECK(sent({"-l", "--input", "json", "-t", "d", "-t", "e"}, "{\"payload\":1}\n{\"topic\":\"a\"}\n") ==
        "d|0|0|1\ne|0|0|1\na|0|0|\n");
  CHECK(sent({"-l", "--input", "json", "-q", "1", "-r"}, "{\"topic\":\"a\",\"qos\":2,\"retain\":false}\n") ==
        "a|1|1|\n");
}

TEST_CASE("-D adds user properties to those of a line, and replaces others") {
  FakeBroker broker;
  CHECK(
      run(with_input(
              pub(broker.port(), {"-l", "--input", "json", "-D", "publish", "content-type", "new", "-D",
                                  "publish", "user-property", "k", "2"}),
              R"({"topic":"a","properties":{"content_type":"old","response_topic":"r","user_properties":[["k","1"]]}})"))
          .code == 0);
  const RecordPtr record = broker.await(PacketType::publish);
  const Properties properties = record->as<Publish>().properties;
  CHECK(properties.bytes(PropertyId::content_type) == "new");
  CHECK(properties.bytes(PropertyId::response_topic) == "r");
  std::string user;
  for (const Property& property : properties)
    if (property.id == PropertyId::user_property) user.append(property.value);
  CHECK(user == "12");
}

TEST_CASE("JSON lines are brought into a format and held to a schema as others are") {
  FakeBroker broker;
  const TempDir dir;
  const std::string schema = dir.write("schema.json", R"({"type":"object","required":["t"]})");
  const Outcome outcome =
      run(with_input(pub(broker.port(), {"-l", "--input", "json", "--format", "cbor", "--schema", schema,
                                         "--on-invalid", "skip"}),
                     "{\"topic\":\"a\",\"payload\":{\"t\":1}}\n{\"topic\":\"a\",\"payload\":{}}\n"));
  CHECK(failed_with(outcome, 7, "line 2: the payload: required"));
  CHECK(story(broker) == "a|0|0|\xA1\x61t\x01\n");
}

TEST_CASE("a rate is kept, for repetitions and for lines, without waiting after the last") {
  struct Row {
    Arguments arguments;
    Bytes lines;
  };
  const Row rows[] = {{{"-t", "a", "-m", "x", "--repeat", "5", "--rate", "10"}, ""},
                      {{"-t", "a", "-t", "b", "-l", "--rate", "10"}, "1\n2\n3\n4\n5\n"},
                      {{"-t", "a", "--size", "10", "--repeat", "2", "--rate", "2.5"}, ""},
                      {{"-t", "a", "-n", "--repeat", "5", "--repeat-delay", "0.1"}, ""}};
  for (const auto& [arguments, lines] : rows) {
    FakeBroker broker;
    const Outcome outcome = run(with_input(pub(broker.port(), arguments), lines));
    CHECK(outcome.code == 0);
    CHECK(outcome.wall >= 400ms);
    CHECK(outcome.wall < 5s);
  }
  FakeBroker broker;
  const Outcome once = run(pub(broker.port(), {"-t", "a", "-m", "x", "--rate", "0.001"}));
  CHECK(once.code == 0);
  CHECK(once.wall < 5s);
}

TEST_CASE("who is held up does not make up for it in a burst") {
  bool first = true;  // the broker's thread alone
  FakeBroker broker(Reactions{.publish = [&first](Peer& peer, const Publish& message) {
    if (std::exchange(first, false)) peer.pause(1s);
    peer.send(Puback{{message.packet_id, ReasonCode::success, {}}});
  }});
  const Outcome outcome =
      run(pub(broker.port(), {"-t", "a", "-q", "1", "-M", "1", "-m", "x", "--repeat", "10", "--rate", "10"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.wall >= 1600ms);
  CHECK(broker.records(PacketType::publish).size() == 10);
}

TEST_CASE("what does not go together") {
  const Arguments rows[] = {{"-l", "--line-format", "%p"},
                            {"-t", "a", "-m", "x", "--line-format", "%p"},
                            {"-t", "a", "-m", "x", "--input", "json"},
                            {"-t", "a", "-m", "x", "-0"},
                            {"-l", "--input", "json", "--line-format", "%t"},
                            {"-t", "a", "-l", "--line-format", "%t%p"},
                            {"-t", "a", "-m", "x", "--rate", "1", "--repeat-delay", "1"},
                            {"-t", "a", "-m", "x", "--rate", "0"},
                            {"-t", "a", "--size", "1T"},
                            {"-t", "a", "--size", "1G"},
                            {"-t", "a", "--size", "1", "-m", "x"},
                            {"-t", "a", "--lint", "loud", "-m", "x"}};
  for (const Arguments& row : rows) CHECK(failed_with(run(pub(row)), 2));
}

TEST_CASE("a message at QoS 0 does not overtake those that wait for the server") {
  // Two at once, and acknowledged only when there are two.
  FakeBroker broker(
      Reactions{.connect =
                    [](Peer& peer, const Connect&) {
                      PropertyList properties;
                      REQUIRE(properties.add(PropertyId::receive_maximum, 2));
                      peer.send(Connack{.properties = properties.view()});
                    },
                .publish =
                    [held = std::vector<PacketId>()](Peer& peer, const Publish& message) mutable {
                      if (message.qos == QoS::at_most_once) return;
                      held.push_back(message.packet_id);
                      if (held.size() < 2) return;
                      for (const PacketId id : held) peer.send(Puback{{id, ReasonCode::success, {}}});
                      held.clear();
                    }});
  Buffer lines;
  std::string expected;
  for (int i = 0; i < 30; ++i) {
    fmt::format_to(std::back_inserter(lines), "{} {}\n", i % 3 == 2 ? 0 : 1, i);
    expected += fmt::format("a|{}|0|{}\n", i % 3 == 2 ? 0 : 1, i);
  }
  const Outcome outcome =
      run(with_input(pub(broker.port(), {"-t", "a", "-l", "--line-format", "%q %p"}), lines));
  CHECK(outcome.code == 0);
  CHECK(story(broker) == expected);
}

TEST_CASE("standard input that is closed is told, not waited for") {
  FakeBroker broker;
  CHECK(failed_with(run(with_input(pub(broker.port(), {"-t", "a", "-l"}), Input::closed)), 1,
                    "cannot read the input"));
  CHECK(failed_with(run(with_input(pub(broker.port(), {"--replay", "-"}), Input::closed)), 1,
                    "cannot read the input"));
}
