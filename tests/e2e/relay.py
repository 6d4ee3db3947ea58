"""A link that can be made bad: everything between a client and the device goes through it, later, slower, not at all, or
ends in a reset."""
import collections
import select
import socket
import struct
import threading
import time

from device import HOST

CHUNK = 4096


class Direction:
    """Bytes on their way from one end to the other."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.waiting = collections.deque()  # (when it arrives, bytes)
        self.bytes = 0
        self.free_at = 0.0  # when the last of it has gone over the line
        self.ended = False

    def take(self, now, delay_s, bytes_per_s):
        try:
            data = self.source.recv(CHUNK)
        except BlockingIOError:
            return
        if not data:
            self.ended = True
            return
        self.free_at = max(self.free_at, now) + (len(data) / bytes_per_s if bytes_per_s else 0)
        self.waiting.append((self.free_at + delay_s, data))
        self.bytes += len(data)

    def give(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            due, data = self.waiting[0]
            try:
                sent = self.sink.send(data)
            except BlockingIOError:
                return
            self.bytes -= sent
            if sent < len(data):
                self.waiting[0] = (due, data[sent:])
                return
            self.waiting.popleft()


class Relay:
    """Clients connect to `port`. What is set holds from then on, also for connections that are open."""

    HELD_BYTES_MAX = 64 * 1024  # a link holds some, then its senders wait

    def __init__(self, device):
        self.device = device
        self.delay_s = 0.0  # each way
        self.bytes_per_s = 0  # each way and connection; 0: as fast as it goes
        self.stalled = False  # nothing gets through, nobody is told
        self.refuses = False  # new connections are reset
        self.listener = socket.create_server((HOST, 0))
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.pairs, self.lock, self.stopping = [], threading.Lock(), threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __getattr__(self, name):
        """For the rest it is the device."""
        return getattr(self.device, name)

    def reset(self):
        """Both ends of every connection get a TCP reset, whatever is under way."""
        with self.lock:
            for pair in self.pairs:
                self._close(pair, hard=True)
            self.pairs.clear()

    def close(self):
        self.stopping.set()
        self.thread.join()
        self.reset()
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @staticmethod
    def _close(pair, hard=False):
        for way in pair:
            if hard:
                way.source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            way.source.close()

    def _accept(self):
        try:
            near = self.listener.accept()[0]
        except BlockingIOError:
            return
        if self.refuses:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            near.close()
            return
        far = socket.create_connection((HOST, self.device.port))
        for its in (near, far):
            its.setblocking(False)
            its.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pairs.append((Direction(near, far), Direction(far, near)))

    def _serve(self, pair, ready, now):
        """Whether it goes on."""
        try:
            for way in pair:
                if way.source in ready:
                    way.take(now, self.delay_s, self.bytes_per_s)
                if not self.stalled:
                    way.give(now)
        except OSError:
            self._close(pair, hard=True)
            return False
        if any(way.ended and not way.waiting for way in pair):
            self._close(pair)
            return False
        return True

    def _run(self):
        while not self.stopping.is_set():
            with self.lock:
                reading = [way.source for pair in self.pairs for way in pair
                           if not way.ended and way.bytes < self.HELD_BYTES_MAX]
            try:
                ready = select.select([self.listener, *reading], [], [], 0.002)[0]
            except (OSError, ValueError):
                continue  # reset meanwhile
            with self.lock:
                if self.listener in ready:
                    self._accept()
                now = time.monotonic()
                self.pairs = [pair for pair in self.pairs if self._serve(pair, ready, now)]
