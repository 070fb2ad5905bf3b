"""Runs one program against one peer, pinned to cores of their own, and says what it cost and what arrived."""
import contextlib
import json
import os
import select
import socket
import subprocess
import time

TOPIC = "bench/lines"
SIZE = 64
CYCLE = 60000  # bench_source numbers its messages from 0 again after so many (numbers.hpp)


def line(number):
    return (b"%08d" % number).ljust(SIZE, b"x") + b"\n"


def executable(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


class Missing(Exception):
    """A program is not there."""


class Failed(Exception):
    """A run did not do what it should; the text says what."""


class Peer:
    """A program of ours that writes its port, serves one client and writes a report."""

    def __init__(self, command, core):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        if core is not None:
            os.sched_setaffinity(self.process.pid, {core})
        self.port = self.process.stdout.readline().strip()

    def report(self, seconds):
        try:
            text, _ = self.process.communicate(timeout=seconds)
            return json.loads(text)
        except (subprocess.TimeoutExpired, json.JSONDecodeError):
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


class Machine:
    """Paths of the programs, a temporary folder, and which core does what."""

    def __init__(self, build, programs, folder, window, limit):
        self.build = build
        self.programs = programs  # name -> path
        self.folder = folder
        self.window = window
        self.limit = limit
        cores = sorted(os.sched_getaffinity(0))
        self.core, self.peer_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)

    def bench(self, name):
        path = os.path.join(self.build, name)
        if not executable(path):
            raise Missing(path)
        return path

    def has(self, name):
        return name == "plain" or executable(self.programs[name])

    def client(self, name, kind, port, qos=0, window=None, extra=()):
        """The command line of a publisher (kind pub) or subscriber (sub)."""
        options = ["-p", str(port), "-t", TOPIC, "-q", str(qos)]
        if window:
            options += ["-M", str(window)]
        if name == "plain":
            return [self.bench("bench_plain"), kind, *options, *extra]
        if not self.has(name):
            raise Missing(self.programs[name])
        return [self.programs[name], "-h", "127.0.0.1", "-V", "5", *options, *extra]

    def measured(self, command, stdin="/dev/null", stdout="/dev/null"):
        errors = os.path.join(self.folder, "stderr")
        runner = [self.bench("bench_run"), "-t", str(self.limit), "-i", stdin, "-o", stdout, "-e", errors]
        if self.core is not None:
            runner += ["-c", str(self.core)]
        with subprocess.Popen([*runner, "--", *command], stdout=subprocess.PIPE, text=True) as process:
            try:
                result = json.loads(process.communicate()[0])
            except json.JSONDecodeError:
                raise Failed(f"could not run {command[0]}") from None
            finally:
                process.terminate()
        with open(errors, errors="replace", encoding="utf-8") as file:
            result["stderr"] = file.read().strip()
        return result

    def with_peer(self, peer, command, **files):
        """Runs command(port) against a bench_sink or bench_source; their two reports."""
        with Peer([self.bench(peer[0]), *peer[1:]], self.peer_core) as server:
            result = self.measured(command(server.port), **files)
            result["peer"] = server.report(5 if result["status"] == 0 else 1)
        return result

    def publish_lines(self, name, qos, lines, count, stall_ms=0):
        extra = () if name == "plain" else ("-l",)
        result = self.with_peer(
            ("bench_sink", "-q", str(qos), "-w", str(stall_ms)),
            lambda port: self.client(name, "pub", port, qos, self.window, extra), stdin=lines)
        result["arrived"] = arrived(result["peer"], qos)
        result["complete"] = result["status"] == 0 and result["arrived"] == count and ordered(result["peer"])
        return result

    def subscribe(self, name, qos, count, stdout="/dev/null"):
        result = self.with_peer(
            ("bench_source", "-q", str(qos), "-M", str(self.window), "-C", str(count), "-s", str(SIZE)),
            lambda port: self.client(name, "sub", port, qos, self.window, ("-C", str(count))), stdout=stdout)
        result["complete"] = result["status"] == 0 and (result["peer"] or {}).get("sent") == count
        return result

    def decode(self, name, count, extra):
        """A subscriber with further options, on JSON readings at QoS 0."""
        result = self.with_peer(
            ("bench_source", "-q", "0", "-C", str(count), "-J"),
            lambda port: self.client(name, "sub", port, 0, None, (*extra, "-C", str(count))))
        result["complete"] = result["status"] == 0 and (result["peer"] or {}).get("sent") == count
        return result

    def compared(self, name):
        """What a program prints that compares ours with a library: [(what, figure)]."""
        with subprocess.Popen([self.bench(name)], stdout=subprocess.PIPE, text=True) as process:
            lines = [line.rsplit(None, 2) if line.rstrip().endswith("ns") else line.rsplit(None, 1)
                     for line in process.communicate()[0].splitlines()]
        return [(line[0].strip(), " ".join(line[1:])) for line in lines]

    def source_to_sink(self, qos, count):
        """bench_source as client of bench_sink: how fast the sink can be."""
        return self.with_peer(
            ("bench_sink", "-S", "-q", str(qos)),
            lambda port: [self.bench("bench_source"), "-p", port, "-q", str(qos), "-M", str(self.window),
                          "-C", str(count), "-s", str(SIZE)])

    def sink_from_source(self, qos, count):
        """bench_sink as client of bench_source: how fast the source can be."""
        return self.with_peer(
            ("bench_source", "-q", str(qos), "-M", str(self.window), "-C", str(count), "-s", str(SIZE)),
            lambda port: [self.bench("bench_sink"), "-p", port, "-q", str(qos), "-M", str(self.window),
                          "-C", str(count)])


def arrived(report, qos):
    """Different lines that reached the sink; at QoS 2 those whose handshake was completed."""
    if report is None:
        return 0
    return min(report["distinct"], report["handshakes"]) if qos == 2 else report["distinct"]


def ordered(report):
    return report["out_of_order"] == 0 and report["doubles"] == 0 and report["received"] == report["distinct"]


@contextlib.contextmanager
def broker(path, folder, core):
    """A mosquitto of our own on a free loopback port; yields the port."""
    if not executable(path):
        raise Missing(path)
    for _ in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        configuration = os.path.join(folder, "mosquitto.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                       "max_queued_messages 0\nlog_type error\n")
        process = subprocess.Popen([path, "-c", configuration], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if not answers(process, port):
                continue
            if core is not None:
                os.sched_setaffinity(process.pid, {core})
            yield port
            return
        finally:
            process.terminate()
            process.wait()
    raise Failed("the broker did not start")


def answers(process, port):
    deadline = time.monotonic() + 5
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False


def live_latency(publish, subscribe, count):
    """Seconds from writing a line to the publisher until the subscriber has printed it; one at a time."""
    with contextlib.ExitStack() as stack:
        def start(command, **pipes):
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **pipes)
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process

        subscriber = start(subscribe, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        publisher = start(publish, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        into, out = publisher.stdin.fileno(), subscriber.stdout.fileno()
        poller = select.poll()
        poller.register(out, select.POLLIN)

        def round_trip(number, seconds):
            wanted = line(number)
            text = b""
            start_time = time.perf_counter()
            os.write(into, wanted)
            while wanted not in text:
                left = start_time + seconds - time.perf_counter()
                if left <= 0 or not poller.poll(left * 1000):
                    return None
                got = os.read(out, 65536)
                if not got:
                    raise Failed("the subscriber ended")
                text += got
            return time.perf_counter() - start_time

        for attempt in range(50):  # until both are connected
            if round_trip(attempt, 0.2) is not None:
                break
        else:
            raise Failed("no line arrived")
        times = []
        for number in range(1000, 1000 + count):
            taken = round_trip(number, 2)
            if taken is None:
                raise Failed("a line did not arrive")
            times.append(taken)
            time.sleep(0.0005)
        return times
