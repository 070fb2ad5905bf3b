"""Programs that run as long as the soak, and what they take: resident memory and descriptors, sampled from /proc."""
import os
import subprocess

# The last quarter against the second: what is warmed up by then must not grow any more.
MEMORY_SHARE, MEMORY_KIB = 1.03, 256
# The address sanitizer's allocator takes fresh pages until each size has had its share: a subscriber that comes back takes
# 8 MiB more in the course of some 250 times, and from then on, seen for 4,000, nothing.
SANITIZED_KIB = 2048
SAMPLE = 5  # seconds between samples

# What a publisher rightly says at its end: QoS 0 does not outlive a connection.
QOS0_LOST = " at QoS 0 had not left when a connection was lost"


class Program:
    """`ends`: the exit codes that are right. `grows`: KiB a second that it may take more by its design; `spare`: KiB that it may
    take more once."""

    def __init__(self, name, what, command, folder, ends=(0,), grows=0, spare=MEMORY_KIB, stdin=subprocess.DEVNULL):
        self.name, self.what, self.ends, self.grows, self.spare = name, what, ends, grows, spare
        stem = os.path.join(folder, what.replace(" ", "-").replace("/", "-"))
        self.out, self.err = f"{stem}.out", f"{stem}.err"
        self.samples = []  # (KiB, descriptors)
        self.code = None
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=err)

    def running(self):
        return self.process.poll() is None

    def sample(self):
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
                resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
            self.samples.append((resident, len(os.listdir(f"/proc/{self.process.pid}/fd"))))
        except (OSError, StopIteration):
            pass  # it has ended: its exit code tells

    def write(self, line):
        """A line on its standard input; nothing is waited for."""
        self.process.stdin.write(line)

    def flush(self):
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()

    def end(self, signal=None):
        if signal is not None and self.running():
            self.process.send_signal(signal)
        try:
            self.code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.code = "none, killed"

    def text(self, path):
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def quarter(self, number):
        """The most that it had in that quarter (1 to 4): KiB, descriptors."""
        size = len(self.samples)
        part = self.samples[size * (number - 1) // 4:size * number // 4]
        return max(each[0] for each in part), max(each[1] for each in part)

    def faults(self):
        """What is wrong with it, once it has ended."""
        if self.code not in self.ends:
            yield f"exit code {self.code}"
        for line in self.text(self.err).splitlines():
            if ("error: " in line or "Sanitizer" in line) and QOS0_LOST not in line:
                yield f"said: {line[:160]}"
                break
        if len(self.samples) < 8:
            yield "too few samples"
            return
        (memory, descriptors), (later, more) = self.quarter(2), self.quarter(4)
        meanwhile = self.grows * SAMPLE * len(self.samples) / 2
        if later > memory * MEMORY_SHARE + self.spare + meanwhile:
            yield f"memory grew from {memory} to {later} KiB"
        if more > descriptors:
            yield f"descriptors grew from {descriptors} to {more}"
