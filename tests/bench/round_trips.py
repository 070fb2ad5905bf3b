"""Requests and answers through a broker: ours against the least that it can cost (bench_round_trip), and whole
runs of mqtt-rr against mosquitto_rr. What mqtt-rr can't do yet is left out, and its bar is not measured."""
import contextlib
import json
import os
import re
import subprocess
import time

import measure
import report

TOPIC = "bench/ask"
SIZE = 64
BARE = "two bare sockets"
OURS = "mqtt-rr -l, mqtt-rr serve"
BARE_PING = "one bare socket"
OUR_PING = "mqtt-rr ping"
UNITS = {"us": 1.0, "µs": 1.0, "ms": 1000.0, "s": 1e6}


class RoundTrips:
    def __init__(self, machine, folder, port, bars, note):
        self.machine, self.folder, self.port, self.bars = machine, folder, str(port), bars
        self.note = note  # told of what one of our own programs does wrong: (name, what, run)
        self.output = os.path.join(folder, "round-trips")

    def rr(self, *arguments, command=()):
        return [self.machine.programs["mqtt-rr"], *command, "-h", "127.0.0.1", "-p", self.port, *arguments]

    def bare(self, mode, *arguments):
        return [self.machine.bench("bench_round_trip"), mode, "-p", self.port, "-s", str(SIZE), *arguments]

    def can(self, *words):
        """Whether mqtt-rr's help lists all of these words, commands or options."""
        text = subprocess.run(self.rr("--help"), capture_output=True, text=True, check=False).stdout
        return all(re.search(rf"^ +(?:-\w, )?{re.escape(word)}(?: |$)", text, re.M) for word in words)

    @contextlib.contextmanager
    def beside(self, command, core):
        """A program that runs meanwhile; yields what it writes to standard output."""
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        try:
            if core is not None:
                os.sched_setaffinity(process.pid, {core})
            yield process.stdout
        finally:
            process.kill()
            process.communicate()

    def measured(self, name, command, **files):
        run = self.machine.measured(command, stdout=self.output, **files)
        run["complete"], run["peer"] = run["status"] == 0, None
        self.note(name, "through the broker", run)
        with open(self.output, encoding="utf-8", errors="replace") as file:
            run["stdout"] = file.read()
        return run

    def bare_figures(self, mode, *arguments):
        return json.loads(self.measured("plain", self.bare(mode, "-t", TOPIC, *arguments))["stdout"])

    def our_ping(self, count):
        run = self.measured(OUR_PING, self.rr("-C", str(count), "--interval", "0.001", "--size", str(SIZE),
                                              "--output", "json", command=("ping",)))
        return json.loads(run["stdout"].splitlines()[-1])["microseconds"]

    def our_requests(self, count):
        """One at a time, through our own responder, which shares the core as the bare one does."""
        lines = os.path.join(self.folder, f"requests-{count}")
        with open(lines, "wb") as file:
            file.writelines(map(measure.line, range(count)))
        serve = self.rr("-t", TOPIC, "--echo", command=("serve",))
        with self.beside(serve, self.machine.core):
            self.await_responder()
            run = self.measured(OURS, self.rr("-t", TOPIC, "-l", "--concurrency", "1"), stdin=lines)
        figures = percentiles(run["stderr"])
        if "p50" not in figures:
            raise measure.Failed(f"{OURS}: no figures in: {run['stderr'][-300:]}")
        return figures

    def await_responder(self):
        for _ in range(50):
            asked = subprocess.run(self.rr("-t", TOPIC, "-m", "x", "-W", "0.2"), capture_output=True,
                                   check=False)
            if asked.returncode == 0:
                return
            time.sleep(0.02)
        raise measure.Failed("nobody answers requests")

    def latencies(self, rounds, count):
        """p50, p90 and p99 of rounds in turn; ratios are those of each round's p50."""
        ways = [(BARE, lambda: self.bare_figures("two", "-C", str(count))),
                (OURS, lambda: self.our_requests(count)),
                (BARE_PING, lambda: self.bare_figures("one", "-C", str(count // 5), "-w", "1")),
                (OUR_PING, lambda: self.our_ping(count // 5))]
        present = {OURS: self.can("serve", "--stdin-line"), OUR_PING: self.can("ping")}
        runs = {}
        for _ in range(rounds):
            for name, run in ways:
                if present.get(name, True):
                    runs.setdefault(name, []).append(run())
        rows = []
        for name, _ in ways:
            figures = runs.get(name)
            if figures is None:
                rows.append([name, "not there yet", "", "", ""])
                continue
            yardstick = BARE if name in (BARE, OURS) else BARE_PING
            rows.append([name, *(report.number(report.median([one[p] for one in figures]), "{:.1f} µs")
                                 for p in ("p50", "p90", "p99")),
                         report.number(slower(figures, runs[yardstick], "p50"))])
        self.bars.at_most("one round trip, p50, mqtt-rr with mqtt-rr serve against two bare sockets",
                          slower(runs.get(OURS, []), runs[BARE], "p50"), 1.25)
        return rows

    def whole_runs(self, count):
        """A request and its answer, from start to exit, answered by a bare responder on the peer's core."""
        request = ["-V", "5", "-t", TOPIC, "-e", TOPIC + "/answers", "-m", "x" * SIZE]
        commands = {"mqtt-rr": self.rr(*request)}
        if self.machine.has("mosquitto_rr"):
            commands["mosquitto_rr"] = [self.machine.programs["mosquitto_rr"], "-h", "127.0.0.1", "-p", self.port,
                                        *request]
        runs = {}
        with self.beside(self.bare("answer", "-t", TOPIC), self.machine.peer_core) as output:
            output.readline()
            for _ in range(count):
                for name, command in commands.items():
                    runs.setdefault(name, []).append(self.measured(name, command))
        for key in ("wall", "cpu"):
            self.bars.at_most(f"mqtt-rr -m, {key} time against mosquitto_rr",
                              slower_median(runs["mqtt-rr"], runs.get("mosquitto_rr", []), key), 1)
        return [[name, *(report.number(report.median([run[key] * 1000 for run in runs[name]]), "{:.2f} ms")
                         for key in ("wall", "cpu")), len(runs[name])] if name in runs else [name, "missing", "", ""]
                for name in ("mqtt-rr", "mosquitto_rr")]


def percentiles(text):
    """What a summary says, as {"p50": microseconds, ...}. The unit stands behind each figure or behind the last."""
    line = next((line for line in text.splitlines() if re.search(r"\bp50\b", line)), "")
    figures = re.findall(r"\b(p\d+)\W+(\d[\d.]*) ?(us|µs|ms|s)?\b", line)
    units = re.findall(r"\d ?(us|µs|ms|s)\b", line)
    common = units[-1] if units else "ms"
    return {name: float(value) * UNITS[own or common] for name, value, own in figures}


def slower(mine, theirs, key):
    """Median over the rounds of how many times as long as `theirs` mine takes."""
    return report.median([a[key] / b[key] for a, b in zip(mine, theirs)])


def slower_median(mine, theirs, key):
    if not theirs:
        return None
    return report.median([run[key] for run in mine]) / report.median([run[key] for run in theirs])
