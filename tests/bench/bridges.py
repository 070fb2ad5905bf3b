"""mqtt-bridge beside mosquitto as bridge, between the same source and sink, in rounds one after the other; and a
queue on disk that grows while the destination is away, and drains."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

import measure
import report

OURS, THEIRS = "mqtt-bridge", "mosquitto"
# (QoS, store; none: mosquitto)
WAYS = [(0, None), (0, "through"), (0, "disk"), (1, None), (1, "through"), (1, "disk"), (2, None), (2, "through"),
        (2, "disk")]
BARS = {(0, "through"): 3, (0, "disk"): 3, (1, "through"): 3, (1, "disk"): 1}

MOSQUITTO = """listener {own} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages {window}
log_type error
connection in
address 127.0.0.1:{source}
bridge_protocol_version mqttv50
try_private false
notifications false
remote_clientid in
cleansession false
topic # in {qos}
connection out
address 127.0.0.1:{sink}
bridge_protocol_version mqttv50
try_private false
notifications false
remote_clientid out
cleansession false
topic # out {qos}
"""

BRIDGE = """name = "bench"
store = "{store}"
{path}
[endpoint.source]
url = "mqtt://127.0.0.1:{source}"
[endpoint.sink]
url = "mqtt://127.0.0.1:{sink}"
[[route]]
from = "source"
to = "sink"
topics = ["#"]
qos = {qos}
queue = {{ bytes = 0 }}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def status_of(process, name):
    """A figure of /proc/PID/status in MiB."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(re.search(name + r":\s*(\d+) kB", file.read()).group(1)) / 1024


def work_of(process):
    """Processor time in ticks."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))


class Bridges:
    def __init__(self, machine, folder, bars, note):
        self.machine, self.folder, self.bars, self.note = machine, folder, bars, note

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def command(self, qos, store, source, sink, store_file):
        if store is None:
            return [self.machine.programs[THEIRS], "-c", self.write("bridge.conf", MOSQUITTO.format(
                own=free_port(), source=source, sink=sink, qos=qos, window=self.machine.window))]
        path = f'store-path = "{store_file}"' if store == "disk" else ""
        return [self.machine.programs[OURS], "-c", self.write("bridge.toml", BRIDGE.format(
            store=store, path=path, source=source, sink=sink, qos=qos))]

    def started(self, command):
        with open(os.path.join(self.folder, "bridge.err"), "w", encoding="utf-8") as errors:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        if self.machine.core is not None:
            os.sched_setaffinity(process.pid, {self.machine.core})
        return process

    def source(self, qos, count):
        return measure.Peer([self.machine.bench("bench_source"), "-q", str(qos), "-M", str(self.machine.window), "-C",
                             str(count), "-s", str(measure.SIZE)], self.machine.peer_core)

    def sink(self, qos, count):
        return measure.Peer([self.machine.bench("bench_sink"), "-q", str(qos), "-C", str(count), "-S"],
                            self.machine.peer_core)

    def run(self, qos, store, count):
        """Messages from source to sink: the time is the sink's, the cost the bridge's."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place, self.source(qos, count) as source, \
                self.sink(qos, count) as sink:
            bridge = self.started(self.command(qos, store, source.port, sink.port, os.path.join(place, "store")))
            got = sink.report(self.machine.limit)
            peak = status_of(bridge, "VmHWM")
            bridge.send_signal(signal.SIGTERM)
            _, status, usage = os.wait4(bridge.pid, 0)
        run = {"complete": bool(got) and got["received"] == got["distinct"] == count and got["out_of_order"] == 0,
               "peer": got, "status": status, "peak": peak, "stderr": "",
               "cpu": (usage.ru_utime + usage.ru_stime) / count,
               "wall": got["seconds"] / count if got else self.machine.limit / count}
        self.note(OURS if store else THEIRS, f"store {store} at QoS {qos}", run)
        return run

    def throughput(self, rounds, lines, peer_lines):
        runs = {}
        for _ in range(rounds):
            for qos, store in WAYS:
                count = lines if store else peer_lines * (5 if qos == 0 else 1)
                runs.setdefault((qos, store), []).append(self.run(qos, store, count))
        rows = []
        for (qos, store), of in runs.items():
            ratio = report.per_round(of, runs[qos, None], "wall")
            if (qos, store) in BARS:
                self.bars.at_least(f"mqtt-bridge, store {store}, QoS {qos}, rate against mosquitto as bridge", ratio,
                                   BARS[qos, store])
            rows.append([qos, f"{OURS}, store `{store}`" if store else THEIRS,
                         report.rate(report.median([run["wall"] for run in of])),
                         report.number(report.median([run["cpu"] * 1e9 for run in of]), "{:.0f} ns"),
                         report.number(report.median([run["peak"] for run in of]), "{:.1f} MB"),
                         report.number(ratio, "{:.1f}")])
        return rows

    def queue(self, count):
        """So many messages at QoS 1 while the destination is away, then all of them to it by another run of the
        bridge: memory in each tenth of the filling, seconds of each tenth of the draining."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place, self.source(1, count) as source:
            store = os.path.join(place, "store")
            bridge = self.started(self.command(1, "disk", source.port, free_port(), store))
            filling = self.memory_until(bridge, idle=True)
            self.end(bridge)
            size = os.path.getsize(store) / 2**20
            with self.sink(1, count) as sink, self.source(1, 1) as other:
                bridge = self.started(self.command(1, "disk", other.port, sink.port, store))
                draining = self.memory_until(bridge, peer=sink.process)
                got = sink.report(5) or {"tenths": []}
                self.end(bridge)
        tenths = got["tenths"]
        run = {"complete": got.get("distinct") == got.get("received") and got.get("received", 0) >= count,
               "peer": {**got, "filling": filling}, "status": 0, "stderr": ""}
        self.note(OURS, f"a queue of {count:,} messages", run)
        self.bars.at_most(f"mqtt-bridge, {count:,} messages on disk, memory in MB", max(filling + draining), 64, "{:.0f}")
        if tenths:
            self.bars.at_most("mqtt-bridge, that queue drained, slowest tenth against the median one",
                              max(tenths) / report.median(tenths), 2)
        return [[f"{count:,}", f"{size:,.0f} MB", f"{max(filling):.0f} MB", f"{max(draining):.0f} MB",
                 ", ".join(f"{count / 10 / each / 1000:.0f}" for each in tenths)]]

    @staticmethod
    def memory_until(bridge, peer=None, idle=False):
        """Until the peer has ended, or the bridge has had nothing to do for a second."""
        peaks, worked, since = [], 0, time.monotonic()
        while bridge.poll() is None and (peer is None or peer.poll() is None):
            peaks.append(status_of(bridge, "VmRSS"))
            work = work_of(bridge)
            if work > worked + 1:
                worked, since = work, time.monotonic()
            if idle and peaks[1:] and time.monotonic() - since > 1:
                break
            time.sleep(0.2)
        return peaks or [0.0]

    @staticmethod
    def end(bridge):
        bridge.send_signal(signal.SIGTERM)
        bridge.wait()
