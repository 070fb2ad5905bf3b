"""Numbered messages: what was given out, and what has come of it."""


class Stream:
    """The messages of one publisher: soak/WAY/VERSION/QOS, with a number as payload, from 0 on for each QoS."""

    def __init__(self, way, version):
        self.name = f"{way}/{version}"
        self.given = [0, 0, 0]

    def line(self, qos):
        number = self.given[qos]
        self.given[qos] += 1
        return f'{{"topic":"soak/{self.name}/{qos}","payload":"{number}","qos":{qos}}}\n'.encode()


class Verdict:
    """The lines "TOPIC NUMBER" of a subscriber, against what the streams have given out. Topics may have got a
    prefix on their way."""

    def __init__(self, text, streams):
        self.given, self.lost, self.doubled, self.strange = [0, 0, 0], [0, 0, 0], [0, 0, 0], 0
        seen = {(stream.name, qos): set() for stream in streams for qos in range(3)}
        for line in text.splitlines():
            topic, _, number = line.partition(" ")
            parts = topic.split("/")
            try:
                numbers, value, qos = seen[("/".join(parts[-3:-1]), int(parts[-1]))], int(number), int(parts[-1])
            except (KeyError, ValueError):
                self.strange += 1
                continue
            self.doubled[qos] += value in numbers
            numbers.add(value)
        for stream in streams:
            for qos in range(3):
                self.given[qos] += stream.given[qos]
                self.lost[qos] += len(set(range(stream.given[qos])) - seen[(stream.name, qos)])

    def complete(self):
        return self.lost[1] == 0 and self.lost[2] == 0

    def faults(self):
        for qos in (1, 2):
            if self.lost[qos]:
                yield f"lost {self.lost[qos]} at QoS {qos}"
        for qos in (0, 2):
            if self.doubled[qos]:
                yield f"doubled {self.doubled[qos]} at QoS {qos}"
        if self.strange:
            yield f"{self.strange} lines that nobody has published"
