// What a server gets from us under mosquitto's names is, byte for byte, what it gets from mosquitto's
// clients; and what they print of the same message is the same.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "e2e/drop_in.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

PropertyList properties_of_message() {
  PropertyList list;
  REQUIRE(list.add(PropertyId::payload_format_indicator, 1));
  REQUIRE(list.add(PropertyId::message_expiry_interval, 3600));
  REQUIRE(list.add(PropertyId::content_type, Bytes("text/plain")));
  REQUIRE(list.add(PropertyId::response_topic, Bytes("re/ply")));
  REQUIRE(list.add(PropertyId::correlation_data, Bytes("c0ffee")));
  REQUIRE(list.add_user("name", "value 1"));
  REQUIRE(list.add_user("name", "value 2"));
  REQUIRE(list.add(PropertyId::subscription_identifier, 56));
  return list;
}

// A correct server that sends one message to whoever has subscribed, or ended a subscription if that is to
// come: a client that leaves with bytes unread would reset the connection and take its goodbye with it.
Reactions sending(const Publish& message, bool after_unsubscribe) {
  const auto send = [message](Peer& peer) {
    static const PropertyList list = properties_of_message();
    Publish sent = message;
    sent.topic = "f/gh";
    sent.packet_id = message.qos == QoS::at_most_once ? 0 : 7;
    if (peer.version() == Version::v5) sent.properties = list.view();
    peer.send(sent);
  };
  return {.subscribe =
              [send, after_unsubscribe](Peer& peer, const Subscribe& subscribe) {
                peer.answer(subscribe);
                if (!after_unsubscribe) send(peer);
              },
          .unsubscribe =
              [send](Peer& peer, const Unsubscribe& unsubscribe) {
                peer.answer(unsubscribe);
                send(peer);
              }};
}

Arguments at(const FakeBroker& broker, const Arguments& arguments) {
  Arguments result{"-h", "127.0.0.1", "-p", std::to_string(broker.port())};
  result.insert(result.end(), arguments.begin(), arguments.end());
  return result;
}

std::string text_of(const Arguments& arguments) {
  std::string text;
  for (const std::string& argument : arguments) text.append(argument).append(" ");
  return text;
}

struct Seen {
  Outcome outcome;
  std::string packets;  // hexadecimal, one a line
};

Seen see(Maker maker, const std::string& program, const Arguments& arguments, const Publish& message,
         Bytes input = {}) {
  FakeBroker broker(sending(message, std::ranges::find(arguments, "-U") != arguments.end()));
  Seen seen{run(with_input(as_mosquitto(maker, program, at(broker, arguments)), input)), {}};
  broker.await(PacketType::disconnect);
  for (const RecordPtr& record : broker.records()) seen.packets += to_hex(record->raw) + '\n';
  return seen;
}

Publish message_of(Bytes payload) {
  Publish message;
  message.payload = payload;
  return message;
}

void check_packets(const std::string& program, const Arguments& arguments, Bytes input = {}) {
  CAPTURE(program + " " + text_of(arguments));
  const Seen theirs = see(Maker::theirs, program, arguments, message_of("pay"), input);
  const Seen ours = see(Maker::ours, program, arguments, message_of("pay"), input);
  CHECK(ours.packets == theirs.packets);
  CHECK(ours.outcome.code == theirs.outcome.code);
  CHECK(ours.outcome.out == theirs.outcome.out);
  CHECK(without_stops(ours.outcome.err) == without_stops(theirs.outcome.err));
}

// %j of 2.1 as 2.0.11 writes it: another time, retain as a number, user properties in one object.
std::string as_of_2_0(std::string json) {
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"+0000\"", "Z+0000\""}, {"\"retain\":true", "\"retain\":0"}, {"[{", "{"}, {"},{", ","}, {"}]", "}"}};
  for (const auto& [now, then] : changes)
    if (const std::size_t at = json.find(now); at != json.npos) json.replace(at, now.size(), then);
  return zeros(json);
}

Arguments joined(Arguments first, const Arguments& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

TEST_CASE("mosquitto_pub sends the packets that mosquitto's does") {
  if (!have_mosquitto_clients()) return;
  const TempDir dir;
  const std::string file = dir.write("message", "from\nfile\n");
  const Arguments common[] = {
      {"-m", "x"},
      {"-m", "x", "-i", "me"},
      {"-m", "x", "-q", "1"},
      {"-m", "x", "-q", "2"},
      {"-m", "x", "-r"},
      {"-n"},
      {"-n", "-q", "1", "-r"},
      {"-f", file},
      {"-s"},
      {"-l"},
      {"-l", "-q", "1"},
      {"-m", "", "-q", "1"},
      {"-m", "x", "-u", "me"},
      {"-m", "x", "-u", "me", "-P", "secret"},
      {"-m", "x", "-k", "17"},
      {"-m", "x", "-c", "-i", "me"},
      {"-m", "x", "--repeat", "3", "-q", "1"},
      {"-m", "x", "--repeat", "2", "--repeat-delay", "0.01"},
      {"-m", "x", "-M", "1", "-q", "1"},
      {"-m", "x", "--nodelay", "-A", "127.0.0.1", "--quiet"},
      {"-m", "x", "--will-topic", "w"},
      {"-m", "x", "--will-topic", "w", "--will-payload", "gone", "--will-qos", "2", "--will-retain"}};
  for (const Arguments& arguments : common)
    for (const char* version : {"mqttv311", "mqttv5"})
      check_packets("mosquitto_pub", joined({"-t", "a/b", "-V", version}, arguments), "line 1\n\nline 3");
  const Arguments at_5[] = {
      {"-x", "30"},
      {"-x", "0"},
      {"-x", "-1", "-i", "me"},
      {"-c", "-x", "5", "-i", "me"},
      {"-D", "connect", "receive-maximum", "9"},
      {"-D", "connect", "maximum-packet-size", "1000", "-D", "connect", "topic-alias-maximum", "3"},
      {"-D", "connect", "request-problem-information", "0", "-D", "connect", "user-property", "k", "v"},
      {"-D", "publish", "content-type", "a/b", "-D", "publish", "payload-format-indicator", "1"},
      {"-D", "publish", "correlation-data", "hex:00", "-D", "publish", "response-topic", "r"},
      {"-D", "publish", "message-expiry-interval", "60", "-D", "publish", "user-property", "k", "v"},
      {"-D", "publish", "user-property", "k", "1", "-D", "publish", "user-property", "k", "2"},
      {"-D", "will", "will-delay-interval", "4", "--will-topic", "w", "-D", "will", "content-type", "c"},
      {"-D", "disconnect", "user-property", "k", "v"},
      {"-P", "secret"}};
  for (const Arguments& arguments : at_5)
    check_packets("mosquitto_pub", joined({"-t", "a/b", "-m", "x", "-V", "5"}, arguments));
}

TEST_CASE("mosquitto_sub sends the packets that mosquitto's does") {
  if (!have_mosquitto_clients()) return;
  const Arguments common[] = {{"-t", "#"},
                              {"-t", "f/+", "-t", "g/#", "-q", "2"},
                              {"-t", "f/#", "-i", "me", "-c"},
                              {"-t", "f/#", "-q", "1", "-k", "5"},
                              {"-t", "f/#", "-U", "g", "-q", "1"}};
  for (const Arguments& arguments : common)
    for (const char* version : {"mqttv311", "mqttv5"})
      check_packets("mosquitto_sub", joined({"-C", "1", "-V", version}, arguments));
  const Arguments at_5[] = {{"-R", "-C", "1"},
                            {"--retain-as-published", "-C", "1"},
                            {"-D", "subscribe", "subscription-identifier", "5", "-C", "1"},
                            {"-D", "subscribe", "user-property", "k", "v", "-C", "1"},
                            {"-D", "unsubscribe", "user-property", "k", "v", "-U", "z", "-C", "1"}};
  for (const Arguments& arguments : at_5)
    check_packets("mosquitto_sub", joined({"-t", "f/#", "-V", "5"}, arguments));
}

TEST_CASE("every -F token of 2.0.11 prints what mosquitto_sub prints") {
  if (!have_mosquitto_clients()) return;
  const char* const formats[] = {"%%|%A|%C|%D|%E|%F|%l|%m|%P|%p|%q|%R|%r|%S|%t|%x|%X",
                                 "%4A|%12C|%-12C|%.3C|%12.3C|%-12.3C",
                                 "%6E|%06E|%-6E|%3F|%03F|%-3F|%4S|%04S|%-4S",
                                 "%4l|%04l|%-4l|%4m|%04m|%-4m",
                                 "%9R|%-9R|%.2R|%9t|%-9t|%.2t|%9.2t",
                                 "%9p|%-9p|%09p|%2p|%-2p",
                                 "%x|%X",
                                 "\\\\|\\0|\\a|\\e|\\n|\\r|\\t|\\v|@@|plain \xC3\xA4",
                                 "%j",
                                 "%J"};
  const char* const times[] = {
      "%I|%30I|%-30I|%.4I",          "%U", "@N", "@Y-@m-@d @H:@M:@S", "@a@A@b@B@c@C@D@e", "@F@h@I@j@k@l@n@p",
      "@r@R@s@T@u@U@V@w@W@x@X@y@z@Z"};
  const std::pair<const char*, QoS> ways[] = {{"311", QoS::at_most_once}, {"5", QoS::at_least_once}};
  for (const auto& [version, qos] : ways)
    for (const char* format : formats) {
      CAPTURE(std::string(format));
      CAPTURE(std::string(version));
      Publish message = message_of("[1, \"a\"]");
      message.qos = qos;
      message.retain = true;
      const Arguments arguments{"-t", "f/#", "-C", "1", "-q", "2", "-V", version, "-F", format};
      const Outcome theirs = see(Maker::theirs, "mosquitto_sub", arguments, message).outcome;
      const Outcome ours = see(Maker::ours, "mosquitto_sub", arguments, message).outcome;
      const bool json = format[1] == 'j' || format[1] == 'J';
      CHECK((json ? as_of_2_0(ours.out) : ours.out) == (json ? zeros(theirs.out) : theirs.out));
      CHECK(ours.code == theirs.code);
    }
  for (const char* format : times) {
    CAPTURE(std::string(format));
    const Arguments arguments{"-t", "f/#", "-C", "1", "-F", format};
    CHECK(zeros(see(Maker::ours, "mosquitto_sub", arguments, message_of("pay")).outcome.out) ==
          zeros(see(Maker::theirs, "mosquitto_sub", arguments, message_of("pay")).outcome.out));
  }
}

TEST_CASE("messages look the same without -F, and those of which there is nothing to show") {
  if (!have_mosquitto_clients()) return;
  struct {
    Arguments arguments;
    std::string_view payload;
  } const cases[] = {{{}, "pay"},        {{}, ""},
                     {{"-v"}, "pay"},    {{"-v"}, ""},
                     {{"-N"}, "pay"},    {{"-N"}, ""},
                     {{"-v", "-N"}, ""}, {{"-v", "-N"}, "pay"},
                     {{"-F", "%p"}, ""}, {{"-F", "a %J b"}, "no json"},
                     {{"-F", "%x"}, ""}, {{"-F", "%p", "-N"}, std::string_view("a\0b\xFF", 4)}};
  for (const auto& one : cases) {
    CAPTURE(text_of(one.arguments));
    CAPTURE(std::string(one.payload));
    const Arguments arguments = joined({"-t", "f/#", "-C", "1"}, one.arguments);
    const Outcome theirs = see(Maker::theirs, "mosquitto_sub", arguments, message_of(one.payload)).outcome;
    const Outcome ours = see(Maker::ours, "mosquitto_sub", arguments, message_of(one.payload)).outcome;
    CHECK(ours.code == theirs.code);
    CHECK(ours.out == theirs.out);
    CHECK(without_stops(ours.err) == without_stops(theirs.err));
  }
}
