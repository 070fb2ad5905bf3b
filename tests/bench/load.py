"""mqtt-bench against the least that the same load can cost: bench_flood, bench_open_loop and bench_connects, in
rounds one after the other, into the sink that both share (bench_load_sink, a process of its own)."""
import contextlib
import json
import os
import subprocess
import time

import measure
import report

FLOODERS = 10
CLIENTS = 1000
RATES = (100, 20)  # messages a second of each; the first has a bar
SECONDS = 3
CONNECTIONS = 27_800  # of the 28,232 ports that Linux gives one address by itself
IDLE = (10, 10_000)
TOPIC = "mqttkit/bench/load"
PROBES = {"flood": "bench_flood", "open loop": "bench_open_loop", "connects": "bench_connects"}
OURS = "mqtt-bench"


class Sink:
    """A bench_load_sink on the peer's core; leaving the with-block ends it, and its report is there."""

    def __init__(self, machine):
        self.process = subprocess.Popen([machine.bench("bench_load_sink")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        if machine.peer_core is not None:
            os.sched_setaffinity(self.process.pid, {machine.peer_core})
        self.port = self.process.stdout.readline().strip()
        self.report = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.report = json.loads(self.process.communicate(timeout=20)[0])
        except (subprocess.TimeoutExpired, json.JSONDecodeError):
            self.process.kill()
            self.process.communicate()


class Load:
    def __init__(self, machine, folder, bars, note):
        self.machine, self.bars = machine, bars
        self.note = note  # told of what one of our own programs does wrong: (name, what, run)
        self.output = os.path.join(folder, "load")

    def sinks(self, count):
        stack = contextlib.ExitStack()
        return stack, [stack.enter_context(Sink(self.machine)) for _ in range(count)]

    def measured(self, name, what, command, sinks=1, connections=0):
        """One run against so many sinks; `command` is given their ports."""
        stack, peers = self.sinks(sinks)
        with stack:
            run = self.machine.measured(command([peer.port for peer in peers]), stdout=self.output)
        with open(self.output, encoding="utf-8", errors="replace") as file:
            text = file.read()
        run["peer"] = {key: sum(peer.report.get(key, 0) for peer in peers) for key in ("accepted", "received")}
        run["marks"] = [peer.report.get("accepted_at", []) for peer in peers]
        run["complete"] = run["status"] == 0 and run["peer"]["accepted"] >= connections
        self.note(name, what, run)
        try:
            run["said"] = [json.loads(text)] if name == OURS else [json.loads(line) for line in text.splitlines()]
        except json.JSONDecodeError:
            raise measure.Failed(f"{name}, {what}: {run['stderr'][-300:] or 'no figures'}") from None
        return run

    def bench(self, *arguments):
        """What mqtt-bench is asked; the ports come later."""
        servers = lambda ports: [word for port in ports for word in ("-L", f"mqtt://127.0.0.1:{port}")]
        return lambda ports: [self.machine.programs[OURS], arguments[0], *servers(ports), "--output", "json",
                              "--no-progress", *arguments[1:]]

    def probe(self, name, *arguments):
        return lambda ports: [self.machine.bench(PROBES[name]), "-p", ports[0], *arguments]

    def publishing(self, name, what, command):
        """A run that publishes, with its messages; all of them must have come to the sink."""
        run = self.measured(name, what, command)
        said = run["said"][0]
        if name == OURS:
            run["messages"] = sum(of["sent"] for of in said["messages"].values())
            run["late"] = said["latencies"].get("lag", {}).get("corrected", {})
        else:
            run["messages"] = said["messages"]
            run["late"] = said
        if run["peer"]["received"] != run["messages"]:
            run["complete"] = False
            run["stderr"] = f"{run['peer']['received']} of {run['messages']} messages came to the sink"
            self.note(name, what, run)
        run["cpu"] /= run["messages"]
        run["wall"] /= run["messages"]
        return run

    def floods(self, rounds):
        """As fast as can be; [row]."""
        rows = []
        for qos, bar in ((0, 0.3), (1, 0.2)):
            what = f"as fast as can be, QoS {qos}"
            ways = [("plain", self.probe("flood", "-c", str(FLOODERS), "-d", str(SECONDS), "-q", str(qos), "-t",
                                         TOPIC)),
                    (OURS, self.bench("pub", "--flood", "-c", str(FLOODERS), "-d", str(SECONDS), "-q", str(qos),
                                      "-t", TOPIC + "/{number}"))]
            runs = self.in_turn(rounds, ways, lambda name, command: self.publishing(name, what, command))
            ratio = report.per_round(runs[OURS], runs["plain"], "cpu")
            self.bars.at_least(f"mqtt-bench pub --flood, {FLOODERS} connections, QoS {qos}, messages a CPU second "
                               "against the plain loop", ratio, bar)
            for name, _ in ways:
                cpu = report.median([run["cpu"] for run in runs[name]])
                rows.append([qos, name, report.rate(cpu), report.number(cpu * 1e9, "{:.0f} ns"),
                             report.number(report.per_round(runs[name], runs["plain"], "cpu"))])
        return rows

    def open_loops(self, rounds):
        """At a rate, one write each; [row]."""
        rows = []
        for rate in RATES:
            what = f"{CLIENTS} clients at {rate} messages a second each"
            ways = [("plain", self.probe("open loop", "-c", str(CLIENTS), "-r", str(rate), "-d", str(SECONDS), "-t",
                                         TOPIC)),
                    (OURS, self.bench("pub", "-c", str(CLIENTS), "--rate", str(rate), "-d", str(SECONDS), "-t",
                                      TOPIC + "/{number}"))]
            runs = self.in_turn(rounds, ways, lambda name, command: self.publishing(name, what, command))
            ratios = [mine["cpu"] / plain["cpu"] for mine, plain in zip(runs[OURS], runs["plain"])]
            if rate == RATES[0]:
                self.bars.at_most(f"mqtt-bench pub, {CLIENTS:,} connections at {rate} messages a second each, CPU "
                                  "against a plain epoll loop", report.median(ratios), 1.5)
            for name, _ in ways:
                late = {key: report.median([run["late"][key] for run in runs[name] if key in run["late"]])
                        for key in ("p50_us", "p99_us", "max_us")}
                rows.append([f"{rate}/s", name,
                             report.number(report.median([run["cpu"] * 1e6 for run in runs[name]]), "{:.2f} µs"),
                             report.number(report.median(ratios) if name == OURS else 1.0),
                             *(report.number(late[key], "{:,.0f} µs") for key in late)])
        return rows

    def connects(self, rounds):
        """Over the whole port range of one source address, which takes two processes on either side."""
        await_free_ports()
        half = CONNECTIONS // 2
        ways = [("plain", lambda ports: ["/bin/sh", "-c", " & ".join(
            f"{self.machine.bench(PROBES['connects'])} -p {port} -C {half} -P {at + 1}/2 -w 500"
            for at, port in enumerate(ports)) + " & wait"]),
            (OURS, self.bench("conn", "-c", str(CONNECTIONS), "--connect-rate", "max", "-d", "0.5", "--processes", "2"))]
        what = f"{CONNECTIONS} connections"
        runs = self.in_turn(rounds, ways, lambda name, command: self.connecting(name, what, command))
        ratio = report.median([mine["rate"] / plain["rate"] for mine, plain in zip(runs[OURS], runs["plain"])])
        self.bars.at_least(f"mqtt-bench conn, {CONNECTIONS:,} connections from one address, rate against plain epoll",
                           ratio, 0.75)
        return [[name, *(report.number(report.median([run[key] for run in runs[name]]), "{:,.0f}")
                         for key in ("rate", "first", "last")),
                 report.number(report.median([run["cpu"] / CONNECTIONS * 1e6 for run in runs[name]]), "{:.1f} µs"),
                 report.number(ratio if name == OURS else 1.0)] for name, _ in ways]

    def connecting(self, name, what, command):
        run = self.measured(name, what, command, sinks=2, connections=CONNECTIONS)
        if not run["complete"]:
            raise measure.Failed(f"{name}, {what}: {run['peer']['accepted']} came to the sinks: {run['stderr'][:300]}")
        run["rate"], run["first"], run["last"] = pace(run["marks"], CONNECTIONS)
        return run

    def memory(self):
        """Peak resident memory of ten and of ten thousand idle connections; [row]."""
        peaks = []
        for count in IDLE:
            run = self.measured(OURS, f"{count} idle connections", self.bench(
                "conn", "-c", str(count), "--connect-rate", "max", "-d", "1"), connections=count)
            peaks.append(run["max_rss_kib"])
        each = (peaks[1] - peaks[0]) / (IDLE[1] - IDLE[0])
        self.bars.at_most("mqtt-bench conn, resident memory per idle connection in KiB", each, 4)
        return [[f"{count:,}", f"{peak:,} KiB"] for count, peak in zip(IDLE, peaks)]

    @staticmethod
    def in_turn(rounds, ways, run):
        runs = {name: [] for name, _ in ways}
        for _ in range(rounds):
            for name, command in ways:
                runs[name].append(run(name, command))
        return runs


def await_free_ports():
    """Until what ran before has no connections left that wait for their end: their ports are not to be had."""
    for _ in range(65):
        with open("/proc/net/sockstat", encoding="ascii") as file:
            words = next(line for line in file if line.startswith("TCP:")).split()
        if int(words[words.index("tw") + 1]) < 100:
            return
        time.sleep(1)


def pace(marks, count):
    """Connections a second over all, over the first and over the last tenth, by the sinks' watches together."""
    steps = sorted((time, at - before) for sink in marks
                   for (time, at), before in zip(sink, [0] + [at for _, at in sink]))
    times, reached = [], 0
    tenths = [1, count // 10, count - count // 10, count]
    for time, more in steps:
        reached += more
        while len(times) < len(tenths) and reached >= tenths[len(times)]:
            times.append(time)
    tenth = count // 10
    return count / (times[3] - times[0]), tenth / (times[1] - times[0]), tenth / (times[3] - times[2])
