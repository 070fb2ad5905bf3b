"""Two mosquittos with five ways in each (TCP, TLS, WebSocket, WSS, Unix socket), every one of them behind a relay that
can be cut."""
import asyncio
import os
import socket
import struct
import subprocess
import threading
import time

TRANSPORTS = ("tcp", "tls", "ws", "wss", "unix")
BACK = 60  # seconds after which a client that was cut off must be there again


class Failed(Exception):
    """Something that a soak can't go on without."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Relays:
    """An event loop in a thread of its own that carries bytes; nothing is kept."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.writers = {}  # broker: its open connections, both ends of each

    def open(self, broker, way, target):
        """Where clients connect for this target, a port or a path."""
        own = f"{target}.relay" if isinstance(target, str) else free_port()
        asyncio.run_coroutine_threadsafe(self._listen(broker, own, target), self.loop).result(10)
        return own

    async def _listen(self, broker, own, target):
        def serve(reader, writer):
            return self._serve(broker, target, reader, writer)
        if isinstance(own, str):
            await asyncio.start_unix_server(serve, own)
        else:
            await asyncio.start_server(serve, "127.0.0.1", own)

    async def _serve(self, broker, target, reader, writer):
        try:
            other = await (asyncio.open_unix_connection(target) if isinstance(target, str)
                           else asyncio.open_connection("127.0.0.1", target))
        except OSError:
            writer.close()
            return
        ends = self.writers.setdefault(broker, set())
        both = {writer, other[1]}
        ends |= both
        await asyncio.gather(self._carry(reader, other[1]), self._carry(other[0], writer))
        ends -= both
        for end in both:
            end.close()

    @staticmethod
    async def _carry(reader, writer):
        try:
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
        except OSError:
            writer.transport.abort()

    def cut(self, broker):
        """Resets all connections to that broker."""
        def all_of_them():
            for writer in list(self.writers.get(broker, ())):
                end = writer.get_extra_info("socket")
                if end.family != socket.AF_UNIX:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
        self.loop.call_soon_threadsafe(all_of_them)


class Broker:
    def __init__(self, name, folder, certificates, relays):
        self.name, self.relays = name, relays
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.log_path = os.path.join(self.folder, "log")
        self.clients = set()  # identifiers that must be there again after each trouble
        targets = {way: free_port() for way in TRANSPORTS[:-1]}
        targets["unix"] = os.path.join(self.folder, "socket")
        tls = f"certfile {certificates}/server.pem\nkeyfile {certificates}/leaf.key\n"
        lines = ("per_listener_settings false\nallow_anonymous true\npersistence true\nmax_queued_messages 0\n"
                 f"persistence_location {self.folder}/\nlog_type error\nlog_type warning\nlog_type notice\n")
        if os.geteuid() == 0:
            lines += "user root\n"  # the folder is ours alone
        for way, target in targets.items():
            lines += f"listener 0 {target}\n" if way == "unix" else f"listener {target} 127.0.0.1\n"
            lines += "protocol websockets\n" if way.startswith("ws") else ""
            lines += tls if way in ("tls", "wss") else ""
        self.conf = os.path.join(self.folder, "conf")
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(lines)
        self.ways = {way: relays.open(name, way, target) for way, target in targets.items()}
        self.certificates = certificates
        self.ready = targets["tcp"]
        self.process = None
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", self.conf], stderr=log)
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.ready)).close()
                return
            except OSError:
                time.sleep(0.02)
        raise Failed(f"mosquitto {self.name} does not start, see {self.log_path}")

    def stop(self):
        """SIGTERM, so that it keeps what it has."""
        self.process.terminate()
        self.process.wait(30)

    def log(self, begin=0):
        with open(self.log_path, "rb") as file:
            file.seek(begin)
            return file.read().decode("utf-8", "replace")

    def log_size(self):
        return os.path.getsize(self.log_path)

    def await_clients(self, begin):
        """Until all clients have connected in what the log has got since it had `begin` bytes."""
        until = time.monotonic() + BACK
        while time.monotonic() < until:
            text = self.log(begin)
            away = sorted(each for each in self.clients if f" as {each} " not in text)
            if not away:
                return
            time.sleep(0.1)
        raise Failed(f"not back at mosquitto {self.name} after {BACK} s: {', '.join(away)}")

    def arguments(self, way):
        """What our programs are given to come in that way."""
        target = self.ways[way]
        if way == "unix":
            return ["--unix", target]
        tls = ["--cafile", f"{self.certificates}/root.pem"] if way in ("tls", "wss") else []
        scheme = {"tcp": "mqtt", "tls": "mqtts", "ws": "ws", "wss": "wss"}[way]
        return ["-L", f"{scheme}://127.0.0.1:{target}", *tls]
