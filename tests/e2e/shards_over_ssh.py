#!/usr/bin/env python3
"""Four shards of a load on four hosts: network namespaces with an sshd each, started by deploy/bench/parallel.sh.

usage: shards_over_ssh.py MQTT-BENCH SOURCE-FOLDER
Ends with 77 and the reason where this machine can't (no root, no sshd, no GNU parallel, no namespaces)."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HOSTS = 4
CLIENTS, MESSAGES = 40, 50


def cannot(why):
    print("cannot:", why, file=sys.stderr)
    sys.exit(77)


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


class Network:
    """A bridge in a namespace of its own, where the broker is, and a namespace for each host."""

    def __init__(self):
        self.names = []
        self.started = []
        self.prefix = f"mqb{os.getpid()}"
        self.middle = self.add("m")
        run("ip", "-n", self.middle, "link", "set", "lo", "up")
        run("ip", "-n", self.middle, "link", "add", "hub", "type", "bridge")
        run("ip", "-n", self.middle, "addr", "add", "10.77.0.1/24", "dev", "hub")
        run("ip", "-n", self.middle, "link", "set", "hub", "up")
        self.hosts = [self.add_host(i) for i in range(HOSTS)]

    def add(self, name):
        name = f"{self.prefix}{name}"
        try:
            run("ip", "netns", "add", name, stderr=subprocess.PIPE)
        except subprocess.CalledProcessError as error:
            cannot(f"ip netns add: {error.stderr.decode().strip()}")
        self.names.append(name)
        return name

    def add_host(self, i):
        name = self.add(str(i))
        run("ip", "-n", self.middle, "link", "add", f"port{i}", "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "-n", self.middle, "link", "set", f"port{i}", "master", "hub", "up")
        run("ip", "-n", name, "addr", "add", f"10.77.0.{10 + i}/24", "dev", "eth0")
        run("ip", "-n", name, "link", "set", "eth0", "up")
        run("ip", "-n", name, "link", "set", "lo", "up")
        return name

    def start(self, name, *command):
        self.started.append(subprocess.Popen(["ip", "netns", "exec", name, *command], stderr=subprocess.DEVNULL))

    def close(self):
        for process in self.started:
            process.terminate()
        for process in self.started:
            process.wait()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False)


def wait_for(network, address, port):
    probe = f"import socket; socket.create_connection(('{address}', {port}), 1)"
    for _ in range(100):
        done = subprocess.run(["ip", "netns", "exec", network.middle, sys.executable, "-c", probe],
                              stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            return
        time.sleep(0.1)
    sys.exit(f"nobody listens on {address}:{port}")


def start_hosts(network, folder):
    for key in ("host", "user"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    (folder / "authorized").chmod(0o600)
    os.makedirs("/run/sshd", exist_ok=True)
    for i, host in enumerate(network.hosts):
        config = folder / f"sshd{i}"
        config.write_text(
            f"ListenAddress 10.77.0.{10 + i}\nPort 2222\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
            "UsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\nPidFile none\n")
        network.start(host, "/usr/sbin/sshd", "-D", "-e", "-f", str(config))
    for i in range(HOSTS):
        wait_for(network, f"10.77.0.{10 + i}", 2222)


def check(reports, whole):
    def sent(report, what):
        return sum(report["messages"][qos][what] for qos in ("qos0", "qos1", "qos2"))

    assert len(reports) == HOSTS, reports
    for what in ("sent", "acknowledged", "expected", "received", "duplicated", "reordered", "corrupted"):
        assert sent(whole, what) == sum(sent(report, what) for report in reports), what
    assert sent(whole, "sent") == CLIENTS * MESSAGES, sent(whole, "sent")
    assert sent(whole, "received") == CLIENTS * MESSAGES
    assert sent(whole, "lost") == 0
    for name, count in whole["counts"].items():
        assert count == sum(report["counts"][name] for report in reports), name
    buckets = {}
    for report in reports:
        for highest, times in report["latencies"]["e2e"]["corrected"]["buckets"]:
            buckets[highest] = buckets.get(highest, 0) + times
    assert sorted(buckets.items()) == [tuple(b) for b in whole["latencies"]["e2e"]["corrected"]["buckets"]]
    # One machine, one clock: what the shards think of it is no more than the way is long.
    clocks = whole["clocks"]
    assert len(clocks) == HOSTS - 1, clocks
    for clock in clocks:
        assert abs(clock["offset_us"]) <= clock["uncertainty_us"] + 1, clock


def main():
    bench, source = sys.argv[1], pathlib.Path(sys.argv[2])
    if os.geteuid() != 0:
        cannot("not root")
    for program in ("ip", "parallel", "ssh", "ssh-keygen", "mosquitto"):
        if not shutil.which(program):
            cannot(f"no {program}")
    if not os.access("/usr/sbin/sshd", os.X_OK):
        cannot("no sshd")
    network = Network()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "mosquitto.conf").write_text("listener 1883 10.77.0.1\nallow_anonymous true\n")
            network.start(network.middle, "mosquitto", "-c", str(folder / "mosquitto.conf"))
            wait_for(network, "10.77.0.1", 1883)
            start_hosts(network, folder)
            (folder / "hosts").write_text("".join(f"10.77.0.{10 + i}\n" for i in range(HOSTS)))
            environment = dict(
                os.environ, MQTT_BENCH=bench, BENCH_FOLDER=str(folder / "results"), BENCH_DELAY="4",
                PARALLEL_SSH=f"ssh -i {folder}/user -p 2222 -o StrictHostKeyChecking=no "
                             "-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR")
            done = subprocess.run(
                ["ip", "netns", "exec", network.middle, str(source / "deploy/bench/parallel.sh"), str(folder / "hosts"),
                 "pubsub", "-h", "10.77.0.1", "-c", str(CLIENTS), "-n", str(MESSAGES), "--rate", "50", "-q", "1",
                 "--drain", "2", "--no-progress"],
                env=environment, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                sys.exit(f"parallel.sh ended with {done.returncode}: {done.stderr}")
            files = sorted((folder / "results").glob("shard-*.json"))
            reports = [json.loads(file.read_text()) for file in files]
            whole = run(bench, "report", *map(str, files), "--output", "json", capture_output=True, text=True)
            check(reports, json.loads(whole.stdout))
    finally:
        network.close()
    print("the sum of", HOSTS, "shards is the whole")


if __name__ == "__main__":
    main()
