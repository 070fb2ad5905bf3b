#!/usr/bin/env python3
"""Four shards of a load as an array of jobs of a Slurm of one machine, started by deploy/bench/slurm.sh.

usage: shards_by_slurm.py MQTT-BENCH SOURCE-FOLDER
Ends with 77 and the reason where this machine can't (no root, no Slurm, no munge)."""

import datetime
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SHARDS = 4
CLIENTS, MESSAGES = 40, 50


def cannot(why):
    print("cannot:", why, file=sys.stderr)
    sys.exit(77)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """munged, slurmctld and slurmd on loopback, all that they keep below one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []
        for name in ("munge", "state", "spool"):
            (folder / name).mkdir(mode=0o755)
        key = folder / "munge/key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        (folder / "slurm.conf").write_text(f"""ClusterName=one
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName=localhost NodeAddr=127.0.0.1 CPUs={SHARDS}
PartitionName=all Nodes=ALL Default=YES MaxTime=10 State=UP
""")
        self.environment = dict(os.environ, SLURM_CONF=str(folder / "slurm.conf"))
        munge = folder / "munge"
        self.start("/usr/sbin/munged", "-F", "--force", f"--key-file={key}", f"--socket={munge}/socket",
                   f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed")
        self.start("/usr/sbin/slurmctld", "-D", "-f", str(folder / "slurm.conf"))
        self.start("/usr/sbin/slurmd", "-D", "-N", "localhost", "-f", str(folder / "slurm.conf"))

    def start(self, *command):
        self.started.append(
            subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def ask(self, *command):
        done = subprocess.run(command, env=self.environment, cwd=self.folder, capture_output=True, text=True,
                              check=False, timeout=30)
        return done.stdout.strip() if done.returncode == 0 else ""

    def await_idle(self):
        for _ in range(200):
            if self.ask("sinfo", "-h", "-o", "%T") == "idle":
                return
            time.sleep(0.1)
        sys.exit(f"Slurm's node never became idle: {(self.folder / 'slurmctld.log').read_text()[-2000:]}")

    def close(self):
        for process in reversed(self.started):
            process.terminate()
            process.wait()


def start_broker(folder, port):
    (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    broker = subprocess.Popen(["mosquitto", "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return broker
        except OSError:
            time.sleep(0.1)
    sys.exit("mosquitto does not listen")


def run_array(cluster, source, bench, port):
    """The job's number, when its tasks have ended."""
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
    cluster.environment |= {"MQTT_BENCH": bench, "BENCH_START": start.strftime("%Y-%m-%dT%H:%M:%SZ")}
    job = cluster.ask("sbatch", "--parsable", "--chdir", str(cluster.folder), str(source / "deploy/bench/slurm.sh"),
                      "pubsub", "-p", str(port), "-c", str(CLIENTS), "-n", str(MESSAGES), "--rate", "50", "-q", "1",
                      "--drain", "2", "--no-progress")
    if not job:
        sys.exit("sbatch took nothing")
    for _ in range(600):
        if not cluster.ask("squeue", "-h", "-j", job):
            return job
        time.sleep(0.1)
    sys.exit(f"the jobs did not end: {cluster.ask('squeue')}")


def check(reports, whole):
    def sum_of(report, what):
        return sum(report["messages"][qos][what] for qos in ("qos0", "qos1", "qos2"))

    for what in ("sent", "acknowledged", "expected", "received"):
        assert sum_of(whole, what) == sum(sum_of(report, what) for report in reports), what
    assert sum_of(whole, "sent") == CLIENTS * MESSAGES, sum_of(whole, "sent")
    assert sum_of(whole, "received") == CLIENTS * MESSAGES
    assert sum_of(whole, "lost") == 0


def main():
    bench, source = sys.argv[1], pathlib.Path(sys.argv[2])
    if os.geteuid() != 0:
        cannot("not root")
    for program in ("/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "sbatch", "mosquitto"):
        if not shutil.which(program):
            cannot(f"no {program}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        port = free_port()
        broker = start_broker(folder, port)
        cluster = Cluster(folder)
        try:
            cluster.await_idle()
            job = run_array(cluster, source, bench, port)
            files = sorted(folder.glob(f"shard-{job}-*.json"))
            logs = "".join(log.read_text() for log in folder.glob(f"mqtt-bench-{job}_*.log"))
            if len(files) != SHARDS:
                sys.exit(f"{len(files)} reports of {SHARDS}: {logs}")
            whole = subprocess.run([bench, "report", *map(str, files), "--output", "json"], check=True,
                                   capture_output=True, text=True)
            check([json.loads(file.read_text()) for file in files], json.loads(whole.stdout))
        finally:
            cluster.close()
            broker.terminate()
            broker.wait()
    print("the sum of", SHARDS, "jobs is the whole")


if __name__ == "__main__":
    main()
