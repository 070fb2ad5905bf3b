// Payloads, topics and properties arrive byte for byte.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

Buffer every_byte(std::size_t size) {
  Buffer bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 256);
  return bytes;
}

}  // namespace

TEST_CASE("a payload of 1 MiB with every byte, NUL among them, arrives as it is at every QoS") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const Buffer payload = every_byte(1U << 20);
  const std::string file = dir.write("payload", payload);
  for (const char* qos : {"0", "1", "2"}) {
    CAPTURE(std::string(qos));
    Process reader(sub(broker.port(), {"-i", "reader", "-t", "big", "-q", qos, "-N", "-C", "2"}));
    broker.await_subscription("reader", "big");
    CHECK(run(pub(broker.port(), {"-t", "big", "-q", qos, "-f", file})).code == 0);
    CHECK(run(with_input(pub(broker.port(), {"-t", "big", "-q", qos, "-s"}), payload)).code == 0);
    const Outcome outcome = reader.wait();
    CHECK(outcome.code == 0);
    CHECK((outcome.out == payload + payload));
  }
}

TEST_CASE("lines keep NUL bytes and invalid UTF-8, and an empty line is an empty message") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Buffer lines("a\0b\n\n\xFF\xC0\x80\nlast", 12);
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "l", "-C", "4"}));
  broker.await_subscription("reader", "l");
  CHECK(run(with_input(pub(broker.port(), {"-t", "l", "-q", "1", "-l"}), lines)).code == 0);
  CHECK(reader.wait().out == lines + "\n");
}

TEST_CASE("[MQTT-1.5.4-3][MQTT311-1.5.3-3] topics in many scripts, U+FEFF included, arrive as they are") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Arguments topics{"sensor/温度/一号",
                         "датчик/температура",
                         "αισθητήρας/θερμοκρασία",
                         "מזג/אוויר",
                         "حساس/حرارة",
                         "ไทย/อุณหภูมิ",
                         "हिन्दी/तापमान",
                         "한국어/온도",
                         "emoji/🌡️/👩‍🚒",
                         "combining/e\u0301",
                         "composed/\u00e9",
                         "\uFEFFmark/\uFEFF",
                         "with space/and 'quotes' [a,b]",
                         "$own/not hidden",
                         "/",
                         "//"};
  Arguments subscribe{"-i", "reader", "-q", "1", "-C", std::to_string(topics.size()), "-F", "%t"};
  Arguments publish{"-q", "1", "-m", "x"};
  std::string expected;
  for (const std::string& topic : topics) {
    subscribe.insert(subscribe.end(), {"-t", topic});
    publish.insert(publish.end(), {"-t", topic});
    expected += topic + '\n';
  }
  Process reader(sub(broker.port(), subscribe));
  broker.await_subscription("reader", topics.back());
  CHECK(run(pub(broker.port(), publish)).code == 0);
  CHECK(reader.wait().out == expected);
}

TEST_CASE("[MQTT-4.7.3-3][MQTT311-4.7.3-3] a topic has 65535 bytes at most") {
  FakeBroker broker;
  const std::string longest(65535, 't');
  CHECK(run(pub(broker.port(), {"-t", longest, "-m", "x"})).code == 0);
  CHECK(broker.await(PacketType::publish)->as<Publish>().topic == longest);
  CHECK(failed_with(run(pub(broker.port(), {"-t", longest + 't', "-m", "x"})), 2));
  CHECK(broker.connections() == 1);
}

TEST_CASE("properties arrive end to end, user properties in order and with their doubles") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "p", "-C", "1", "-F", "%C|%R|%D|%F|%P|%p"}));
  broker.await_subscription("reader", "p");
  CHECK(run(pub(broker.port(), {"-t",
                                "p",
                                "-m",
                                "x",
                                "-q",
                                "1",
                                "-D",
                                "publish",
                                "content-type",
                                "text/plain; charset=utf-8",
                                "-D",
                                "publish",
                                "response-topic",
                                "answers/here",
                                "-D",
                                "publish",
                                "correlation-data",
                                "hex:41 42 43",
                                "-D",
                                "publish",
                                "payload-format-indicator",
                                "1",
                                "-D",
                                "publish",
                                "message-expiry-interval",
                                "3600",
                                "-D",
                                "publish",
                                "user-property",
                                "k",
                                "1",
                                "-D",
                                "publish",
                                "user-property",
                                "k",
                                "2",
                                "-D",
                                "publish",
                                "user-property",
                                "",
                                ""}))
            .code == 0);
  CHECK(reader.wait().out == "text/plain; charset=utf-8|answers/here|ABC|1|k:1 k:2 :|x\n");
}

TEST_CASE("properties of CONNECT, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT and the will leave as they were given") {
  FakeBroker broker;
  Process reader(sub(broker.port(), {"-t",
                                     "s",
                                     "-t",
                                     "u",
                                     "-U",
                                     "u",
                                     "-E",
                                     "-D",
                                     "connect",
                                     "receive-maximum",
                                     "7",
                                     "-D",
                                     "connect",
                                     "user-property",
                                     "where",
                                     "connect",
                                     "-D",
                                     "subscribe",
                                     "subscription-identifier",
                                     "42",
                                     "-D",
                                     "unsubscribe",
                                     "user-property",
                                     "where",
                                     "unsubscribe",
                                     "-D",
                                     "disconnect",
                                     "user-property",
                                     "where",
                                     "disconnect",
                                     "--will-topic",
                                     "w",
                                     "--will-payload",
                                     "gone",
                                     "-D",
                                     "will",
                                     "will-delay-interval",
                                     "5"}));
  CHECK(reader.wait().code == 0);
  const auto user = [](const Properties& properties) {
    for (const Property& property : properties)
      if (property.id == PropertyId::user_property)
        return std::string(property.name) + '=' + std::string(property.value);
    return std::string();
  };
  const RecordPtr connect = broker.await(PacketType::connect);
  CHECK(connect->as<Connect>().properties.number(PropertyId::receive_maximum) == 7U);
  CHECK(user(connect->as<Connect>().properties) == "where=connect");
  REQUIRE(connect->as<Connect>().will);
  CHECK(connect->as<Connect>().will->properties.number(PropertyId::will_delay_interval) == 5U);
  CHECK(broker.await(PacketType::subscribe)
            ->as<Subscribe>()
            .properties.number(PropertyId::subscription_identifier) == 42U);
  CHECK(user(broker.await(PacketType::unsubscribe)->as<Unsubscribe>().properties) == "where=unsubscribe");
  CHECK(user(broker.await(PacketType::disconnect)->as<Disconnect>().properties) == "where=disconnect");
}

TEST_CASE(
    "[MQTT-1.5.4-1][MQTT-1.5.4-2][MQTT311-1.5.3-1][MQTT311-1.5.3-2] a topic that is no text ends the "
    "connection") {
  for (const char* version : {"5", "311"}) {
    for (const char* topic : {"ED A0 80", "61 00 62"}) {
      CAPTURE(std::string(topic));
      FakeBroker broker(Reactions{.subscribe = [&](Peer& peer, const Subscribe& subscribe) {
        peer.answer(subscribe);
        peer.send_hex(peer.version() == Version::v5 ? std::string("30 06 00 03 ") + topic + " 00"
                                                    : std::string("30 05 00 03 ") + topic);
      }});
      const Outcome outcome = run(sub(broker.port(), {"-V", version, "-t", "#", "--retries", "0"}));
      CHECK(outcome.code != 0);
      CHECK(outcome.out == "");
      if (*version == '5')
        CHECK(broker.await(PacketType::disconnect)->as<Disconnect>().reason == ReasonCode::malformed_packet);
    }
  }
}

TEST_CASE(
    "%j and %J show every payload, one line each: what is no JSON as a string, what is no text as base64") {
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (const Bytes payload :
         {Bytes("{\"a\": [1.50]}"), Bytes("no JSON {"), Bytes("a\0b\xff", 4), Bytes()}) {
      Publish message;
      message.topic = "t";
      message.payload = payload;
      peer.send(message);
    }
  }});
  const Outcome plain = run(sub(broker.port(), {"-t", "t", "-C", "4", "-F", "%j"}));
  const Outcome embedded = run(sub(broker.port(), {"-t", "t", "-C", "4", "-F", "%J"}));
  for (const Outcome& outcome : {plain, embedded}) {
    CHECK(outcome.code == 0);
    CHECK(count_of("\n", outcome.out) == 4);
    CHECK(holds(outcome.out, R"("payload":"no JSON {")"));
    CHECK(holds(outcome.out, R"("payload":"YQBi/w==")"));
    CHECK_FALSE(holds(outcome.out, std::string_view("\0", 1)));
  }
  CHECK(holds(plain.out, R"("payload":"{\"a\": [1.50]}")"));
  CHECK(holds(embedded.out, R"("payload":{"a": [1.50]})"));
}
