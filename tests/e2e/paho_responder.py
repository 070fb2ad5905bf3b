"""Answers requests by paho: PORT TOPIC VERSION. Prints "ready", then answers with the payload in capitals, at the request's
QoS, until it is killed: in MQTT 5.0 as the request says, in 3.1.1 to TOPIC/CLIENT/ID/answer. Exit code 77 without paho."""

import sys

try:
    import paho.mqtt.client as mqtt
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
except ImportError:
    sys.exit(77)

port, topic, version = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def on_message(client, _, message):
    if version == "5":
        properties = Properties(PacketTypes.PUBLISH)
        properties.CorrelationData = message.properties.CorrelationData
        client.publish(message.properties.ResponseTopic, message.payload.upper(), message.qos, properties=properties)
    else:
        client.publish(message.topic + "/answer", message.payload.upper(), message.qos)


def on_subscribe(*_):
    print("ready", flush=True)


client = mqtt.Client(protocol=mqtt.MQTTv5 if version == "5" else mqtt.MQTTv311)
client.on_message = on_message
client.on_subscribe = on_subscribe
client.connect("127.0.0.1", port)
client.subscribe(topic if version == "5" else topic + "/+/+", 2)
client.loop_forever()
