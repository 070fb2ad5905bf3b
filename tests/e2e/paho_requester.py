"""Asks PORT TOPIC COUNT QOS [PAYLOAD]: sends so many requests at once by paho, and prints how many answers came, to whom
of them, with what status and payload. Exit code 77 without paho."""

import collections
import sys
import threading

try:
    import paho.mqtt.client as mqtt
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
except ImportError:
    sys.exit(77)

port, topic, count, qos = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
template = sys.argv[5] if len(sys.argv) > 5 else "request {}"
answers = collections.Counter()
statuses = collections.Counter()
wrong = []
done = threading.Event()


def on_subscribe(client, *_):
    for number in range(count):
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = "answers/paho"
        properties.CorrelationData = b"\0" + str(number).encode()
        client.publish(topic, template.format(number), qos, properties=properties)


def on_message(_, __, message):
    users = dict(getattr(message.properties, "UserProperty", []))
    number = int(message.properties.CorrelationData[1:])
    answers[number] += 1
    statuses[users.get("status", "ok")] += 1
    if "status" not in users and message.payload.decode() != template.format(number):
        wrong.append(message.payload)
    if "responder" not in users or message.retain or message.qos != qos:
        wrong.append((users, message.retain, message.qos))
    if len(answers) == count:
        done.set()


client = mqtt.Client(protocol=mqtt.MQTTv5)
client.max_inflight_messages_set(20)
client.on_subscribe = on_subscribe
client.on_message = on_message
client.connect("127.0.0.1", port)
client.loop_start()
client.subscribe("answers/paho", qos)
done.wait(60)
client.disconnect()
client.loop_stop()
doubled = sum(times - 1 for times in answers.values())
print(f"{len(answers)} answered, {doubled} twice, {len(wrong)} wrong, {sorted(statuses.items())}")
