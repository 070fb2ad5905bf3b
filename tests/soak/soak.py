#!/usr/bin/env python3
"""All programs for a long time, over every transport, at every QoS and both versions, while connections are cut and
brokers are restarted: is memory flat, are descriptors, is everything counted? scripts/soak builds and runs it.

usage: soak.py BUILD-FOLDER NAME MINUTES REPORT
Exit: 0 held; 1 something did not, or the soak could not go on; 2 usage.
"""
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import brokers  # noqa: E402
import numbers_of  # noqa: E402
import programs  # noqa: E402
import report  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BEAT = 0.5            # seconds between messages of a stream, one of each QoS
TROUBLE = 20          # seconds between troubles: a cut of one broker, then of the other, then a restart
DRAIN = 60            # seconds for what is under way at the end
STAYING = ["-c", "--retries", "1000000", "--retry-delay", "0.1:1"]

BRIDGE = """name = "{name}"
store-path = "{folder}/{name}.sqlite"
[endpoint.a]
{a}
[endpoint.b]
{b}
[[route]]
from = "a"
to = "b"
topics = [{{ from = "soak/#", to = "{name}/soak/$1" }}]
"""


class Soak:
    def __init__(self, build, name, minutes, folder):
        self.build, self.seconds, self.folder = build, minutes * 60, folder
        self.spare = programs.SANITIZED_KIB if name == "asan" else programs.MEMORY_KIB
        certificates = os.path.join(folder, "certificates")
        os.mkdir(certificates)
        subprocess.run([os.path.join(ROOT, "tests/peers/make_certificates"), certificates], check=True)
        self.relays = brokers.Relays()
        self.a = brokers.Broker("a", folder, certificates, self.relays)
        self.b = brokers.Broker("b", folder, certificates, self.relays)
        self.programs, self.publishers, self.checkers = [], [], []
        self.requesters, self.asked = [], 0
        self.cuts = self.restarts = 0

    def run(self, broker, name, what, arguments, client=None, **more):
        program = programs.Program(name, what, [os.path.join(self.build, name), *arguments], self.folder,
                                   spare=self.spare, **more)
        self.programs.append(program)
        if client is not None:
            broker.clients.add(client)
        return program

    def begin(self):
        for way in brokers.TRANSPORTS:
            for version in ("5", "311"):
                stream = numbers_of.Stream(way, version)
                self.start_checker(self.a, way, version, f"soak/{stream.name}/#", [stream])
        # What serves and what checks is there before anything is sent.
        self.start_responders()
        self.start_bridges()
        self.await_all(0)
        for checker, streams in self.checkers[:10]:
            stream = streams[0]
            client = f"pub-{stream.name.replace('/', '-')}"
            way, version = stream.name.split("/")
            self.publishers.append((stream, self.run(
                self.a, "mqtt-pub", f"mqtt-pub {stream.name}",
                [*self.a.arguments(way), "-V", version, "-i", client, *STAYING, "-l", "--input", "json"],
                client, ends=(0, 6), stdin=subprocess.PIPE)))
        everything = [stream for stream, _ in self.publishers]
        for checker in self.checkers[10:]:
            checker[1].extend(everything)
        self.start_requesters()
        self.start_bench()
        self.await_all(0)

    def start_checker(self, broker, way, version, topic, streams):
        client = f"sub-{broker.name}-{way}-{version}"
        self.checkers.append((self.run(
            broker, "mqtt-sub", f"mqtt-sub {broker.name} {way}/{version}",
            [*broker.arguments(way), "-V", version, "-i", client, *STAYING, "-q", "2", "-t", topic,
             "-F", "%t %p"], client, ends=(143,)), streams))

    def start_bridges(self):
        self.start_checker(self.b, "wss", "5", "one/#", [])
        self.start_checker(self.b, "tcp", "311", "two/#", [])
        self.await_all(0)
        for name, (from_way, from_version), (to_way, to_version) in (("one", ("tls", 5), ("ws", 311)),
                                                                     ("two", ("unix", 311), ("tcp", 5))):
            path = os.path.join(self.folder, f"{name}.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(BRIDGE.format(name=name, folder=self.folder,
                                         a=self.endpoint(self.a, from_way, from_version),
                                         b=self.endpoint(self.b, to_way, to_version)))
            self.b.clients.add(f"{name}-b")
            self.run(self.a, "mqtt-bridge", f"mqtt-bridge {name}", ["-c", path], f"{name}-a", ends=(0, 143))

    @staticmethod
    def endpoint(broker, way, version):
        words = broker.arguments(way)
        keys = {"-L": "url", "--unix": "unix", "--cafile": "cafile"}
        lines = [f'{keys[key]} = "{value}"' for key, value in zip(words[::2], words[1::2])]
        return "\n".join([*lines, f"protocol-version = {version}", 'retry-delay = "0.1:1"'])

    def start_responders(self):
        for way, version, more in (("wss", "5", []),
                                   ("tcp", "311", ["-e", "{topic}/answer", "--correlation-field", "id"])):
            client = f"serve-{version}"
            self.run(self.a, "mqtt-rr", f"mqtt-rr serve {way}/{version}",
                     ["serve", *self.a.arguments(way), "-V", version, "-i", client, *STAYING, "-q", "2",
                      "-t", f"ask/{version}", "--echo", *more], client, ends=(143,))

    def start_requesters(self):
        for way, version, more in (("tls", "5", []),
                                   ("ws", "311", ["-e", "ask/311/answer", "--correlation-field", "id"])):
            client = f"rr-{version}"
            self.requesters.append(self.run(
                self.a, "mqtt-rr", f"mqtt-rr {way}/{version}",
                [*self.a.arguments(way), "-V", version, "-i", client, *STAYING, "-q", "2", "-l",
                 "-t", f"ask/{version}", *more], client, stdin=subprocess.PIPE))

    def start_bench(self):
        arguments = ["pubsub", *self.a.arguments("wss"), "--run", "soak", "-c", "5", "--rate", "1", "-q", "1",
                     "-d", str(max(10, int(self.seconds) - 20)), "--drain", str(DRAIN), "--no-clean-start",
                     "-x", "86400", "--retries", "-1", "--retry-delay", "0.1:1", "--no-progress",
                     "--output", "json"]
        # The course of a run is kept second by second for two hours, then more coarsely (apps/load/series.hpp).
        # KiB a second: a row of 1 KiB for each, as much again for the longer rows that a longer run will need, and
        # twice that while the tables that hold them double.
        self.bench = self.run(self.a, "mqtt-bench", "mqtt-bench pubsub wss/5", arguments, grows=4)

    def await_all(self, begin):
        self.a.await_clients(begin)
        self.b.await_clients(begin)

    def trouble(self, number):
        """Cuts in the middle of the traffic. Restarts with none under way, since mosquitto 2.0.11 sends QoS 2
        messages again that it had sent before it was stopped [MQTT-4.3.3-6]."""
        broker = (self.a, self.b)[number % 2]
        begin = broker.log_size()
        if number % 6 < 4:
            self.beat()
            time.sleep(number % 7 * 0.003)
            self.relays.cut(broker.name)
            self.beat()
            self.cuts += 1
        else:
            self.await_complete()
            broker.stop()
            broker.start()
            self.restarts += 1
        broker.await_clients(begin)

    def beat(self):
        for stream, publisher in self.publishers:
            for qos in range(3):
                publisher.write(stream.line(qos))
            publisher.flush()
        for requester in self.requesters:
            requester.write(b'{"number":%d}\n' % self.asked)
            requester.flush()
        self.asked += 1

    def endure(self):
        start = time.monotonic()
        beats = samples = troubles = 0
        while (now := time.monotonic() - start) < self.seconds:
            if now >= (samples + 1) * programs.SAMPLE:
                samples += 1
                for program in self.programs:
                    # At its end mqtt-bench makes its report of all seconds, which takes memory once.
                    if program is not self.bench or now < self.seconds - 30:
                        program.sample()
                gone = [each.what for each in self.programs if not each.running() and each is not self.bench]
                if gone:
                    raise brokers.Failed(f"ended too early: {', '.join(gone)}")
            if now >= (troubles + 1) * TROUBLE and now < self.seconds - TROUBLE:
                self.trouble(troubles)
                troubles += 1
                # What was not sent meanwhile is not hurried after.
                beats = (time.monotonic() - start) // BEAT
            if now >= beats * BEAT:
                beats += 1
                self.beat()
            time.sleep(0.05)

    def verdicts(self):
        return [(checker, numbers_of.Verdict(checker.text(checker.out), streams)) for checker, streams in self.checkers]

    def answers(self):
        return [requester.text(requester.out).count("\n") for requester in self.requesters]

    def await_complete(self):
        until = time.monotonic() + DRAIN
        while time.monotonic() < until:
            if all(verdict.complete() for _, verdict in self.verdicts()) and min(self.answers()) == self.asked:
                return
            time.sleep(0.5)

    def end(self):
        self.await_complete()
        for _, publisher in self.publishers:
            publisher.close()
        for requester in self.requesters:
            requester.close()
        stays = {each for each in self.programs if 143 in each.ends}
        for program in self.programs:
            if program not in stays:
                program.end()
        for program in stays:
            program.end(signal.SIGTERM)

    def kill(self):
        for program in self.programs:
            if program.running():
                program.process.kill()
        for broker in (self.a, self.b):
            broker.process.kill()


def main():
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    build, name, minutes, path = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
    today = datetime.date.today().isoformat()
    folder = tempfile.mkdtemp(prefix="mqttkit-soak-")
    # What the address sanitizer holds back of freed memory would look like growth.
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:malloc_context_size=4"
    for variable in [each for each in os.environ if each.startswith("MQTTKIT_")]:
        del os.environ[variable]
    os.environ["XDG_CONFIG_HOME"] = os.environ["HOME"] = folder
    soak = Soak(build, name, minutes, folder)
    try:
        soak.begin()
        soak.endure()
        soak.end()
    except brokers.Failed as failed:
        print(f"error: {failed}\nhint: what the programs said is in {folder}", file=sys.stderr)
        return 1
    finally:
        soak.kill()
    try:
        bench = json.loads(soak.bench.text(soak.bench.out))["messages"]["qos1"]
    except (json.JSONDecodeError, KeyError):
        bench = {"sent": 0, "lost": 0, "duplicated": 0}
    faults = report.write(path, name, minutes, today, soak, bench)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    if faults:
        print(f"hint: what the programs said is in {folder}", file=sys.stderr)
        return 1
    subprocess.run(["rm", "-r", folder], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
