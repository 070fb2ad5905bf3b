"""The tables of docs/benchmarks.md."""
import os
import statistics
import textwrap

INTRODUCTION = """
Made by `{command}` ({rounds} interleaved rounds, medians; {machine}; loopback). Messages of {size} bytes,
MQTT 5, {window} in flight at QoS 1 and 2. The program under test has one core, its peer another. Absolute
figures differ between machines and from minute to minute; the ratios are what counts. `plain` is a C++ loop
that does the least possible for the same work (`tests/bench/bench_plain.cpp`): a ratio of 0.40 is 40 % of its
rate, or of its CPU economy.
"""

PEERS = """
What sink and source can do, and how many times as fast as the plain loop that is. The sink by the time of a
transfer from the source; the source at QoS 0 by CPU time, because no receiver keeps up with it, and at QoS 1
and 2 by the part of the plain loop's time in which it had something to do: there the two wait for each other.
"""

ROUND_TRIPS = """
From sending a request to having its answer, one after the other; the bare requester and responder are two
blocking sockets of one program with prepared packets (`tests/bench/bench_round_trip.cpp`). `mqtt-rr ping` sends
to itself, a thousand messages a second, and so does the single bare socket. All clients share one core, the
broker has the other.
"""

FLOODS = """
Ten connections, each message encoded by itself; the plain loop (`tests/bench/bench_flood.cpp`) writes batches of
64 KiB, with 1000 in flight at QoS 1, and neither stamps nor keeps a message nor measures anything. The ratio is that
of messages a second of processor time, system included, of the whole run.
"""

OPEN_LOOPS = """
A thousand connections, each message due at a time of its own, one write each; the plain loop
(`tests/bench/bench_open_loop.cpp`) is epoll and a wheel. Most of the time is the kernel's, which also does the
receiver's part of TCP on loopback. Lateness is that of the write against the schedule. At a hundred a second either
program has work for the whole core; where everything runs at real-time priority the kernel then takes the core away
for up to 50 ms in every second, which the last two columns show in both.
"""

CONNECTS = """
All at the same time, from one source address and over nearly all its ports, which both choose by themselves; two
processes on each side, because one may have no more than 20,000 descriptors here. Rates are what the sinks see, over
all and over the first and the last tenth; CPU time is that of the whole run, for mqtt-bench with all its DISCONNECTs.
"""

IDLE = """
At its peak, that of connecting and leaving included; the difference is what a connection takes.
"""

BRIDGES = """
From `bench_source` to `bench_sink`, both on one core, the bridge on the other; mosquitto is a broker with a bridge
connection to each. With store `disk` every message is in SQLite's file, synchronously, before it is acknowledged to
the source, unless the destination has acknowledged it by then; mosquitto keeps nothing. Memory is the peak.
"""

QUEUE = """
A run of the bridge takes all messages while there is nobody at its destination's address, another one brings them
there. Memory is the most that is resident; the last column is the rate of each tenth of the draining.
"""


def median(values):
    return statistics.median(values) if values else None


def per_round(top, bottom, key):
    """Median over the rounds of bottom/top: how many times as fast as `bottom` the program `top` is."""
    return median([b[key] / t[key] for t, b in zip(top, bottom) if t[key] > 0])


def number(value, form="{:.2f}"):
    return "-" if value is None else form.format(value)


def ratio(value):
    return number(value, "{:.2f}" if value is not None and value >= 0.1 else "{:.4f}")


def rate(seconds):
    if seconds is None:
        return "-"
    value = 1 / seconds
    return f"{value / 1e6:.2f} M" if value >= 1e6 else f"{value / 1e3:.1f} k"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def paragraph(text):
    return textwrap.fill(" ".join(text.split()), 110, break_long_words=False, break_on_hyphens=False)


def document(command, rounds, size, window, sections):
    introduction = INTRODUCTION.format(command=command, rounds=rounds, size=size, window=window,
                                       machine=machine())
    parts = ["# Benchmarks", paragraph(introduction)]
    for title, text in sections:
        parts += [f"## {title}", text]
    return "\n\n".join(parts) + "\n"


def machine():
    """Cores and processor in general terms."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for entry in file:
            if entry.startswith("model name"):
                model = entry.split(":", 1)[1].strip()
                break
    urgent = os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO)
    scheduling = ", everything at real-time priority because other work shared the machine" if urgent else ""
    return f"{os.cpu_count()} cores, {model}{scheduling}"


def throughput(results, names):
    """results: {(qos, name): [run per round]}; a run has wall and cpu seconds per message."""
    rows = []
    for qos in range(3):
        plain = results.get((qos, "plain"), [])
        for name in names:
            runs = results.get((qos, name))
            if runs is None:
                rows.append([qos, name, "missing", "", "", "", "", ""])
                continue
            rows.append([
                qos, name, rate(median([run["wall"] for run in runs])),
                number(median([run["cpu"] * 1e9 for run in runs]), "{:.0f} ns"),
                ratio(per_round(runs, plain, "wall")), ratio(per_round(runs, plain, "cpu")),
                number(median([run["max_rss_kib"] / 1024 for run in runs]), "{:.1f} MB"),
                f"{sum(run['complete'] for run in runs)} of {len(runs)}, {runs[0]['count']:,} each"])
    return table(["QoS", "program", "messages/s", "CPU/message", "rate : plain", "CPU : plain", "memory",
                  "complete runs"], rows)


class Bars:
    """What is required, and whether this run has shown it."""

    def __init__(self):
        self.rows = []

    def at_least(self, what, value, bar, form="{:.2f}"):
        self._add(what, value, bar, "at least", form, value is not None and value >= bar)

    def at_most(self, what, value, bar, form="{:.2f}"):
        self._add(what, value, bar, "at most", form, value is not None and value <= bar)

    def _add(self, what, value, bar, relation, form, met):
        verdict = "not measured" if value is None else ("met" if met else "**missed**")
        self.rows.append([what, number(value, form), f"{relation} {form.format(bar)}", verdict])

    def table(self):
        return table(["requirement", "measured", "bar", ""], self.rows)
